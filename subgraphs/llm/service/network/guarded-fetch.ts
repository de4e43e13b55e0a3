import { lookup as systemLookup } from 'node:dns';
import { lookup as resolve } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

import { Agent, type Dispatcher } from 'undici';

import { isPrivateAddress, literalAddress } from './addresses';
import { leanRequest, toResponse, type Reply } from './lean-fetch';

/** The target is not one that this deployment lets a tenant reach. Carries no address: the message may be shown. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** Requests without redirects, whose answers are cut at `maxResponseBytes`. */
export interface ProviderClient {
  /** For the AI SDK. */
  readonly fetch: typeof fetch;
  /** The same request with less around its answer: half of what a call through the router costs in CPU time is what `fetch` promises. */
  send(url: string | URL, init: RequestInit): Promise<Reply>;
}

export interface GuardedFetch {
  /** Reaches public addresses only, unless the deployment allows others. */
  readonly public: ProviderClient;
  /** Without the address check, for targets that the operator chose. */
  readonly trusted: ProviderClient;
  /** Rejects with AddressRefused where the host is, or resolves to, a private address. A name that does not resolve passes: it is checked again at each connection. */
  check(url: string): Promise<void>;
  close(): Promise<void>;
}

export interface GuardedFetchOptions {
  /** True: tenants may point providers at private and loopback addresses. @default false */
  readonly allowPrivate?: boolean;
  /** @default 33_554_432 */
  readonly maxResponseBytes?: number;
}

const refused = (): AddressRefused => new AddressRefused('the address is private or reserved, and this deployment allows public ones only');

// The address that was judged is the address that is connected to: a second look-up (DNS rebinding) never happens.
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    if (addresses.length === 0 || addresses.some(({ address }) => isPrivateAddress(address))) return callback(refused(), '', 0);
    if (options.all) return callback(null, addresses as never, 0);
    return callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

export function createGuardedFetch({ allowPrivate = false, maxResponseBytes = 33_554_432 }: GuardedFetchOptions = {}): GuardedFetch {
  // First-token, idle and total time are the router's own timers, which know what the caller waits for.
  const shared = { headersTimeout: 0, bodyTimeout: 0, maxResponseSize: maxResponseBytes, keepAliveTimeout: 30_000 };
  const trustedAgent = new Agent({ ...shared, connect: { timeout: 10_000 } });
  const publicAgent = allowPrivate ? trustedAgent : new Agent({ ...shared, connect: { timeout: 10_000, lookup: guardedLookup } });

  const through = (dispatcher: Dispatcher, guarded: boolean): ProviderClient => {
    const send = async (input: string | URL, init: RequestInit = {}): Promise<Reply> => {
      const url = new URL(input);
      if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new AddressRefused('only http and https addresses can be called');
      const literal = literalAddress(url);
      if (guarded && literal !== null && isPrivateAddress(literal)) throw refused();
      const reply = await leanRequest({ url, init, dispatcher });
      // A redirect would carry the key and the prompt to a host that nobody configured.
      if (reply.status >= 300 && reply.status < 400) {
        reply.body.cancel();
        throw new AddressRefused('the provider redirects elsewhere, which is not followed');
      }
      return reply;
    };
    return { send, fetch: (async (input: string | URL, init: RequestInit) => toResponse(await send(input, init))) as typeof fetch };
  };

  return {
    public: through(publicAgent, !allowPrivate),
    trusted: through(trustedAgent, false),
    async check(text) {
      if (allowPrivate) return;
      const url = new URL(text);
      const literal = literalAddress(url);
      if (literal !== null) {
        if (isPrivateAddress(literal)) throw refused();
        return;
      }
      const addresses = await resolve(url.hostname, { all: true }).catch(() => []);
      if (addresses.some(({ address }) => isPrivateAddress(address))) throw refused();
    },
    async close() {
      await Promise.all([...new Set([trustedAgent, publicAgent])].map((agent) => agent.destroy()));
    },
  };
}
