import { seeded } from '../data/random';

export type SpaceEntry =
  | { readonly values: readonly (number | string)[] }
  | { readonly min: number; readonly max: number; readonly integer?: boolean; readonly log?: boolean };
export type Space = Readonly<Record<string, SpaceEntry>>;
export type Point = Readonly<Record<string, number | string>>;

export interface Observed {
  readonly point: Point;
  /** Larger is better. */
  readonly score: number;
}

/** Every combination; ranges are cut at five places. */
export function grid(space: Space, limit: number): Point[] {
  let points: Point[] = [{}];
  for (const [name, entry] of Object.entries(space)) {
    const values = 'values' in entry ? entry.values : [0, 0.25, 0.5, 0.75, 1].map((share) => at(entry, share));
    points = points.flatMap((point) => [...new Set(values)].map((value) => ({ ...point, [name]: value })));
    if (points.length > limit * 4) points = points.slice(0, limit * 4);
  }
  return points.slice(0, limit);
}

function at({ min, max, integer, log }: Extract<SpaceEntry, { min: number }>, share: number): number {
  const value = log ? Math.exp(Math.log(min) + share * (Math.log(max) - Math.log(min))) : min + share * (max - min);
  return integer ? Math.round(value) : value;
}

export function randomPoint(space: Space, random: () => number): Point {
  return Object.fromEntries(
    Object.entries(space).map(([name, entry]) => [
      name,
      'values' in entry ? entry.values[Math.floor(random() * entry.values.length)]! : at(entry, random()),
    ]),
  );
}

const startup = 8;
const candidates = 32;

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011): of random candidates, the one that looks most like the best quarter of what
 * was tried and least like the rest, parameter by parameter.
 */
export function bayesian(space: Space, observed: readonly Observed[], seed: number): Point {
  const random = seeded(seed + observed.length * 7_919);
  if (observed.length < startup) return randomPoint(space, random);
  const sorted = [...observed].sort((a, b) => b.score - a.score);
  const cut = Math.max(2, Math.ceil(sorted.length / 4));
  const [good, bad] = [sorted.slice(0, cut), sorted.slice(cut)];
  const draws = Array.from({ length: candidates }, () => near(space, good[Math.floor(random() * good.length)]!.point, random));
  const worth = (point: Point): number =>
    Object.keys(space).reduce(
      (sum, name) =>
        sum +
        Math.log(density(space[name]!, good, { name, value: point[name]! }) / density(space[name]!, bad, { name, value: point[name]! })),
      0,
    );
  return draws.reduce((best, draw) => (worth(draw) > worth(best) ? draw : best));
}

/** A step away from a good point, or now and then a leap. */
function near(space: Space, point: Point, random: () => number): Point {
  return Object.fromEntries(
    Object.entries(space).map(([name, entry]) => {
      if (random() < 0.1 || 'values' in entry)
        return [name, 'values' in entry && random() < 0.7 ? point[name]! : randomPoint({ [name]: entry }, random)[name]!];
      const gauss = Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random());
      return [name, at(entry, Math.min(1, Math.max(0, shareOf(entry, Number(point[name])) + 0.15 * gauss)))];
    }),
  );
}

function shareOf({ min, max, log }: Extract<SpaceEntry, { min: number }>, value: number): number {
  return log ? (Math.log(value) - Math.log(min)) / (Math.log(max) - Math.log(min) || 1) : (value - min) / (max - min || 1);
}

function density(entry: SpaceEntry, observed: readonly Observed[], { name, value }: { name: string; value: number | string }): number {
  if ('values' in entry)
    return (observed.filter(({ point }) => point[name] === value).length + 1) / (observed.length + entry.values.length);
  const width = 0.2;
  const here = shareOf(entry, Number(value));
  const sum = observed.reduce(
    (total, { point }) => total + Math.exp(-((here - shareOf(entry, Number(point[name]))) ** 2) / (2 * width * width)),
    0,
  );
  return (sum + 0.1) / (observed.length + 0.1);
}
