import { errors, type AppError } from '#platform/errors';
import type { RateDecision, RateRule } from '#platform/limits';

/** The headers of the contract, and the pair of draft-ietf-httpapi-ratelimit-headers. `"local"` says that this process decided without Redis. */
export function rateHeaders(decision: RateDecision, rule: RateRule, nowMs: number): Record<string, string> {
  const name = decision.local ? '"local"' : '"default"';
  const untilReset = Math.max(0, decision.resetAt - Math.floor(nowMs / 1000));
  return {
    'X-RateLimit-Limit': String(decision.limit),
    'X-RateLimit-Remaining': String(decision.remaining),
    'X-RateLimit-Reset': String(decision.resetAt),
    'RateLimit-Policy': `${name};q=${decision.limit};w=${Math.round(rule.windowMs / 1000)}`,
    RateLimit: `${name};r=${decision.remaining};t=${untilReset}`,
  };
}

export const rateLimited = ({ retryAfterSeconds, limit }: RateDecision): AppError => {
  const seconds = Math.max(1, Math.ceil(retryAfterSeconds));
  return errors.RATE_LIMITED({ seconds }, { details: { limit, retryAfterSeconds: seconds } });
};
