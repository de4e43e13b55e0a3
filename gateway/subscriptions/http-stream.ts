import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import type { ExecutionResult } from 'graphql';

import { boundedStream, type StreamBounds } from './bounded-stream';

type Stream = AsyncIterableIterator<ExecutionResult>;

/** When a stream has to end although its source goes on: the caller's token ends, or its tenant is suspended. */
export interface StreamEnd {
  readonly atMs?: number;
  readonly signal: AbortSignal;
  /** The last thing that the client is told. */
  last(): ExecutionResult;
}

export interface StreamOptions {
  readonly bounds?: StreamBounds;
  readonly end?: StreamEnd;
}

export interface StreamFormat extends StreamOptions {
  readonly opening: string;
  readonly heartbeat: string;
  readonly closing: string;
  event(result: ExecutionResult): string;
}

const heartbeatMs = 12_000;
/** A reader that takes nothing for this long holds a socket for nobody. */
const stalledMs = 60_000;
/** The longest that a timer of Node can wait. */
const maxTimerMs = 2_147_000_000;

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
  let isOver = false;
  const stopWatching = watch(format.end, () => {
    isOver = true;
    leave();
  });
  try {
    for await (const event of stream) {
      if (response.write(format.event(event))) continue;
      await drained(response);
    }
    if (!response.destroyed) response.end((isOver && format.end ? format.event(format.end.last()) : '') + format.closing);
  } catch {
    // Too slow, or the source failed: ending without the closing mark tells the client that it has not seen everything.
    response.destroy();
  } finally {
    clearInterval(heartbeat);
    stopWatching();
    response.off('close', leave);
    await stream.return!();
  }
}

/** Calls back when the stream has to end; gives what stops waiting for that. */
function watch(end: StreamEnd | undefined, onEnd: () => void): () => void {
  if (!end) return () => undefined;
  const { atMs = Infinity, signal } = end;
  signal.addEventListener('abort', onEnd, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    const left = atMs - Date.now();
    if (left <= 0 || signal.aborted) onEnd();
    else timer = setTimeout(wait, Math.min(left, maxTimerMs));
  };
  wait();
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onEnd);
  };
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
