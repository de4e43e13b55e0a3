import { createHash } from 'node:crypto';

import { GraphQLError, type ExecutionResult } from 'graphql';

import { errors } from '#platform/errors';

import { BoundedCache } from '../engine/operation/operation-cache';
import type { GraphqlParams } from '../graphql-http-request';

export interface PersistedOperations {
  /** The text to run; throws where it is unknown or not allowed. */
  resolve(params: GraphqlParams): Promise<string> | string;
}

export interface PersistedOperationsOptions {
  /** Operations that are known from the start, as text. */
  readonly known?: readonly string[];
  /** Only known operations run, whether named by hash or sent as text. @default false */
  readonly onlyKnown?: boolean;
  /** Operations that clients have registered and that are kept. @default 10_000 */
  readonly maxRegistered?: number;
}

/** Part of the protocol and no failure: the client answers it by sending the text. */
export class PersistedQueryNotFound extends Error {
  override readonly name = 'PersistedQueryNotFound';
}

/** The protocol's own codes, since clients act on them: by sending the text, this once or always. */
export const persistedQueryNotFound = (requestId: string): ExecutionResult => ({
  errors: [new GraphQLError('PersistedQueryNotFound', { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', retryable: true, requestId } })],
});

export const persistedQueryNotSupported = (requestId: string): ExecutionResult => ({
  errors: [
    new GraphQLError('PersistedQueryNotSupported', { extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', retryable: true, requestId } }),
  ],
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Automatic persisted queries (Apollo's protocol, version 1), and the mode in which nothing else runs. */
export function persistedOperations({
  known = [],
  onlyKnown = false,
  maxRegistered = 10_000,
}: PersistedOperationsOptions = {}): PersistedOperations {
  const trusted = new Map(known.map((text) => [sha256(text), text]));
  const registered = new BoundedCache<string>({ maxEntries: maxRegistered });
  const notAllowed = (): Error => errors.INVALID_REQUEST({ what: 'operation', hint: 'only operations of the published list may run' });

  const byHash = (hash: string, query: string | undefined): string => {
    const found = trusted.get(hash) ?? registered.get(hash);
    if (query === undefined) {
      if (found !== undefined) return found;
      if (onlyKnown) throw notAllowed();
      throw new PersistedQueryNotFound();
    }
    // A wrong pair would let one client change what another one's hash means.
    if (sha256(query) !== hash) throw errors.INVALID_REQUEST({ what: 'sha256Hash', hint: 'it is not the hash of the query sent with it' });
    if (onlyKnown && !trusted.has(hash)) throw notAllowed();
    if (!trusted.has(hash)) registered.set(hash, query, query.length * 2);
    return query;
  };

  return {
    resolve({ query, extensions }) {
      const persisted = extensions?.persistedQuery;
      if (typeof persisted !== 'object' || persisted === null) {
        if (onlyKnown && !trusted.has(sha256(query ?? ''))) throw notAllowed();
        return query ?? '';
      }
      const { version, sha256Hash } = persisted as { version?: unknown; sha256Hash?: unknown };
      if (version !== 1 || typeof sha256Hash !== 'string')
        throw errors.INVALID_REQUEST({ what: 'persistedQuery', hint: 'send version 1 and a sha256Hash' });
      return byHash(sha256Hash, query);
    },
  };
}
