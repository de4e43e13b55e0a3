import type { IncomingMessage } from 'node:http';

import type { Caller, Tier } from '#platform/auth';
import { errors } from '#platform/errors';
import type { RateLimiter, RateRule } from '#platform/limits';

export interface QuotaOptions {
  readonly limiter: RateLimiter;
  readonly tierRules: Readonly<Record<Tier, RateRule>>;
}

/** The same key as every other door's: a tenant has one quota of requests. */
export const requestQuotaKey = (tenantId: string): string => `requests:${tenantId}`;

/** Counts one GraphQL request of a tenant; RATE_LIMITED where its minute is used up. */
export function quota({ limiter, tierRules }: QuotaOptions): (caller: Caller, request: IncomingMessage) => Promise<void> {
  return async (caller) => {
    const decision = await limiter.take(requestQuotaKey(caller.tenantId), tierRules[caller.tier]);
    if (decision.allowed) return;
    throw errors.RATE_LIMITED({ seconds: decision.retryAfterSeconds }, { details: { limit: decision.limit, resetAt: decision.resetAt } });
  };
}
