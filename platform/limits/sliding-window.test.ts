import { SlidingWindow } from './sliding-window';

describe('a sliding window', () => {
  it('counts as a list of all requests would, however many have left it', () => {
    const rule = { limit: 900, windowMs: 1_000 };
    const window = new SlidingWindow();
    let taken: { at: number; cost: number }[] = [];
    let now = 0;
    for (let request = 0; request < 12_000; request += 1) {
      // Now dense, now sparse, with a pause after which nothing is left.
      now += request === 8_000 ? 50_000 : request % 5_000 < 3_000 ? 1 : 3;
      const cost = 1 + (request % 3);
      taken = taken.filter(({ at }) => at > now - rule.windowMs);
      const used = taken.reduce((sum, entry) => sum + entry.cost, 0);
      const decision = window.take(now, rule, cost);
      expect(decision.allowed).toBe(used + cost <= rule.limit);
      if (decision.allowed) taken.push({ at: now, cost });
      expect(decision.remaining).toBe(rule.limit - used - (decision.allowed ? cost : 0));
    }
  });
});
