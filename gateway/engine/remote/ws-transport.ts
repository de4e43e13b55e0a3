import type { ExecutionResult } from 'graphql';
import { createClient, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';

import { TransportFailure } from './transport-failure';

export interface WsTransport {
  subscribe(payload: SubscribePayload): AsyncIterableIterator<ExecutionResult>;
  close(): Promise<void>;
}

/** One socket to a subgraph for all subscriptions, opened by the first; each carries its own caller. */
export function wsTransport(url: string): WsTransport {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    lazy: true,
    lazyCloseTimeout: 1_000,
    // A lost stream is told to the client, who knows where it was; a silent second one could skip events.
    retryAttempts: 0,
    keepAlive: 10_000,
    onNonLazyError: () => undefined,
  });
  return {
    subscribe(payload) {
      const events = client.iterate(payload) as AsyncIterableIterator<ExecutionResult>;
      return {
        next: () => events.next().catch((thrown: unknown) => Promise.reject(lost(thrown))),
        return: () => events.return!(),
        throw: (thrown) => events.throw!(thrown),
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    close: async () => {
      await client.dispose();
    },
  };
}

/** An array is the subgraph's own refusal; the rest is a socket that closed. */
function lost(thrown: unknown): Error {
  const why = Array.isArray(thrown)
    ? JSON.stringify(thrown).slice(0, 500)
    : String((thrown as { reason?: unknown } | null)?.reason ?? thrown);
  return new TransportFailure(`subscription lost: ${why}`, true);
}
