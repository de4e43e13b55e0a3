import type { RateDecision, RateRule } from './types';

/** Entries that are gone before the arrays are shortened: each shortening copies what is left. */
const maxGone = 1_024;

/** The requests of one key, oldest first. Plain numbers: of a busy key there are hundreds of thousands, and the collector reads every object. */
export class SlidingWindow {
  /** When each was taken, and how many places it cost; those before `oldest` have left the window. */
  private times: number[] = [];
  private costs: number[] = [];
  private oldest = 0;
  private used = 0;
  /** When the last of them leaves its window. */
  emptyAt = 0;

  take(now: number, { limit, windowMs }: RateRule, cost: number): Omit<RateDecision, 'local'> {
    this.forget(now - windowMs);
    const allowed = this.used + cost <= limit;
    if (allowed && cost > 0) {
      this.times.push(now);
      this.costs.push(cost);
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
    const { times, costs } = this;
    while (this.oldest < times.length && times[this.oldest]! <= before) {
      this.used -= costs[this.oldest]!;
      this.oldest += 1;
    }
    // Half of them at least, so that each entry is copied once on average.
    if (this.oldest < maxGone || this.oldest * 2 < times.length) return;
    this.times = times.slice(this.oldest);
    this.costs = costs.slice(this.oldest);
    this.oldest = 0;
  }

  /** Until `places` places have come free; a whole window where the request can never fit. */
  private waitFor(places: number, now: number, windowMs: number): number {
    let free = 0;
    for (let entry = this.oldest; entry < this.times.length; entry += 1) {
      free += this.costs[entry]!;
      if (free >= places) return Math.max(1, this.times[entry]! + windowMs - now);
    }
    return windowMs;
  }
}
