import { setTimeout as delay } from 'node:timers/promises';

import type { Follower, FollowedTopic } from './follower';
import { gapEvent } from './gap';
import type { RedisLink } from './redis-link';
import { newestOf, readStream, type ReceivedEvent } from './redis-stream';
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
  isOpen = false;

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

  /** After a reconnection: Redis may have come back empty, and the topic begun anew. Returns the newest sequence there. */
  async reopen(): Promise<number> {
    const newest = await newestOf(this.link, this.key);
    if (newest < this.newest) {
      this.window.restart(newest);
      this.notify();
    }
    return newest;
  }

  receive(events: readonly ReceivedEvent[]): void {
    for (const { event, bytes } of events) if (event.sequence > this.newest) this.window.push(event, bytes);
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
    if (events.length === 0 && sequence <= (await this.reopen())) return [];
    const [oldest] = await readStream(this.link, { key: this.key, after: 0, limit: 1 });
    return [gapEvent({ oldest: oldest?.sequence ?? 0, newest: this.newest })];
  }

  private async findNewest(): Promise<void> {
    for (;;) {
      try {
        this.window.restart(await newestOf(this.link, this.key));
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
