import type { ExecutionResult } from 'graphql';

import { isReplayed } from '#platform/events';

export interface StreamBounds {
  /** Events held for a reader that does not read. @default 1_000 */
  readonly maxQueued?: number;
  /** Bytes of JSON held for such a reader. @default 4_194_304 */
  readonly maxQueuedBytes?: number;
}

/** The reader was slower than its events for too long. */
export class SlowReader extends Error {
  override readonly name = 'SlowReader';
}

type Source = AsyncIterator<ExecutionResult>;

/**
 * Reads a source as fast as it gives and holds what the reader has not taken, up to a bound: past it the source is let go and the
 * reader gets `SlowReader`. Reading only on demand would leave the bound to each source, and the socket's own buffer says nothing
 * (a paused reader leaves some 16 kB in it, whatever waits upstream). What is replayed lies in a log: it is read no faster than it is taken,
 * so that the length of the past closes no reader.
 */
export function boundedStream(
  source: Source,
  { maxQueued = 1_000, maxQueuedBytes = 4_194_304 }: StreamBounds = {},
): AsyncIterableIterator<ExecutionResult> {
  const queue: { readonly value: ExecutionResult; readonly bytes: number }[] = [];
  let queuedBytes = 0;
  let waiting: { resolve(step: IteratorResult<ExecutionResult>): void; reject(reason: unknown): void } | undefined;
  let ended: { readonly failure?: unknown } | undefined;
  let onTaken: (() => void) | undefined;

  const settle = (): void => {
    if (!waiting || !ended) return;
    const { resolve, reject } = waiting;
    waiting = undefined;
    if (ended.failure === undefined) resolve({ done: true, value: undefined });
    else reject(ended.failure);
  };
  const end = (failure?: unknown): void => {
    ended ??= failure === undefined ? {} : { failure };
    onTaken?.();
    settle();
  };
  const push = (value: ExecutionResult): void => {
    if (waiting) {
      const { resolve } = waiting;
      waiting = undefined;
      return resolve({ done: false, value });
    }
    const bytes = sizeOf(value);
    queue.push({ value, bytes });
    queuedBytes += bytes;
    if (queue.length <= maxQueued && queuedBytes <= maxQueuedBytes) return;
    queue.length = 0;
    end(new SlowReader(`more than ${maxQueued} events or ${maxQueuedBytes} bytes were waiting for the reader`));
    void letGo();
  };
  const letGo = async (): Promise<void> => {
    await source.return?.();
  };
  const pump = async (): Promise<void> => {
    try {
      while (!ended) {
        const step = await source.next();
        if (step.done) return end();
        if (ended) return;
        push(step.value);
        if (queue.length > 0 && isReplayed(step.value)) await new Promise<void>((resolve) => (onTaken = resolve));
      }
    } catch (thrown) {
      end(thrown);
    }
  };
  void pump();

  const stream: AsyncIterableIterator<ExecutionResult> = {
    next() {
      const held = queue.shift();
      if (held) {
        queuedBytes -= held.bytes;
        if (queue.length === 0) onTaken?.();
        return Promise.resolve({ done: false, value: held.value });
      }
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        settle();
      });
    },
    async return() {
      queue.length = 0;
      end();
      await letGo();
      return { done: true, value: undefined };
    },
    async throw(thrown) {
      await stream.return!();
      throw thrown;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

const sizeOf = (value: ExecutionResult): number => {
  try {
    return JSON.stringify(value).length;
  } catch {
    return 0;
  }
};
