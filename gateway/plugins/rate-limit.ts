import type { Caller, Tier } from '#platform/auth';
import { errors } from '#platform/errors';
import type { RateDecision, RateLimiter, RateRule } from '#platform/limits';

export interface QuotaOptions {
  readonly limiter: RateLimiter;
  readonly tierRules: Readonly<Record<Tier, RateRule>>;
}

/** The same key as every other door's: a tenant has one quota of requests. */
export const requestQuotaKey = (tenantId: string): string => `requests:${tenantId}`;

/** Counts one request of a tenant; RATE_LIMITED where its minute is used up. `tell` gets the decision first, for the headers. */
export function quota({
  limiter,
  tierRules,
}: QuotaOptions): (caller: Caller, tell?: (decision: RateDecision, rule: RateRule) => void) => Promise<void> {
  return async (caller, tell) => {
    const rule = tierRules[caller.tier];
    const decision = await limiter.take(requestQuotaKey(caller.tenantId), rule);
    tell?.(decision, rule);
    if (decision.allowed) return;
    const { limit, resetAt, retryAfterSeconds } = decision;
    throw errors.RATE_LIMITED({ seconds: retryAfterSeconds }, { details: { limit, resetAt, retryAfterSeconds } });
  };
}
