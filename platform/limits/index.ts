export type { IdempotencyStore, RateDecision, RateLimiter, RateRule, SocketCounter, StoredAnswer } from './types';
