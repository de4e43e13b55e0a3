import { SlidingWindow } from './sliding-window';
import type { RateDecision, RateLimiter, RateRule } from './types';

export interface MemoryLimitOptions {
  readonly now?: () => number;
}

const sweepMs = 60_000;

class MemoryRateLimiter implements RateLimiter {
  private readonly windows = new Map<string, SlidingWindow>();
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly now: () => number) {
    this.sweeper = setInterval(() => this.sweep(), sweepMs);
    this.sweeper.unref();
  }

  async take(key: string, rule: RateRule, cost = 1): Promise<RateDecision> {
    let window = this.windows.get(key);
    if (!window) {
      window = new SlidingWindow();
      this.windows.set(key, window);
    }
    return { local: false, ...window.take(this.now(), rule, cost) };
  }

  async close(): Promise<void> {
    clearInterval(this.sweeper);
    this.windows.clear();
  }

  private sweep(): void {
    const now = this.now();
    for (const [key, window] of this.windows) if (window.emptyAt <= now) this.windows.delete(key);
  }
}

/** Counts in this process; the twin of the one on Redis. Time is monotonic, so that a clock that jumps neither locks nor frees anyone. */
export const createMemoryRateLimiter = ({ now = monotonicNow }: MemoryLimitOptions = {}): RateLimiter => new MemoryRateLimiter(now);

/** Milliseconds since 1970 as the process counted them from its start. */
export const monotonicNow = (): number => performance.timeOrigin + performance.now();
