import type { ExecutionResult } from 'graphql';

/**
 * Maps a stream of events. A generator would not do: its `return()` waits for a pending `next()`, so a quiet source would keep its
 * subscription after the client has left.
 */
export function mapEvents(
  source: AsyncIterator<ExecutionResult>,
  map: (event: ExecutionResult) => Promise<ExecutionResult>,
): AsyncIterableIterator<ExecutionResult> {
  let isDone = false;
  const end = (): IteratorResult<ExecutionResult> => ({ done: true, value: undefined });
  const close = async (): Promise<IteratorResult<ExecutionResult>> => {
    isDone = true;
    await source.return?.();
    return end();
  };
  return {
    async next() {
      if (isDone) return end();
      const step = await source.next();
      if (isDone) return end();
      if (step.done) {
        isDone = true;
        return end();
      }
      return { done: false, value: await map(step.value) };
    },
    return: close,
    async throw(thrown) {
      await close();
      throw thrown;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
