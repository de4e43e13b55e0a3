import type { ModelScorer } from '../algorithms/score';
import type { Row } from '../algorithms/prediction';

import { microBatched } from './micro-batch';

/** Doubles `x`, a moment later; remembers how many rows each call had. A row without `x` is an error of its call. */
function counting(): ModelScorer & { readonly calls: number[] } {
  const calls: number[] = [];
  return {
    calls,
    async predict(rows, { explain = true } = {}) {
      calls.push(rows.length);
      await new Promise((resolve) => setImmediate(resolve));
      return rows.map(({ x }) => {
        if (typeof x !== 'number') throw new Error('no x');
        return {
          prediction: 2 * x,
          probability: null,
          probabilities: null,
          contributions: explain ? { x } : null,
          bias: explain ? x : null,
        };
      });
    },
  };
}

const ask = async (scorer: ModelScorer, rows: readonly Row[]) => (await scorer.predict(rows)).map(({ prediction }) => prediction);

describe('requests of one model', () => {
  it('within a window are scored in one call, and each gets what it would have got alone', async () => {
    const scorer = counting();
    const batched = microBatched(scorer, { windowMs: 5 });
    const requests = Array.from({ length: 30 }, (_, n) => Array.from({ length: 1 + (n % 3) }, (_each, row) => ({ x: n * 10 + row })));
    const together = await Promise.all(requests.map((rows) => ask(batched, rows)));
    expect(scorer.calls).toEqual([60]);
    const alone = counting();
    expect(together).toEqual(await Promise.all(requests.map((rows) => ask(alone, rows))));
  });

  it('without a window: one alone is scored at once, those that come meanwhile together', async () => {
    const scorer = counting();
    const batched = microBatched(scorer);
    const first = ask(batched, [{ x: 1 }]);
    expect(scorer.calls).toEqual([1]);
    const others = Promise.all([2, 3, 4].map((x) => ask(batched, [{ x }])));
    expect([await first, await others]).toEqual([[2], [[4], [6], [8]]]);
    expect(scorer.calls).toEqual([1, 3]);
  });

  it('of which one is bad: the others get their answers', async () => {
    const batched = microBatched(counting(), { windowMs: 2 });
    const [good, bad, fine] = await Promise.allSettled([ask(batched, [{ x: 1 }]), ask(batched, [{}]), ask(batched, [{ x: 3 }])]);
    expect([good, fine]).toEqual([{ status: 'fulfilled', value: [2] }, { status: 'fulfilled', value: [6] }]); // prettier-ignore
    expect(bad.status).toBe('rejected');
  });

  it('are never more rows at once than allowed, and a full batch does not wait', async () => {
    const scorer = counting();
    const batched = microBatched(scorer, { windowMs: 60_000, maxRows: 4 });
    await Promise.all([1, 2, 3, 4].map((x) => ask(batched, [{ x }])));
    expect(scorer.calls).toEqual([4]);
    expect(await ask(batched, [1, 2, 3, 4, 5, 6].map((x) => ({ x })))).toEqual([2, 4, 6, 8, 10, 12]); // prettier-ignore
    expect(scorer.calls).toEqual([4, 6]);
  });

  it('that want explanations are scored apart from those that do not', async () => {
    const batched = microBatched(counting(), { windowMs: 2 });
    const [explained, plain] = await Promise.all([batched.predict([{ x: 1 }], { explain: true }), batched.predict([{ x: 1 }], { explain: false })]); // prettier-ignore
    expect([explained[0]!.contributions, plain[0]!.contributions]).toEqual([{ x: 1 }, null]);
  });
});
