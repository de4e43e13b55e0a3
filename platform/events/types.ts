/** Topics are per tenant: the same name in two tenants is two topics. `run:run-…`, `chat:sess-…`, `dashboard:dash-…`. */
export interface Topic {
  readonly tenantId: string;
  readonly name: string;
}

export interface NewEvent {
  readonly type: string;
  readonly data: unknown;
  /**
   * Given by publishers that may repeat themselves, such as the outbox: an event whose id is among the topic's last 1_000 given ids
   * is left out. @default a new one
   */
  readonly id?: string;
}

export interface LogEvent {
  readonly type: string;
  readonly data: unknown;
  /** Gapless within its topic: 1, 2, 3 … */
  readonly sequence: number;
  /** Unique over all topics; consumers drop duplicates by it. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
}

export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Live events waiting for a reader that is busy. Past it the follower ends with a StreamOverflow. @default 1_000 */
  readonly maxQueued?: number;
  /** Bytes of JSON waiting for such a reader. @default 4_194_304 */
  readonly maxQueuedBytes?: number;
}

export interface Retained {
  /** Oldest sequence still held; 0 where the topic is empty. */
  readonly oldest: number;
  /** Newest sequence; 0 where the topic is empty. */
  readonly newest: number;
}

export interface EventLogOptions {
  /** Events kept per topic. @default 10_000 */
  readonly maxEvents?: number;
  /** A topic is forgotten when nothing was appended for this long. @default 86_400_000 // a day */
  readonly maxIdleMs?: number;
}

/** An ordered log per topic: in memory, or Redis Streams when REDIS_URL is set. Both pass one contract suite. */
export interface EventLog {
  /** Appends in order and returns the events with their sequences. Atomic: all or none. */
  append(topic: Topic, events: readonly NewEvent[]): Promise<readonly LogEvent[]>;
  /** Events after `after` that are still held, oldest first. @default limit 1_000 */
  read(topic: Topic, after: number, limit?: number): Promise<readonly LogEvent[]>;
  /**
   * Reads after `after`, then follows live, with no gap and no duplicate across the seam. `after: Infinity` means only what comes.
   * Where events after `after` are no longer held, or the topic began anew, an event of type `stream_gap` with data `{ oldest }` says so;
   * its sequence is the one to continue after. What was stored before the reader came is `isReplayed`. Ends when the signal aborts, `return()` is called or the log closes.
   */
  follow(topic: Topic, after: number, options?: FollowOptions): AsyncIterableIterator<LogEvent>;
  retained(topic: Topic): Promise<Retained>;
  /** Live followers in this process; back at its baseline when all readers have left. */
  followerCount(): number;
  close(): Promise<void>;
}

/** As `after` where numbers have no infinity, as in GraphQL: only what comes. */
export const onlyWhatComes = -1;

/** The reader was slower than the stream for too long; it may come back with the last sequence it saw. */
export class StreamOverflow extends Error {
  override readonly name = 'StreamOverflow';
  constructor(readonly lastDelivered: number) {
    super(`The reader fell behind; resume after sequence ${lastDelivered}.`);
  }
}
