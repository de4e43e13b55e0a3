import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

import ipaddr from 'ipaddr.js';
import { Agent, fetch, type Dispatcher } from 'undici';

import { errors } from '#platform/errors';

const isPublic = (address: string): boolean => ipaddr.process(address).range() === 'unicast';

const privateTarget = (): Error => errors.INVALID_REQUEST({ what: 'url', hint: 'only public addresses may be called' }, { field: 'url' });

/** Checked where the connection is made: a name that is public when looked at and private when called (DNS rebinding) is refused too. */
const publicLookup: LookupFunction = (hostname, options, callback) =>
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    if (addresses.some(({ address }) => !isPublic(address))) return callback(privateTarget(), '', 0);
    return options.all ? callback(null, addresses as never) : callback(null, addresses[0]!.address, addresses[0]!.family);
  });

export const dispatcherFor = (allowPrivateHosts: boolean): Dispatcher =>
  new Agent({ connect: allowPrivateHosts ? {} : { lookup: publicLookup } });

/** An address that is written as numbers is connected to without a look-up, and so is checked here. */
export function requirePublic(url: string | URL): void {
  const literal = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) && !isPublic(literal)) throw privateTarget();
}

/** For clients that bring their own requests: public addresses only, and no redirects, which could lead elsewhere. */
export function guardedFetch(
  dispatcher: Dispatcher,
  { allowPrivateHosts }: { readonly allowPrivateHosts: boolean },
): typeof globalThis.fetch {
  return (async (url: string | URL, init: Record<string, unknown> = {}) => {
    if (!allowPrivateHosts) requirePublic(url);
    return fetch(url, { ...init, dispatcher, redirect: 'error' });
  }) as unknown as typeof globalThis.fetch;
}
