import type { ServerResponse } from 'node:http';

import type { ExecutionResult } from 'graphql';

import { writeStream, type StreamOptions } from './http-stream';

type Stream = AsyncIterableIterator<ExecutionResult>;

const part = (body: object): string => `\r\n--graphql\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}\r\n`;

/** Apollo's multipart subscriptions over HTTP (subscriptionSpec 1.0): each result in a part's `payload`, `{}` as heartbeat. */
export function sendMultipart(response: ServerResponse, result: Stream | ExecutionResult, options?: StreamOptions): Promise<void> {
  response.writeHead(200, {
    'content-type': 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  return writeStream(response, result, {
    ...options,
    opening: '',
    event: (payload) => part({ payload }),
    heartbeat: part({}),
    closing: '\r\n--graphql--\r\n',
  });
}
