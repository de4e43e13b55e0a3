import type { Remembered } from './prediction-log';
import { Thinning } from './thinning';

const start = Date.UTC(2026, 0, 1);
const about = { tenantId: 'acme', modelId: 'mdl-1', version: 1, role: 'primary', features: {}, prediction: 1, latencyMs: 1 };
const at = (ms: number, over: Partial<Remembered> = {}): Remembered => ({ ...about, madeAt: new Date(ms), ...over });

/** How many of `count` predictions are kept, one each `everyMs` from `from` on. */
function kept(thinning: Thinning, count: number, { from = start, everyMs = 0, over = {} as Partial<Remembered> } = {}): number {
  return Array.from({ length: count }, (_, n) => thinning.keeps(at(from + n * everyMs, over))).filter(Boolean).length;
}

describe('predictions remembered of a busy version', () => {
  it('are all of a burst of 1,000, then 100 a second', () => {
    const thinning = new Thinning();
    expect(kept(thinning, 5_000)).toBe(1_000);
    expect(kept(thinning, 5_000, { from: start + 1, everyMs: 1 })).toBe(500);
  });

  it('are all of them at a hundred a second for as long as one likes', () => {
    expect(kept(new Thinning(), 10_000, { everyMs: 10 })).toBe(10_000);
  });

  it('leave the room of a shadow, a candidate and other versions alone', () => {
    const thinning = new Thinning();
    kept(thinning, 5_000);
    expect(kept(thinning, 5, { over: { role: 'shadow' } })).toBe(5);
    expect(kept(thinning, 5, { over: { version: 2 } })).toBe(5);
    expect(kept(thinning, 5, { over: { modelId: 'mdl-2' } })).toBe(5);
  });

  it('have no more room when the clock is set back, and the same after versions at rest are forgotten', () => {
    const thinning = new Thinning();
    kept(thinning, 1_000, { from: start + 10_000 });
    expect(kept(thinning, 10, { from: start })).toBe(0);
    thinning.sweep([at(start + 1_000)]);
    expect(kept(thinning, 1_000, { from: start + 1_000 })).toBe(100);
    thinning.sweep([at(start + 60_000)]);
    expect(kept(thinning, 2_000, { from: start + 60_000 })).toBe(1_000);
  });
});
