import { randomUUID } from 'node:crypto';

import type { Log } from '#platform/db';
import { RedisAway, RedisLink, redisScript } from '#platform/events';

import type { SocketCounter } from './types';

export interface RedisSocketCounterOptions {
  readonly url: string;
  readonly logger?: Log;
  /** In front of every key. @default 'parley' */
  readonly prefix?: string;
  /** How often a process says that its sockets are still open. Three missed: they count as closed. @default 15_000 */
  readonly heartbeatMs?: number;
  /** After this a socket is counted here alone. @default 200 */
  readonly commandTimeoutMs?: number;
}

// A sorted set per tenant: one member per socket, scored with the time until which it counts.
const acquireScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3] * 2)
return 1
`);

const renewScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[1]), ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1] * 2)
return 1
`);

const countScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZCOUNT', KEYS[1], '(' .. string.format('%.0f', now), '+inf')
`);

class RedisSocketCounter implements SocketCounter {
  private readonly link: RedisLink;
  private readonly heartbeat: NodeJS.Timeout;
  /** The sockets of this process: what is said again at every heartbeat, and what counts while Redis is away. */
  private readonly own = new Map<string, Set<string>>();

  constructor(private readonly options: RedisSocketCounterOptions & { readonly prefix: string; readonly heartbeatMs: number }) {
    this.link = new RedisLink(options);
    this.heartbeat = setInterval(() => void this.renew(), options.heartbeatMs);
    this.heartbeat.unref();
  }

  async acquire(tenantId: string, cap: number): Promise<(() => Promise<void>) | null> {
    const socket = randomUUID();
    const isAllowed = await this.link.script(acquireScript, { keys: [this.key(tenantId)], values: [socket, cap, this.lifeMs] }).then(
      (reply) => reply === 1 && this.hold(tenantId, socket),
      (error: unknown) => {
        if (!(error instanceof RedisAway)) throw error;
        return (this.own.get(tenantId)?.size ?? 0) < cap && this.hold(tenantId, socket);
      },
    );
    return isAllowed ? () => this.release(tenantId, socket) : null;
  }

  count(tenantId: string): Promise<number> {
    return this.link.script(countScript, { keys: [this.key(tenantId)], values: [] }).then(Number, (error: unknown) => {
      if (error instanceof RedisAway) return this.own.get(tenantId)?.size ?? 0;
      throw error;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    const open = [...this.own].flatMap(([tenantId, sockets]) => [...sockets].map((socket) => this.release(tenantId, socket)));
    await Promise.all(open);
    this.link.close();
  }

  private get lifeMs(): number {
    return 3 * this.options.heartbeatMs;
  }

  private hold(tenantId: string, socket: string): true {
    const sockets = this.own.get(tenantId) ?? new Set();
    this.own.set(tenantId, sockets);
    sockets.add(socket);
    return true;
  }

  private async release(tenantId: string, socket: string): Promise<void> {
    const sockets = this.own.get(tenantId);
    if (!sockets?.delete(socket)) return;
    if (sockets.size === 0) this.own.delete(tenantId);
    // Not told, Redis forgets the socket when its time is over.
    await this.link.call((client) => client.zrem(this.key(tenantId), socket)).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    for (const [tenantId, sockets] of this.own) {
      const values = [this.lifeMs, ...sockets];
      await this.link.script(renewScript, { keys: [this.key(tenantId)], values }).catch(() => undefined);
    }
  }

  private key(tenantId: string): string {
    return `${this.options.prefix}:sockets:{${tenantId}}`;
  }
}

/** Counts over all processes; alone while Redis is away, and together again after the next heartbeat. */
export const createRedisSocketCounter = (options: RedisSocketCounterOptions): SocketCounter =>
  new RedisSocketCounter({ prefix: 'parley', heartbeatMs: 15_000, ...options });
