import {
  BulkheadRejectedError,
  CircuitState,
  ConsecutiveBreaker,
  DelegateBackoff,
  bulkhead,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
  type BulkheadPolicy,
  type CircuitBreakerPolicy,
} from 'cockatiel';

import { AttemptFailed, countsAgainst } from './failure';
import { RollingErrorRate, RollingMedian } from './rolling';

export interface GuardOptions {
  /** Failures in a row that open the breaker. @default 5 */
  readonly breakerThreshold?: number;
  /** First time that an open breaker stays open; doubled each time the test call fails, up to two minutes. @default 10_000 ms */
  readonly breakerOpenMs?: number;
  readonly maxConcurrent: number;
  readonly now?: () => number;
}

const longestOpenMs = 120_000;
/** How long a 429 without Retry-After keeps us away. */
const defaultCoolDownMs = 1_000;

/** One model of one provider: its breaker, its places, what it asked for by Retry-After, and what was measured of it. */
export class ModelGuard {
  private readonly breaker: CircuitBreakerPolicy;
  private readonly places: BulkheadPolicy;
  private readonly firstToken = new RollingMedian();
  private readonly total = new RollingMedian();
  private readonly errors = new RollingErrorRate();
  private readonly now: () => number;
  private openUntil = 0;
  private silentUntil = 0;

  constructor({ breakerThreshold = 5, breakerOpenMs = 10_000, maxConcurrent, now = Date.now }: GuardOptions) {
    this.now = now;
    const backoff = new DelegateBackoff<{ attempt: number }>(({ attempt }) => {
      const duration = Math.min(longestOpenMs, breakerOpenMs * 2 ** (attempt - 1));
      this.openUntil = this.now() + duration;
      return duration;
    });
    this.breaker = circuitBreaker(handleWhen(countsAgainst), { breaker: new ConsecutiveBreaker(breakerThreshold), halfOpenAfter: backoff });
    this.places = bulkhead(maxConcurrent, 0);
  }

  /** Runs one attempt up to its first token. `breaker_open` where the breaker refuses it without a request. */
  async attempt<Result>(open: () => Promise<Result>): Promise<Result> {
    try {
      const result = await this.breaker.execute(open);
      this.errors.add(false, this.now());
      return result;
    } catch (error) {
      if (isBrokenCircuitError(error)) throw new AttemptFailed('breaker_open', { retryAfterMs: this.waitMs });
      if (countsAgainst(error)) this.errors.add(true, this.now());
      if (error instanceof AttemptFailed && error.reason === 'rate_limited') this.coolDown(error.facts.retryAfterMs ?? defaultCoolDownMs);
      throw error;
    }
  }

  /** A place for the whole call, streaming included; the returned function gives it back. `overloaded` where none is free. */
  takePlace(): Promise<() => void> {
    return new Promise((resolve, reject) => {
      this.places
        .execute(() => new Promise<void>((release) => resolve(release)))
        .catch((error: unknown) => {
          reject(error instanceof BulkheadRejectedError ? new AttemptFailed('overloaded') : error);
        });
    });
  }

  /** A stream that broke after its first token counts like any other failure. */
  brokeMidway(error: AttemptFailed): void {
    if (!countsAgainst(error)) return;
    this.errors.add(true, this.now());
    this.breaker.execute(() => Promise.reject(error)).catch(() => undefined);
  }

  coolDown(milliseconds: number): void {
    this.silentUntil = Math.max(this.silentUntil, this.now() + milliseconds);
  }

  measured({ firstTokenMs, totalMs }: { readonly firstTokenMs?: number | null; readonly totalMs: number }): void {
    if (firstTokenMs !== undefined && firstTokenMs !== null) this.firstToken.add(firstTokenMs);
    this.total.add(totalMs);
  }

  /** Medians of earlier calls, where this process has made none yet. */
  seed({ firstTokenMs, totalMs }: { readonly firstTokenMs: number | null; readonly totalMs: number | null }): void {
    if (firstTokenMs !== null && this.firstToken.value === null) this.firstToken.add(firstTokenMs);
    if (totalMs !== null && this.total.value === null) this.total.add(totalMs);
  }

  get waitMs(): number {
    const open = this.breaker.state === CircuitState.Open ? this.openUntil - this.now() : 0;
    return Math.max(0, open, this.silentUntil - this.now());
  }

  get state(): 'closed' | 'open' | 'half_open' {
    if (this.breaker.state === CircuitState.Closed) return 'closed';
    return this.breaker.state === CircuitState.HalfOpen ? 'half_open' : 'open';
  }

  get facts(): {
    firstTokenMs: number | null;
    totalMs: number | null;
    errorRate: number;
    breaker: 'closed' | 'open' | 'half_open';
    waitMs: number;
    freeSlots: number;
  } {
    return {
      firstTokenMs: this.firstToken.value,
      totalMs: this.total.value,
      errorRate: this.errors.value(this.now()),
      breaker: this.state,
      waitMs: this.waitMs,
      freeSlots: this.places.executionSlots,
    };
  }
}
