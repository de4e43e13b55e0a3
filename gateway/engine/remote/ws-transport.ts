import type { ExecutionResult } from 'graphql';
import { createClient, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';

import { markReplayed } from '#platform/events';

import { end, EventQueue } from '../execution/event-queue';

import { TransportFailure } from './transport-failure';

export interface WsTransport {
  subscribe(payload: SubscribePayload): AsyncIterableIterator<ExecutionResult>;
  close(): Promise<void>;
}

export interface WsTransportOptions {
  /** The largest event that is taken. @default 67_108_864 */
  readonly maxResponseBytes?: number;
  /** Time for a socket to open and to be acknowledged. @default 5_000 */
  readonly connectTimeoutMs?: number;
}

/** One socket to a subgraph for all subscriptions, opened by the first; each carries its own caller. */
export function wsTransport(
  url: string,
  { maxResponseBytes = 67_108_864, connectTimeoutMs = 5_000 }: WsTransportOptions = {},
): WsTransport {
  class BoundedSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols, { maxPayload: maxResponseBytes, handshakeTimeout: connectTimeoutMs, perMessageDeflate: false });
    }
  }
  const client = createClient({
    url,
    webSocketImpl: BoundedSocket,
    connectionAckWaitTimeout: connectTimeoutMs,
    lazy: true,
    lazyCloseTimeout: 1_000,
    // A lost stream is told to the client, who knows where it was; a silent second one could skip events.
    retryAttempts: 0,
    keepAlive: 10_000,
    onNonLazyError: () => undefined,
  });
  return {
    subscribe(payload) {
      const queue = new EventQueue();
      const leave = client.subscribe<Record<string, unknown>, { readonly replayed?: unknown }>(payload, {
        next: (result) => {
          const event = result as ExecutionResult;
          if (!queue.push(result.extensions?.replayed === true ? markReplayed(event) : event)) leave();
        },
        error: (thrown) => queue.finish(lost(thrown)),
        complete: () => queue.finish(),
      });
      const stream: AsyncIterableIterator<ExecutionResult> = {
        next: () => queue.next(),
        async return() {
          leave();
          queue.finish();
          return end;
        },
        async throw(thrown) {
          await stream.return!();
          throw thrown;
        },
        [Symbol.asyncIterator]: () => stream,
      };
      return stream;
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
