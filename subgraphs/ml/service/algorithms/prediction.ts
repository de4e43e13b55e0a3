import type { ForecastPoint } from './smoothing';

export interface Prediction {
  /** A number, a class, a cluster's number, or the points of a forecast. */
  readonly prediction: number | string | readonly ForecastPoint[];
  /** Of the class predicted; of being unusual for anomalies; null otherwise. */
  readonly probability: number | null;
  /** Of every class, in order; null unless classes are told apart. */
  readonly probabilities: readonly number[] | null;
  /** What each feature adds to the score; they sum to it with `bias`. Null where the model does not say. */
  readonly contributions: Readonly<Record<string, number>> | null;
  readonly bias: number | null;
}

export type Row = Readonly<Record<string, unknown>>;
