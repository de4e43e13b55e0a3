import type { ExecutionResult } from 'graphql';

import { end, EventQueue } from './event-queue';

export type Stream = AsyncIterableIterator<ExecutionResult>;

class Hub {
  readonly readers = new Set<EventQueue>();
  private isPumping = false;

  constructor(
    private readonly source: Stream,
    private readonly onEmpty: () => void,
  ) {}

  join(): Stream {
    const reader = new EventQueue();
    this.readers.add(reader);
    if (!this.isPumping) void this.pump();
    const leave = async (): Promise<IteratorResult<ExecutionResult>> => {
      reader.finish();
      if (this.readers.delete(reader) && this.readers.size === 0) {
        this.onEmpty();
        await this.source.return?.();
      }
      return end;
    };
    const stream: Stream = {
      next: () => reader.next(),
      return: leave,
      async throw(thrown) {
        await leave();
        throw thrown;
      },
      [Symbol.asyncIterator]: () => stream,
    };
    return stream;
  }

  private async pump(): Promise<void> {
    this.isPumping = true;
    try {
      for await (const event of this.source) for (const reader of this.readers) reader.push(event);
      this.finish();
    } catch (thrown) {
      this.finish(thrown);
    }
  }

  private finish(failure?: unknown): void {
    this.onEmpty();
    for (const reader of this.readers) reader.finish(failure);
    this.readers.clear();
  }
}

/**
 * One upstream for all who subscribe to the same: equal operation, variables and caller, after the rest of the plan has run, so that
 * entities are fetched once an event and not once a reader. A reader that joins later sees events from then on, so it is for live
 * feeds and not for streams that replay.
 */
export class SharedStreams {
  private readonly hubs = new Map<string, Promise<Hub | ExecutionResult>>();

  get size(): number {
    return this.hubs.size;
  }

  async open(key: string, start: (signal: AbortSignal) => Promise<Stream | ExecutionResult>): Promise<Stream | ExecutionResult> {
    let pending = this.hubs.get(key);
    if (!pending) {
      pending = this.start(key, start);
      this.hubs.set(key, pending);
    }
    const opened = await pending;
    return opened instanceof Hub ? opened.join() : opened;
  }

  private async start(key: string, start: (signal: AbortSignal) => Promise<Stream | ExecutionResult>): Promise<Hub | ExecutionResult> {
    const controller = new AbortController();
    const forget = (): void => {
      if (this.hubs.get(key) === made) this.hubs.delete(key);
      controller.abort();
    };
    const opening = start(controller.signal);
    opening.catch(() => undefined);
    // `forget` needs the promise that stands in the map, which is this function's own.
    await Promise.resolve();
    const made = this.hubs.get(key);
    try {
      const source = await opening;
      if (Symbol.asyncIterator in source) return new Hub(source, forget);
      forget();
      return source;
    } catch (thrown) {
      forget();
      throw thrown;
    }
  }
}
