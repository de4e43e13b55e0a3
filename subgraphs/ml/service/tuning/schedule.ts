import { seeded } from '../data/random';

import type { TuneRequest } from './rules';
import { bayesian, grid, randomPoint, type Observed, type Point, type Space } from './suggest';

/** What is kept of a trial. */
export interface Trial {
  readonly number: number;
  /** The job that it was. */
  readonly jobId: string | null;
  readonly hyperparameters: Point;
  /** Share of the rows that it learned from. */
  readonly share: number;
  /** Larger is better; null where it could not be trained. */
  readonly score: number | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly error: string | null;
}

export interface NextTrial {
  readonly point: Point;
  readonly share: number;
}

/** Each rung of a halving has three times the rows and a third of the trials of the one below (Jamieson, Talwalkar 2016). */
const keep = 3;

/** Trials of each rung, the first first: `maxTrials` in the first, one in the last. */
export function rungs(maxTrials: number): { readonly trials: number; readonly share: number }[] {
  const sizes = [maxTrials];
  while (sizes.at(-1)! > 1) sizes.push(Math.max(1, Math.floor(sizes.at(-1)! / keep)));
  return sizes.map((trials, rung) => ({ trials, share: keep ** (rung - sizes.length + 1) }));
}

/** Trials of the whole search at most. */
export function plannedTrials({ strategy, space, maxTrials }: TuneRequest): number {
  const limit = maxTrials ?? 20;
  if (strategy === 'grid') return grid(space as Space, limit).length;
  return strategy === 'halving' ? rungs(limit).reduce((sum, { trials }) => sum + trials, 0) : limit;
}

/** The trial after those known, by them alone: a search that was interrupted goes on as it would have. Null at the end. */
export function nextTrial(request: TuneRequest, trials: readonly Trial[]): NextTrial | null {
  const space = request.space as Space;
  const [limit, seed] = [request.maxTrials ?? 20, request.split?.randomState ?? 42];
  if (request.strategy === 'halving') return nextOfHalving(trials, { space, limit, seed });
  if (trials.length >= plannedTrials(request) || stalled(trials, request.patience)) return null;
  if (request.strategy === 'grid') return { point: grid(space, limit)[trials.length]!, share: 1 };
  if (request.strategy === 'random') return { point: drawn(space, trials.length, seed), share: 1 };
  const seen = trials.flatMap(({ hyperparameters, score }): Observed[] => (score === null ? [] : [{ point: hyperparameters, score }]));
  return { point: bayesian(space, seen, seed), share: 1 };
}

/** Of those with the most rows, the best. */
export function bestOf(trials: readonly Trial[]): Trial | null {
  const scored = trials.filter(({ score }) => score !== null);
  return [...scored].sort((a, b) => b.share - a.share || b.score! - a.score!)[0] ?? null;
}

function nextOfHalving(trials: readonly Trial[], { space, limit, seed }: { space: Space; limit: number; seed: number }): NextTrial | null {
  let [below, place]: [readonly Trial[], number] = [[], trials.length];
  for (const [rung, { trials: size, share }] of rungs(limit).entries()) {
    const started = trials.filter((trial) => trial.share === share);
    const ranked = [...below].filter(({ score }) => score !== null).sort((a, b) => b.score! - a.score!);
    const wanted = rung === 0 ? size : Math.min(size, ranked.length);
    if (place < wanted) return { point: rung === 0 ? drawn(space, place, seed) : ranked[place]!.hyperparameters, share };
    place -= wanted;
    below = started;
  }
  return null;
}

/** The n-th point of a seeded stream. */
function drawn(space: Space, place: number, seed: number): Point {
  const random = seeded(seed);
  let point = randomPoint(space, random);
  for (let before = 0; before < place; before += 1) point = randomPoint(space, random);
  return point;
}

const stalled = (trials: readonly Trial[], patience: number | null | undefined): boolean => {
  if (!patience) return false;
  const best = trials.reduce(
    (found, { score }, place) => (score !== null && score > (trials[found]?.score ?? -Infinity) ? place : found),
    0,
  );
  return trials.length - 1 - best >= patience;
};
