import { setTimeout as delay } from 'node:timers/promises';

import type { Follower, FollowedTopic } from './follower';
import { gapEvent } from './gap';
import type { RedisLink } from './redis-link';
import { newestEntry, readStream, type ReceivedEvent } from './redis-stream';
import { TopicBuffer } from './topic-buffer';
import type { LogEvent } from './types';

const retryMs = 250;
const windowEvents = 1_000;
const windowBytes = 4_194_304;

/** One followed topic in this process: its newest events, shared by all followers, so that being up to date costs Redis one read. */
export class RedisTopic implements FollowedTopic {
  readonly followers = new Set<Follower>();
  private readonly window = new TopicBuffer(windowEvents, windowBytes);
  private opening: Promise<void> | undefined;
  /** The id of the newest event: that of another event at its place tells a topic that began anew. */
  private newestId: string | undefined;
  isOpen = false;
  epoch = 0;

  constructor(
    readonly key: string,
    private readonly link: RedisLink,
    private readonly onOpen: () => void,
  ) {}

  get newest(): number {
    return this.window.newest;
  }

  /** Asks at once, so that what this process appends next comes after it; and again while Redis is away. */
  open(): Promise<void> {
    return (this.opening ??= this.findNewest());
  }

  /**
   * After a reconnection: Redis may have come back empty, and the topic begun anew, by now with as many events as before or more.
   * Returns the newest sequence there.
   */
  async reopen(): Promise<number> {
    const newest = await newestEntry(this.link, this.key);
    const sequence = newest?.sequence ?? 0;
    if (sequence < this.newest || !(await this.isOurs())) {
      this.epoch += 1;
      this.newestId = newest?.id;
      this.window.restart(sequence);
      this.notify();
    }
    return sequence;
  }

  receive(events: readonly ReceivedEvent[]): void {
    for (const { event, bytes } of events) {
      if (event.sequence <= this.newest) continue;
      this.window.push(event, bytes);
      this.newestId = event.id;
    }
    this.notify();
  }

  async read(sequence: number, limit: number): Promise<readonly LogEvent[]> {
    if (sequence === this.newest) return [];
    const near = sequence < this.newest ? this.window.after(sequence, limit) : null;
    if (near) return near;
    while (this.followers.size > 0) {
      try {
        return await this.readStored(sequence, limit);
      } catch {
        await delay(retryMs);
      }
    }
    return [];
  }

  bytesAfter(sequence: number): number {
    return this.window.bytesAfter(sequence);
  }

  private async readStored(sequence: number, limit: number): Promise<readonly LogEvent[]> {
    const { newest } = this;
    const stored = sequence < newest ? await readStream(this.link, { key: this.key, after: sequence, limit }) : [];
    // Not past what the tail has brought: what it brings next must follow on.
    const events = stored.filter((event) => event.sequence <= newest);
    if (events[0]?.sequence === sequence + 1) return events;
    // Nothing where something should be: the topic began anew, or the reader knows from another process more than this one.
    const { epoch } = this;
    if (events.length === 0 && (sequence <= (await this.reopen()) || epoch !== this.epoch)) return [];
    return [await this.gap()];
  }

  async gap(): Promise<LogEvent> {
    for (;;) {
      try {
        const [oldest] = await readStream(this.link, { key: this.key, after: 0, limit: 1 });
        return gapEvent({ oldest: oldest?.sequence ?? 0, newest: this.newest });
      } catch (error) {
        if (this.followers.size === 0) throw error;
        await delay(retryMs);
      }
    }
  }

  /** False where another event stands at the place of the newest that is known here. One that was trimmed away says nothing. */
  private async isOurs(): Promise<boolean> {
    if (this.newest === 0) return true;
    const [stored] = await readStream(this.link, { key: this.key, after: this.newest - 1, limit: 1 });
    return stored?.sequence !== this.newest || stored.id === this.newestId;
  }

  private async findNewest(): Promise<void> {
    for (;;) {
      try {
        const newest = await newestEntry(this.link, this.key);
        this.newestId = newest?.id;
        this.window.restart(newest?.sequence ?? 0);
        break;
      } catch {
        await delay(retryMs);
        if (this.followers.size === 0) return;
      }
    }
    this.isOpen = true;
    this.onOpen();
  }

  private notify(): void {
    for (const follower of this.followers) follower.notify();
  }
}
