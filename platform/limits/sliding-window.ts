import type { RateDecision, RateRule } from './types';

/** The requests of one key, oldest first: `cost` places taken at `at`. */
export class SlidingWindow {
  private taken: { readonly at: number; readonly cost: number }[] = [];
  private used = 0;
  /** When the last of them leaves its window. */
  emptyAt = 0;

  take(now: number, { limit, windowMs }: RateRule, cost: number): Omit<RateDecision, 'local'> {
    this.forget(now - windowMs);
    const allowed = this.used + cost <= limit;
    if (allowed && cost > 0) {
      this.taken.push({ at: now, cost });
      this.used += cost;
      this.emptyAt = now + windowMs;
    }
    const waitMs = allowed ? 0 : this.waitFor(cost - (limit - this.used), now, windowMs);
    return {
      allowed,
      limit,
      remaining: Math.max(0, limit - this.used),
      resetAt: Math.ceil((allowed ? Math.max(this.emptyAt, now) : now + waitMs) / 1000),
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    };
  }

  private forget(before: number): void {
    let gone = 0;
    while (gone < this.taken.length && this.taken[gone]!.at <= before) {
      this.used -= this.taken[gone]!.cost;
      gone += 1;
    }
    if (gone > 0) this.taken = this.taken.slice(gone);
  }

  /** Until `places` places have come free; a whole window where the request can never fit. */
  private waitFor(places: number, now: number, windowMs: number): number {
    let free = 0;
    for (const { at, cost } of this.taken) {
      free += cost;
      if (free >= places) return Math.max(1, at + windowMs - now);
    }
    return windowMs;
  }
}
