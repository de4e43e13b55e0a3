/** Topics are per tenant: the same name in two tenants is two topics. `run:run-…`, `chat:sess-…`, `dashboard:dash-…`. */
export interface Topic {
  readonly tenantId: string;
  readonly name: string;
}

export interface NewEvent {
  readonly type: string;
  readonly data: unknown;
}

export interface LogEvent extends NewEvent {
  /** Gapless within its topic: 1, 2, 3 … */
  readonly sequence: number;
  /** Unique over all topics; consumers drop duplicates by it. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
}

export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Events held for a reader that does not read. Past it the follower ends with a StreamOverflow. @default 1_000 */
  readonly maxQueued?: number;
  /** Bytes held for such a reader. @default 4_194_304 */
  readonly maxQueuedBytes?: number;
}

export interface Retained {
  /** Oldest sequence still held; 0 where the topic is empty. */
  readonly oldest: number;
  /** Newest sequence; 0 where the topic is empty. */
  readonly newest: number;
}

/** An ordered log per topic: in memory, or Redis Streams when REDIS_URL is set. Both pass one contract suite. */
export interface EventLog {
  /** Appends in order and returns the events with their sequences. Atomic: all or none. */
  append(topic: Topic, events: readonly NewEvent[]): Promise<readonly LogEvent[]>;
  /** Events after `after`, oldest first. @default limit 1_000 */
  read(topic: Topic, after: number, limit?: number): Promise<readonly LogEvent[]>;
  /**
   * Reads after `after`, then follows live, with no gap and no duplicate across the seam. Where `after` is older than retention the
   * first event has type `stream_gap` and data `{ oldest }`. Ends when the signal aborts or `return()` is called.
   */
  follow(topic: Topic, after: number, options?: FollowOptions): AsyncIterableIterator<LogEvent>;
  retained(topic: Topic): Promise<Retained>;
  /** Live followers in this process; back at its baseline when all readers have left. */
  followerCount(): number;
  close(): Promise<void>;
}

/** The reader was slower than the stream for too long; it may come back with the last sequence it saw. */
export class StreamOverflow extends Error {
  override readonly name = 'StreamOverflow';
  constructor(readonly lastDelivered: number) {
    super(`The reader fell behind; resume after sequence ${lastDelivered}.`);
  }
}
