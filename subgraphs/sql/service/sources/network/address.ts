import { lookup } from 'node:dns/promises';

import ipaddr from 'ipaddr.js';

import { errors } from '#platform/errors';

export interface ReachOptions {
  /** Loopback, private, link-local and metadata addresses may be reached. @default false */
  readonly allowPrivateHosts?: boolean;
}

/** True for an address of the public internet; IPv4 written inside IPv6 is looked at as what it is. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}

/**
 * Resolves a host to the one address that is then connected to. Resolving again at connection time could give another address
 * (DNS rebinding), so that callers must use what this returns.
 */
export async function resolveAddress(host: string, { allowPrivateHosts = false }: ReachOptions): Promise<string> {
  const name = host.replace(/^\[|\]$/g, '');
  const found = await lookup(name, { all: true }).catch(() => []);
  if (found.length === 0)
    throw errors.INVALID_REQUEST({ what: 'host', hint: 'its name could not be resolved' }, { field: 'connection.host' });
  if (allowPrivateHosts) return found[0]!.address;
  // All of them: a name with one public and one private address is refused.
  if (!found.every(({ address }) => isPublicAddress(address))) {
    throw errors.INVALID_REQUEST(
      { what: 'host', hint: 'private and loopback addresses are not allowed in this deployment' },
      { field: 'connection.host' },
    );
  }
  return found[0]!.address;
}
