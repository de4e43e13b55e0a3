import { setTimeout as delay } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { toReceived, type StreamEntry } from './redis-stream';
import type { RedisTopic } from './redis-topic';

export interface RedisTailOptions {
  readonly url: string;
  readonly topics: () => Iterable<RedisTopic>;
}

const blockMs = 5_000;
const graceMs = 1_000;
const retryMs = 250;
const noTopicsMs = 60_000;

/** One blocking read for all followed topics of this process; `refresh` ends it early when a topic has joined. */
export class RedisTail {
  private readonly client: Redis;
  private readonly stopping = new AbortController();
  private idle = new AbortController();
  private hasLostConnection = false;
  private clientId: number | undefined;
  private readonly running: Promise<void>;
  private readonly unblocker: Redis;

  constructor(private readonly options: RedisTailOptions) {
    const settings = {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 1_000,
      disconnectTimeout: 100,
      retryStrategy: (n: number) => Math.min(1_000, 50 * n),
    };
    this.client = new Redis(options.url, settings);
    this.unblocker = new Redis(options.url, { ...settings, lazyConnect: true });
    for (const client of [this.client, this.unblocker]) client.on('error', () => undefined);
    this.client.on('close', () => (this.hasLostConnection = true));
    this.client.on('ready', () => this.idle.abort());
    this.running = this.run();
  }

  refresh(): void {
    this.idle.abort();
    const { clientId } = this;
    if (clientId === undefined) return;
    // Where this gets lost, the read ends by itself after `blockMs`.
    void this.unblock(clientId).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.idle.abort();
    this.client.disconnect();
    this.unblocker.disconnect();
    await this.running;
  }

  private async unblock(clientId: number): Promise<void> {
    if (this.unblocker.status === 'wait') await this.unblocker.connect();
    await this.unblocker.client('UNBLOCK', clientId);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const pauseMs = await this.readOnce().catch(() => retryMs);
      if (pauseMs === 0) continue;
      await delay(pauseMs, undefined, { signal: AbortSignal.any([this.idle.signal, this.stopping.signal]) }).catch(() => undefined);
      if (this.idle.signal.aborted) this.idle = new AbortController();
    }
  }

  /** Returns how long to wait before the next read. */
  private async readOnce(): Promise<number> {
    if (this.client.status !== 'ready') return retryMs;
    if (this.hasLostConnection) {
      this.hasLostConnection = false;
      this.clientId = undefined;
      await this.reopenAll();
    }
    this.clientId ??= await this.client.client('ID');
    const topics = new Map([...this.options.topics()].filter(({ isOpen }) => isOpen).map((topic) => [topic.key, topic]));
    if (topics.size === 0) return noTopicsMs;
    const ids = [...topics.values()].map(({ newest }) => `${newest}-0`);
    const reply = await this.limited(this.client.xread('COUNT', 1_000, 'BLOCK', blockMs, 'STREAMS', ...topics.keys(), ...ids));
    for (const [key, entries] of (reply ?? []) as [string, StreamEntry[]][]) topics.get(key)?.receive(entries.map(toReceived));
    return 0;
  }

  private async reopenAll(): Promise<void> {
    try {
      for (const topic of this.options.topics()) if (topic.isOpen) await topic.reopen();
    } catch (error) {
      this.hasLostConnection = true;
      throw error;
    }
  }

  /** A read that outlasts its own limit hangs in a dead connection. */
  private async limited<Reply>(reply: Promise<Reply>): Promise<Reply> {
    const timer = setTimeout(() => this.client.disconnect(true), blockMs + graceMs);
    try {
      return await reply;
    } finally {
      clearTimeout(timer);
    }
  }
}
