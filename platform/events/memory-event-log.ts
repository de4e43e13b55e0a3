import { newId } from '#platform/db';

import { Follower, type FollowedTopic } from './follower';
import { gapEvent, hasGap } from './gap';
import { RecentIds } from './recent-ids';
import { SharedBytes } from './shared-bytes';
import { TopicBuffer } from './topic-buffer';
import { topicKey } from './topic-key';
import type { EventLog, EventLogOptions, FollowOptions, LogEvent, NewEvent, Retained, Topic } from './types';

export interface MemoryEventLogOptions extends EventLogOptions {
  /** Bytes of JSON kept per topic. @default 33_554_432 */
  readonly maxBytes?: number;
  /** Bytes of JSON kept of all topics together; the topic silent for longest loses its oldest events first. @default 268_435_456 */
  readonly maxTotalBytes?: number;
  readonly now?: () => number;
}

const sweepMs = 60_000;

class MemoryTopic implements FollowedTopic {
  readonly followers = new Set<Follower>();
  readonly givenIds = new RecentIds();
  touchedAt = 0;

  constructor(readonly buffer: TopicBuffer) {}

  get newest(): number {
    return this.buffer.newest;
  }

  read(sequence: number, limit: number): readonly LogEvent[] {
    if (hasGap(sequence, this.buffer.retained)) return [gapEvent(this.buffer.retained)];
    return this.buffer.after(sequence, limit) ?? [];
  }

  bytesAfter(sequence: number): number {
    return this.buffer.bytesAfter(sequence);
  }
}

class MemoryEventLog implements EventLog {
  private readonly topics = new Map<string, MemoryTopic>();
  private readonly sweeper: NodeJS.Timeout;
  private readonly shared: SharedBytes;

  constructor(private readonly options: Required<MemoryEventLogOptions>) {
    this.shared = new SharedBytes(options.maxTotalBytes);
    this.sweeper = setInterval(() => this.forgetIdle(), sweepMs);
    this.sweeper.unref();
  }

  async append(address: Topic, events: readonly NewEvent[]): Promise<readonly LogEvent[]> {
    const topic = this.topic(address);
    const now = this.options.now();
    const timestamp = new Date(now).toISOString();
    const appended: LogEvent[] = [];
    // Through JSON, as on Redis: what was appended is what it was then, and data that is not JSON fails before anything is appended.
    const texts = events.map(({ data }) => JSON.stringify(data ?? null));
    const before = topic.buffer.heldBytes;
    events.forEach(({ id, type }, index) => {
      if (id !== undefined && !topic.givenIds.add(id)) return;
      const data: unknown = JSON.parse(texts[index]!);
      const event: LogEvent = { id: id ?? newId('evt'), type, data, sequence: topic.newest + 1, timestamp };
      topic.buffer.push(event, texts[index]!.length);
      appended.push(event);
    });
    this.shared.appended(topic.buffer, before);
    topic.touchedAt = now;
    for (const follower of topic.followers) follower.notify();
    return appended;
  }

  async read(address: Topic, after: number, limit = 1_000): Promise<readonly LogEvent[]> {
    const buffer = this.topics.get(topicKey(address))?.buffer;
    if (!buffer) return [];
    return buffer.after(Math.max(after, buffer.oldest - 1), limit) ?? [];
  }

  follow(address: Topic, after: number, options: FollowOptions = {}): AsyncIterableIterator<LogEvent> {
    const topic = this.topic(address);
    const follower = new Follower({
      topic,
      after,
      options,
      onClosed: (closed) => void topic.followers.delete(closed),
    });
    if (!options.signal?.aborted) topic.followers.add(follower);
    return follower;
  }

  async retained(address: Topic): Promise<Retained> {
    return this.topics.get(topicKey(address))?.buffer.retained ?? { oldest: 0, newest: 0 };
  }

  followerCount(): number {
    let count = 0;
    for (const topic of this.topics.values()) count += topic.followers.size;
    return count;
  }

  async close(): Promise<void> {
    clearInterval(this.sweeper);
    for (const topic of this.topics.values()) for (const follower of topic.followers) follower.close();
    this.topics.clear();
  }

  private topic(address: Topic): MemoryTopic {
    const known = this.topics.get(topicKey(address));
    if (known) return known;
    const topic = new MemoryTopic(new TopicBuffer(this.options.maxEvents, this.options.maxBytes));
    topic.touchedAt = this.options.now();
    this.topics.set(topicKey(address), topic);
    return topic;
  }

  private forgetIdle(): void {
    const limit = this.options.now() - this.options.maxIdleMs;
    for (const [name, topic] of this.topics) {
      if (topic.touchedAt >= limit || topic.followers.size > 0) continue;
      this.shared.forget(topic.buffer);
      this.topics.delete(name);
    }
  }
}

/** The log of one process; what it holds ends with the process. */
export const createMemoryEventLog = (options: MemoryEventLogOptions = {}): EventLog =>
  new MemoryEventLog({
    maxEvents: 10_000,
    maxIdleMs: 86_400_000,
    maxBytes: 33_554_432,
    maxTotalBytes: 268_435_456,
    now: Date.now,
    ...options,
  });
