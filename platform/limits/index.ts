export type {
  BudgetKey,
  BudgetStore,
  BudgetUse,
  IdempotencyStore,
  RateDecision,
  RateLimiter,
  RateRule,
  SocketCounter,
  StoredAnswer,
} from './types';
export { createMemoryRateLimiter, type MemoryLimitOptions } from './memory-rate-limiter';
export { createMemorySocketCounter } from './memory-socket-counter';
export { createIdempotencyStore, type IdempotencyOptions } from './idempotency-store';
export { createBudgetStore, type BudgetOptions } from './budget-store';
export { createRedisRateLimiter, type RedisRateLimiterOptions } from './redis-rate-limiter';
export { createRedisSocketCounter, type RedisSocketCounterOptions } from './redis-socket-counter';
