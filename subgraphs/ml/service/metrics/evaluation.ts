import { seeded } from '../data/random';

export interface Interval {
  readonly value: number;
  /** 95 % by bootstrap of the rows (Efron 1979), 200 draws; of very many rows fewer. */
  readonly low: number;
  readonly high: number;
}

export type Metrics = Readonly<Record<string, number>>;

export interface Evaluation {
  readonly metrics: Metrics;
  readonly intervals: Readonly<Record<string, Interval>>;
  /** Curves and tables for the report. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** How often each row counts. */
export type Weights = Uint16Array;

/** Steps of all draws together: a million rows are measured in seconds. */
const budget = 4e8;

/** Measures all rows, then bootstraps by how often each row is drawn, so that nothing is copied or sorted again. */
export function withIntervals(
  count: number,
  measure: (weights: Weights) => Metrics,
  { details, stepsPerRow = 1 }: { details: Evaluation['details']; stepsPerRow?: number },
): Evaluation {
  const metrics = measure(new Uint16Array(count).fill(1));
  const draws = Math.max(20, Math.min(200, Math.floor(budget / Math.max(1, count * stepsPerRow * 10))));
  const random = seeded(7);
  const drawn = Array.from({ length: draws }, () => {
    const weights = new Uint16Array(count);
    for (let row = 0; row < count; row += 1) weights[Math.floor(random() * count)]! += 1;
    return measure(weights);
  });
  const [low, high] = [Math.floor(0.025 * draws), Math.ceil(0.975 * draws) - 1];
  const intervals = Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => {
      const sorted = drawn.map((each) => each[name]!).sort((a, b) => a - b);
      return [name, { value, low: sorted[low]!, high: sorted[high]! }];
    }),
  );
  return { metrics, intervals, details };
}
