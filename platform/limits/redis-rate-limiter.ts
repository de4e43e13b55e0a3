import { randomUUID } from 'node:crypto';

import type { Log } from '#platform/db';
import { RedisAway, RedisLink, redisScript } from '#platform/events';

import { createMemoryRateLimiter } from './memory-rate-limiter';
import type { RateDecision, RateLimiter, RateRule } from './types';

export interface RedisRateLimiterOptions {
  readonly url: string;
  readonly logger?: Log;
  /** In front of every key. @default 'parley' */
  readonly prefix?: string;
  /** Part of a quota that each process grants by itself while Redis is away. @default 0.5 */
  readonly localShare?: number;
  /** After this a request is decided locally. @default 200 */
  readonly commandTimeoutMs?: number;
}

// The log of a window: one member `cost:nonce` per request, scored with its time in microseconds; beside it the sum of their costs.
// Redis's own clock is the only one, so that processes with different clocks agree.
const takeScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, window, cost = tonumber(ARGV[1]), ARGV[2] * 1000, tonumber(ARGV[3])
local function costOf(member) return tonumber(string.match(member, '^(%d+):')) end
local used = tonumber(redis.call('GET', KEYS[2]) or '0')
local before = string.format('%.0f', now - window)
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', before)) do used = used - costOf(member) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', before)
if redis.call('EXISTS', KEYS[1]) == 0 then used = 0 end
local allowed, wait = 0, 0
if used + cost <= limit then
  allowed = 1
  if cost > 0 then
    redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[3] .. ':' .. ARGV[4])
    used = used + cost
  end
else
  local missing, free = cost - (limit - used), 0
  wait = window
  -- Each request cost at least one place, so no more than that many have to leave.
  local log = redis.call('ZRANGE', KEYS[1], 0, missing - 1, 'WITHSCORES')
  for i = 1, #log, 2 do
    free = free + costOf(log[i])
    if free >= missing then
      wait = math.max(1, log[i + 1] + window - now)
      break
    end
  end
end
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local empty = last[2] and last[2] + window or now
local life = math.ceil(window / 1000) + 1000
redis.call('SET', KEYS[2], used, 'PX', life)
redis.call('PEXPIRE', KEYS[1], life)
return { allowed, used, string.format('%.0f', now / 1000), string.format('%.0f', wait / 1000), string.format('%.0f', empty / 1000) }
`);

class RedisRateLimiter implements RateLimiter {
  private readonly link: RedisLink;
  private readonly local = createMemoryRateLimiter();

  constructor(private readonly options: RedisRateLimiterOptions & { readonly prefix: string; readonly localShare: number }) {
    this.link = new RedisLink(options);
  }

  async take(key: string, rule: RateRule, cost = 1): Promise<RateDecision> {
    try {
      return await this.takeShared(key, rule, cost);
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error;
      // Open, but stricter: every process decides alone now, and their quotas add up.
      const limit = Math.max(1, Math.floor(rule.limit * this.options.localShare));
      return { ...(await this.local.take(key, { ...rule, limit }, cost)), local: true };
    }
  }

  async close(): Promise<void> {
    this.link.close();
    await this.local.close();
  }

  private async takeShared(key: string, { limit, windowMs }: RateRule, cost: number): Promise<RateDecision> {
    const name = `${this.options.prefix}:rate:{${key}}`;
    const reply = await this.link.script(takeScript, { keys: [name, `${name}:sum`], values: [limit, windowMs, cost, randomUUID()] });
    const [allowed, used, now, waitMs, emptyAt] = (reply as (string | number)[]).map(Number) as [number, number, number, number, number];
    const resetAt = allowed ? emptyAt : now + waitMs;
    return {
      allowed: allowed === 1,
      limit,
      remaining: Math.max(0, limit - used),
      resetAt: Math.ceil(resetAt / 1000),
      retryAfterSeconds: allowed ? 0 : Math.ceil(waitMs / 1000),
      local: false,
    };
  }
}

/** Counts over all processes; the twin of the one in memory, which takes over while Redis is away. */
export const createRedisRateLimiter = (options: RedisRateLimiterOptions): RateLimiter =>
  new RedisRateLimiter({ prefix: 'parley', localShare: 0.5, ...options });
