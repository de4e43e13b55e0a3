import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import type { ExecutionResult } from 'graphql';

import { boundedStream, type StreamBounds } from './bounded-stream';

type Stream = AsyncIterableIterator<ExecutionResult>;

export interface StreamFormat {
  readonly bounds?: StreamBounds;
  readonly opening: string;
  readonly heartbeat: string;
  readonly closing: string;
  event(result: ExecutionResult): string;
}

const heartbeatMs = 12_000;
/** A reader that takes nothing for this long holds a socket for nobody. */
const stalledMs = 60_000;

const isStream = (result: Stream | ExecutionResult): result is Stream => Symbol.asyncIterator in result;

/** Writes a stream of results as an HTTP body, waiting for the reader; ends the source when either side has finished. */
export async function writeStream(response: ServerResponse, result: Stream | ExecutionResult, format: StreamFormat): Promise<void> {
  response.write(format.opening);
  if (!isStream(result)) return void response.end(format.event(result) + format.closing);
  const stream = boundedStream(result, format.bounds);
  const leave = (): void => void stream.return!();
  response.once('close', leave);
  const heartbeat = setInterval(() => response.writableNeedDrain || response.write(format.heartbeat), heartbeatMs);
  response.setTimeout(0);
  try {
    for await (const event of stream) {
      if (response.write(format.event(event))) continue;
      await drained(response);
    }
    if (!response.destroyed) response.end(format.closing);
  } catch {
    // Too slow, or the source failed: ending without the closing mark tells the client that it has not seen everything.
    response.destroy();
  } finally {
    clearInterval(heartbeat);
    response.off('close', leave);
    await stream.return!();
  }
}

async function drained(response: ServerResponse): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => response.destroy(), stalledMs);
  const { signal } = stop;
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
