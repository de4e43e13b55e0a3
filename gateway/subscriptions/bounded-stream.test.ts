import type { ExecutionResult } from 'graphql';

import { markReplayed } from '#platform/events';

import { until } from '../../test/kit/until';

import { boundedStream, SlowReader, type StreamBounds } from './bounded-stream';

const result = (text: string): ExecutionResult => ({ data: { text } });
const sizeOf = (value: ExecutionResult): number => JSON.stringify(value).length;

/** A source that gives these results at once and then waits for more; it remembers how much of it was taken. */
function source(results: readonly ExecutionResult[]) {
  const state = { taken: 0, isLetGo: false };
  let release: () => void = () => undefined;
  const iterator: AsyncIterator<ExecutionResult> = {
    async next() {
      const value = results[state.taken];
      state.taken += 1;
      if (value) return { done: false, value };
      await new Promise<void>((resolve) => (release = resolve));
      return { done: true, value: undefined };
    },
    async return() {
      state.isLetGo = true;
      release();
      return { done: true, value: undefined };
    },
  };
  return { iterator, state };
}

async function readAll(results: readonly ExecutionResult[], bounds: StreamBounds): Promise<number | 'slow'> {
  const { iterator, state } = source(results);
  const stream = boundedStream(iterator, bounds);
  // Nobody reads until the source has been read as far as it goes.
  await until(() => state.taken > results.length || state.isLetGo);
  let read = 0;
  try {
    for (; read < results.length; read += 1) await stream.next();
    return read;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SlowReader);
    expect(state.isLetGo).toBe(true);
    return 'slow';
  } finally {
    await stream.return!();
  }
}

it('holds as many events as allowed for a reader who does not read, and not one more', async () => {
  const events = ['a', 'b', 'c'].map(result);
  expect(await readAll(events, { maxQueued: 3 })).toBe(3);
  expect(await readAll([...events, result('d')], { maxQueued: 3 })).toBe('slow');
});

it('holds as many bytes as allowed, and not one more', async () => {
  const events = ['a', 'b'].map(result);
  const bytes = events.reduce((sum, event) => sum + sizeOf(event), 0);
  expect(await readAll(events, { maxQueuedBytes: bytes })).toBe(2);
  expect(await readAll([result('a'), result('bb')], { maxQueuedBytes: bytes })).toBe('slow');
});

it('takes what is replayed one at a time, as it is read', async () => {
  const events = Array.from({ length: 100 }, (_, index) => markReplayed(result(String(index))));
  const { iterator, state } = source(events);
  const stream = boundedStream(iterator, { maxQueued: 2 });
  for (let read = 0; read < 100; read += 1) {
    // One with the reader, one held.
    expect(state.taken).toBeLessThanOrEqual(read + 2);
    expect((await stream.next()).value).toBe(events[read]);
  }
  await stream.return!();
  expect(state.isLetGo).toBe(true);
});
