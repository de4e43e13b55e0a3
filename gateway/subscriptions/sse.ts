import type { ServerResponse } from 'node:http';

import type { ExecutionResult } from 'graphql';

import { writeStream, type StreamOptions } from './http-stream';

type Stream = AsyncIterableIterator<ExecutionResult>;

/**
 * GraphQL over SSE, "distinct connections": an event `next` for each result, then `complete`. Comments keep the line alive, so
 * that proxies don't end it and a client that has gone is noticed.
 */
export function sendEvents(response: ServerResponse, result: Stream | ExecutionResult, options?: StreamOptions): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  });
  return writeStream(response, result, {
    ...options,
    opening: ':\n\n',
    event: (event) => `event: next\ndata: ${JSON.stringify(event)}\n\n`,
    heartbeat: ':\n\n',
    closing: 'event: complete\ndata: \n\n',
  });
}
