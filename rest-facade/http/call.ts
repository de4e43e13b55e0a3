import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Caller } from '#platform/auth';

import type { Answer, streamed } from './answer';

/** One authenticated request on its way to an endpoint. */
export interface Call {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly requestId: string;
  readonly traceparent?: string;
  readonly startedAt: number;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Headers that every answer carries; a stream writes them itself. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Something with an address. Graph routes, uploads and event streams are all endpoints. */
export interface Endpoint {
  readonly method: string;
  /** The whole path, with `:name` parameters. */
  readonly path: string;
  /** For logs and metrics: from a fixed list, never from the request. */
  readonly operation: string;
  /** Headers of every answer of this address, failures included. */
  headers?(params: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  handle(call: Call): Promise<Answer | typeof streamed>;
}
