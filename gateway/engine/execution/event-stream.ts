import type { ExecutionResult } from 'graphql';

export interface StreamMapping<Event> {
  map(event: Event): Promise<ExecutionResult>;
  /** What the client is told, as the last event, when the source fails; or throws, where the transport has to know. */
  lost(thrown: unknown): ExecutionResult;
}

/**
 * Maps a stream of events. A generator would not do: its `return()` waits for a pending `next()`, so a quiet source would keep its
 * subscription after the client has left.
 */
export function mapEvents<Event>(
  source: AsyncIterator<Event>,
  { map, lost }: StreamMapping<Event>,
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
      let step: IteratorResult<Event>;
      try {
        step = await source.next();
      } catch (thrown) {
        if (isDone) return end();
        isDone = true;
        return { done: false, value: lost(thrown) };
      }
      if (isDone) return end();
      if (!step.done) return { done: false, value: await map(step.value) };
      isDone = true;
      return end();
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
