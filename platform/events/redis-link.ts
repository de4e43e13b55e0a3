import { createHash } from 'node:crypto';

import { Redis } from 'ioredis';

import type { Log } from '#platform/db';

export interface RedisLinkOptions {
  readonly url: string;
  readonly logger?: Log;
  /** No command is waited for longer. @default 200 */
  readonly commandTimeoutMs?: number;
}

/** Redis did not answer, or is known to be away. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway';
}

/** Requests are not sent to a Redis that has just failed one. */
const restMs = 1_000;

const isReply = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

/** A script that Redis keeps by its digest. */
export interface RedisScript {
  readonly lua: string;
  readonly sha: string;
}

export const redisScript = (lua: string): RedisScript => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

export interface ScriptArguments {
  readonly keys: readonly string[];
  readonly values: readonly (string | number)[];
}

/**
 * A connection that never keeps anyone waiting: commands end after `commandTimeoutMs`, and while Redis is away they fail at once. It
 * comes back by itself.
 */
export class RedisLink {
  readonly client: Redis;
  private restUntil = 0;
  private readonly firstReady: Promise<void>;
  private isAway = false;
  private readonly limitMs: number;

  constructor(private readonly options: RedisLinkOptions) {
    this.limitMs = options.commandTimeoutMs ?? 200;
    this.client = new Redis(options.url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 1_000,
      disconnectTimeout: 100,
      retryStrategy: (attempt) => Math.min(1_000, 50 * attempt),
    });
    this.firstReady = new Promise((resolve) => this.client.once('ready', () => resolve()));
    this.client.on('ready', () => {
      this.restUntil = 0;
      if (this.isAway) options.logger?.info({ event: 'redis.back' }, 'redis answers again');
      this.isAway = false;
    });
    this.client.on('error', (err) => this.noteAway(err));
  }

  async call<Reply>(command: (client: Redis) => Promise<Reply>): Promise<Reply> {
    if (performance.now() < this.restUntil) throw new RedisAway('Redis failed a moment ago.');
    let timer: NodeJS.Timeout | undefined;
    let isLate = false;
    const limit = new Promise<never>((_, reject) => {
      // A process that itself stood still first reads what has arrived meanwhile.
      timer = setTimeout(() => {
        setImmediate(() => {
          isLate = true;
          reject(new RedisAway(`Redis did not answer within ${this.limitMs} ms.`));
        });
      }, this.limitMs);
    });
    // At start, and only then, the connection is given its time. A command whose caller has left is not sent.
    const send = async (): Promise<Reply> => {
      await this.firstReady;
      return isLate ? limit : command(this.client);
    };
    try {
      return await Promise.race([send(), limit]);
    } catch (error) {
      if (isReply(error)) throw error;
      this.rest(error);
      throw error instanceof RedisAway ? error : new RedisAway('Redis cannot be reached.', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  script(script: RedisScript, { keys, values }: ScriptArguments): Promise<unknown> {
    const rest = [...keys, ...values.map(String)];
    return this.call(async (client) => {
      try {
        return await client.evalsha(script.sha, keys.length, ...rest);
      } catch (error) {
        if (!isReply(error) || !(error as Error).message.startsWith('NOSCRIPT')) throw error;
        return client.eval(script.lua, keys.length, ...rest);
      }
    });
  }

  close(): void {
    this.client.disconnect();
  }

  private rest(error: unknown): void {
    // The others that failed with it: once is enough.
    if (performance.now() < this.restUntil) return;
    this.restUntil = performance.now() + restMs;
    this.noteAway(error);
    // A connection that swallowed a command may be a black hole; a new one finds out.
    if (error instanceof RedisAway && this.client.status === 'ready') this.client.disconnect(true);
  }

  private noteAway(err: unknown): void {
    if (this.isAway) return;
    this.isAway = true;
    this.options.logger?.warn({ event: 'redis.away', err }, 'redis cannot be reached');
  }
}
