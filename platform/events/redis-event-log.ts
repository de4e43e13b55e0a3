import type { Log } from '#platform/db';
import { errors } from '#platform/errors';

import { Follower } from './follower';
import { RedisAway, RedisLink } from './redis-link';
import { appendToStream, newestEntry, readStream } from './redis-stream';
import { RedisTail } from './redis-tail';
import { RedisTopic } from './redis-topic';
import { topicKey } from './topic-key';
import type { EventLog, EventLogOptions, FollowOptions, LogEvent, NewEvent, Retained, Topic } from './types';

export interface RedisEventLogOptions extends EventLogOptions {
  readonly url: string;
  readonly logger?: Log;
  /** In front of every key. @default 'parley' */
  readonly prefix?: string;
  /** No command is waited for longer. @default 200 */
  readonly commandTimeoutMs?: number;
}

const unavailable = (error: unknown): never => {
  if (error instanceof RedisAway) throw errors.SERVICE_UNAVAILABLE({}, { cause: error });
  throw error;
};

class RedisEventLog implements EventLog {
  private readonly link: RedisLink;
  private readonly tail: RedisTail;
  private readonly topics = new Map<string, RedisTopic>();

  constructor(
    private readonly options: Required<Omit<RedisEventLogOptions, 'logger' | 'commandTimeoutMs'>> &
      Pick<RedisEventLogOptions, 'logger' | 'commandTimeoutMs'>,
  ) {
    this.link = new RedisLink(options);
    this.tail = new RedisTail({ ...options, topics: () => this.topics.values() });
  }

  append(topic: Topic, events: readonly NewEvent[]): Promise<readonly LogEvent[]> {
    if (events.length === 0) return Promise.resolve([]);
    const { maxEvents, maxIdleMs } = this.options;
    return appendToStream(this.link, { key: this.key(topic), events, maxEvents, maxIdleMs }).catch(unavailable);
  }

  read(topic: Topic, after: number, limit = 1_000): Promise<readonly LogEvent[]> {
    return readStream(this.link, { key: this.key(topic), after, limit }).catch(unavailable);
  }

  follow(address: Topic, after: number, options: FollowOptions = {}): AsyncIterableIterator<LogEvent> {
    const key = this.key(address);
    const topic = this.topics.get(key) ?? new RedisTopic(key, this.link, () => this.tail.refresh());
    const follower = new Follower({
      topic,
      after,
      options,
      onClosed: (closed) => {
        topic.followers.delete(closed);
        if (topic.followers.size === 0 && this.topics.get(key) === topic) this.topics.delete(key);
      },
    });
    if (!options.signal?.aborted) {
      topic.followers.add(follower);
      this.topics.set(key, topic);
    }
    return follower;
  }

  async retained(topic: Topic): Promise<Retained> {
    const key = this.key(topic);
    const [[oldest], newest] = await Promise.all([readStream(this.link, { key, after: 0, limit: 1 }), newestEntry(this.link, key)]).catch(
      unavailable,
    );
    return { oldest: oldest?.sequence ?? 0, newest: newest?.sequence ?? 0 };
  }

  followerCount(): number {
    let count = 0;
    for (const topic of this.topics.values()) count += topic.followers.size;
    return count;
  }

  async close(): Promise<void> {
    for (const topic of this.topics.values()) for (const follower of topic.followers) follower.close();
    await this.tail.stop();
    this.link.close();
  }

  private key(topic: Topic): string {
    // Braces: the stream and its ids belong to one slot of a cluster.
    return `${this.options.prefix}:events:{${topicKey(topic)}}`;
  }
}

/** The log of many processes, one Redis Stream per topic; the twin of the one in memory. */
export const createRedisEventLog = (options: RedisEventLogOptions): EventLog =>
  new RedisEventLog({ maxEvents: 10_000, maxIdleMs: 86_400_000, prefix: 'parley', ...options });
