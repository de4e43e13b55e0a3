import type { ExecutionResult } from 'graphql';

import { isReplayed } from '#platform/events';

/** Events that a reader may leave waiting. Doors read at once and have bounds of their own, so this is for the unforeseen. */
const maxQueued = 1_000;
/** The same in characters of JSON. */
const maxQueuedSize = 4_194_304;

export const end = { done: true, value: undefined } as const;

/** A reader of a pushed stream that has fallen behind. The name is the event log's, since doors treat both alike. */
export class StreamOverflow extends Error {
  override readonly name = 'StreamOverflow';
}

interface Held {
  readonly event: ExecutionResult;
  readonly size: number;
}

/**
 * Holds what a source pushes until it is read, up to a bound. What is replayed does not count, since doors take it at their reader's
 * pace: there the log's own retention is the bound.
 */
export class EventQueue {
  private readonly held: Held[] = [];
  private count = 0;
  private size = 0;
  private waiting: { resolve(step: IteratorResult<ExecutionResult>): void; reject(reason: unknown): void } | undefined;
  private ended: { readonly failure?: unknown } | undefined;

  /** False where the reader has fallen behind or gone, and the source may be let go. */
  push(event: ExecutionResult): boolean {
    if (this.ended) return false;
    if (this.waiting) {
      const { resolve } = this.waiting;
      this.waiting = undefined;
      resolve({ done: false, value: event });
      return true;
    }
    const size = isReplayed(event) ? 0 : JSON.stringify(event).length;
    this.held.push({ event, size });
    this.count += size === 0 ? 0 : 1;
    this.size += size;
    if (this.count <= maxQueued && this.size <= maxQueuedSize) return true;
    this.held.length = 0;
    this.finish(new StreamOverflow('the reader fell behind'));
    return false;
  }

  finish(failure?: unknown): void {
    this.ended ??= failure === undefined ? {} : { failure };
    if (!this.waiting) return;
    const { resolve, reject } = this.waiting;
    this.waiting = undefined;
    if (failure === undefined) resolve(end);
    else reject(failure);
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    const next = this.held.shift();
    if (next) {
      this.count -= next.size === 0 ? 0 : 1;
      this.size -= next.size;
      return Promise.resolve({ done: false, value: next.event });
    }
    if (this.ended) {
      const { failure } = this.ended;
      this.ended = {};
      return failure === undefined ? Promise.resolve(end) : Promise.reject(failure as Error);
    }
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }
}
