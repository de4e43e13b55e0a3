import { markReplayed } from './replayed';
import { StreamOverflow, type FollowOptions, type LogEvent } from './types';

/** What a follower reads from. */
export interface FollowedTopic {
  /** Finds `newest`, where that takes time. */
  open?(): Promise<void>;
  /** The newest sequence that this process knows of. */
  readonly newest: number;
  /** How often the topic has begun anew, where it may: a position of before says nothing about it. */
  readonly epoch?: number;
  /** The event that says so; of a topic with an `epoch`. */
  gap?(): Promise<LogEvent>;
  /** Events after `sequence`; a first event of type `stream_gap` where some are no longer held. */
  read(sequence: number, limit: number): Promise<readonly LogEvent[]> | readonly LogEvent[];
  /** Bytes that wait after `sequence`. */
  bytesAfter(sequence: number): number;
}

export interface FollowerSettings {
  readonly topic: FollowedTopic;
  readonly after: number;
  readonly options: FollowOptions;
  readonly onClosed: (follower: Follower) => void;
}

const pageSize = 200;
const done: IteratorResult<LogEvent> = { done: true, value: undefined };

/**
 * One reader of a topic. It holds a position and a page, not a queue: what it has not read yet stays in the log, and how far behind it
 * may be is what is bounded.
 */
export class Follower implements AsyncIterableIterator<LogEvent> {
  private position = 0;
  /** Events up to here were stored before the reader came: replaying them slowly is no fault. */
  private liveFrom = 0;
  private epoch: number | undefined;
  private opening: Promise<void> | undefined;
  private page: readonly LogEvent[] = [];
  private pageIndex = 0;
  private wakeUps = 0;
  private wake: (() => void) | undefined;
  private isReading = false;
  private isClosed = false;
  private hasOverflowed = false;
  private readonly maxQueued: number;
  private readonly maxQueuedBytes: number;

  constructor(private readonly settings: FollowerSettings) {
    const { topic, options } = settings;
    this.opening = topic.open?.();
    if (!this.opening) this.begin();
    this.maxQueued = options.maxQueued ?? 1_000;
    this.maxQueuedBytes = options.maxQueuedBytes ?? 4_194_304;
    options.signal?.addEventListener('abort', this.close, { once: true });
    if (options.signal?.aborted) this.close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<LogEvent>> {
    this.isReading = true;
    try {
      return await this.nextEvent();
    } finally {
      this.isReading = false;
    }
  }

  private begin(): void {
    const { topic, after } = this.settings;
    this.liveFrom = topic.newest;
    this.epoch = topic.epoch;
    this.position = after === Infinity ? topic.newest : after;
  }

  async return(): Promise<IteratorResult<LogEvent>> {
    this.close();
    return done;
  }

  /** Called for every append to the topic. */
  notify(): void {
    const waitingAfter = Math.max(this.position, this.liveFrom);
    const { topic } = this.settings;
    if (
      !this.isReading &&
      !this.opening &&
      (topic.newest - waitingAfter > this.maxQueued || topic.bytesAfter(waitingAfter) > this.maxQueuedBytes)
    ) {
      this.hasOverflowed = true;
    }
    this.wakeUps += 1;
    this.wake?.();
  }

  readonly close = (): void => {
    if (this.isClosed) return;
    this.isClosed = true;
    this.page = [];
    this.settings.options.signal?.removeEventListener('abort', this.close);
    this.settings.onClosed(this);
    this.wake?.();
  };

  private async nextEvent(): Promise<IteratorResult<LogEvent>> {
    if (this.opening) {
      await this.opening;
      this.opening = undefined;
      this.begin();
    }
    for (;;) {
      if (this.isClosed) return done;
      if (this.hasOverflowed) {
        this.close();
        throw new StreamOverflow(this.position);
      }
      const event = this.page[this.pageIndex];
      if (event) {
        this.pageIndex += 1;
        this.position = event.sequence;
        // A copy: the event itself is that of every reader, to some of whom it is new.
        return { done: false, value: event.sequence <= this.liveFrom ? markReplayed({ ...event }) : event };
      }
      // Counted before reading: an append during the read would otherwise be slept through.
      const { wakeUps } = this;
      this.page = await this.nextPage();
      this.pageIndex = 0;
      if (this.page.length === 0 && wakeUps === this.wakeUps && !this.isClosed) {
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }
  }

  private async nextPage(): Promise<readonly LogEvent[]> {
    const { topic } = this.settings;
    if (topic.epoch === this.epoch || !topic.gap) return topic.read(this.position, pageSize);
    this.epoch = topic.epoch;
    this.liveFrom = topic.newest;
    return [await topic.gap()];
  }
}
