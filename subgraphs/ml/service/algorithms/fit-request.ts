import type { Frame } from '../data/frame';

export interface FitRequest {
  readonly algorithm: string;
  readonly task: string;
  readonly hyperparameters: Readonly<Record<string, number | string>>;
  readonly features: readonly string[];
  readonly target: string | null;
  readonly seed: number;
  /** Class names in the order of their numbers; null unless classes are told apart. */
  readonly classes: readonly string[] | null;
}

export interface FitData {
  readonly train: Frame;
  /** For early stopping. */
  readonly validation: Frame | null;
}
