import type DataLoader from 'dataloader';

import type { Caller } from '#platform/auth';

/** What every resolver receives; made once per request (or per subscription event batch) at the edge. */
export interface RequestContext {
  readonly caller: Caller;
  readonly requestId: string;
  /** Aborts when the client goes away or the deadline passes. Handed to everything that waits. */
  readonly signal: AbortSignal;
  /** W3C trace context of the incoming request, passed on as it is. */
  readonly traceparent?: string;
  /** One loader per request and name, so that lists of entities cost one query. */
  loader<Key, Value>(name: string, make: () => DataLoader<Key, Value>): DataLoader<Key, Value>;
}

export interface RequestContextInit {
  readonly caller: Caller;
  readonly requestId: string;
  readonly signal?: AbortSignal;
  readonly traceparent?: string;
}

export function createRequestContext({ caller, requestId, signal, traceparent }: RequestContextInit): RequestContext {
  const loaders = new Map<string, unknown>();
  return {
    caller,
    requestId,
    signal: signal ?? new AbortController().signal,
    traceparent,
    loader<Key, Value>(name: string, make: () => DataLoader<Key, Value>): DataLoader<Key, Value> {
      const known = loaders.get(name) as DataLoader<Key, Value> | undefined;
      if (known) return known;
      const made = make();
      loaders.set(name, made);
      return made;
    },
  };
}
