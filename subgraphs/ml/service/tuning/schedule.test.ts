import type { TuneRequest } from './rules';
import { bestOf, nextTrial, plannedTrials, rungs, type Trial } from './schedule';
import type { Point } from './suggest';

const request = (change: Partial<TuneRequest>): TuneRequest =>
  ({
    name: 'm',
    taskType: 'regression',
    space: { depth: { min: 1, max: 12, integer: true }, rate: { min: 0.001, max: 1, log: true } },
    ...change,
  }) as TuneRequest;

/** Best at depth 6 and rate 0.03; noisier on fewer rows. */
const score = ({ depth, rate }: Point, share: number): number =>
  -((Number(depth) - 6) ** 2) / 10 - (Math.log10(Number(rate)) + 1.5) ** 2 - (1 - share) * 0.05;

function search(asked: TuneRequest): Trial[] {
  const trials: Trial[] = [];
  for (let next = nextTrial(asked, trials); next; next = nextTrial(asked, trials)) {
    const { point, share } = next;
    trials.push({
      number: trials.length,
      jobId: null,
      hyperparameters: point,
      share,
      score: score(point, share),
      metrics: {},
      error: null,
    });
  }
  return trials;
}

describe('a search', () => {
  it('by halving tries many on few rows and carries a third of them on to three times the rows', () => {
    expect(rungs(9)).toEqual([{ trials: 9, share: 1 / 9 }, { trials: 3, share: 1 / 3 }, { trials: 1, share: 1 }]); // prettier-ignore
    const trials = search(request({ strategy: 'halving', maxTrials: 9 }));
    expect(trials.map(({ share }) => Math.round(1 / share))).toEqual([9, 9, 9, 9, 9, 9, 9, 9, 9, 3, 3, 3, 1]);
    const first = [...trials.slice(0, 9)].sort((a, b) => b.score! - a.score!);
    expect(trials.slice(9, 12).map(({ hyperparameters }) => hyperparameters)).toEqual(
      first.slice(0, 3).map(({ hyperparameters }) => hyperparameters),
    );
    expect(bestOf(trials)).toMatchObject({ share: 1, hyperparameters: first[0]!.hyperparameters });
    expect(plannedTrials(request({ strategy: 'halving', maxTrials: 9 }))).toBe(13);
  });

  it('by halving goes on without those that could not be trained, and ends where none could', () => {
    const failed = (number: number): Trial => ({ number, jobId: null, hyperparameters: {}, share: 1 / 9, score: null, metrics: {}, error: 'no' }); // prettier-ignore
    const asked = request({ strategy: 'halving', maxTrials: 9 });
    const none = Array.from({ length: 9 }, (_, number) => failed(number));
    expect(nextTrial(asked, none)).toBeNull();
    expect(bestOf(none)).toBeNull();
    const one = { ...failed(4), score: 1, hyperparameters: { depth: 4 } };
    expect(nextTrial(asked, none.with(4, one))).toEqual({ point: { depth: 4 }, share: 1 / 3 });
  });

  it.each(['random', 'bayesian', 'halving', 'grid'] as const)('by %s goes on after an interruption as it would have', (strategy) => {
    const asked = request({ strategy, maxTrials: 9 });
    const whole = search(asked);
    for (const known of [0, 3, 8]) {
      const next = nextTrial(asked, whole.slice(0, known));
      expect(next).toEqual({ point: whole[known]!.hyperparameters, share: whole[known]!.share });
    }
  });

  it('that learns from its trials finds better than one that does not, over many seeds', () => {
    const best = (strategy: 'random' | 'bayesian', randomState: number) =>
      bestOf(search(request({ strategy, maxTrials: 30, split: { randomState } })))!.score!;
    const seeds = Array.from({ length: 30 }, (_, seed) => seed);
    const mean = (strategy: 'random' | 'bayesian') => seeds.reduce((sum, seed) => sum + best(strategy, seed), 0) / seeds.length;
    expect(mean('bayesian')).toBeGreaterThan(mean('random'));
  });

  it('ends early once nothing better was found for a while', () => {
    const trials = search(request({ strategy: 'random', maxTrials: 100, patience: 5 }));
    expect(trials.length).toBeLessThan(100);
    const best = bestOf(trials)!.number;
    expect(trials.length - 1 - best).toBe(5);
  });
});
