import type { Evaluation } from '../metrics/evaluation';
import type { ModelDocument } from '../algorithms/model-document';
import type { FeatureBaseline } from './baseline';
import type { FeatureImportance } from './measure';

export interface Trained {
  readonly model: ModelDocument;
  readonly evaluation: Evaluation;
  /** By permutation on the rows held back. Empty where there is no target. */
  readonly importance: readonly FeatureImportance[];
  /** Shares of the gain of all splits; empty for models without trees. */
  readonly gainImportance: readonly FeatureImportance[];
  readonly baseline: Readonly<Record<string, FeatureBaseline>>;
  readonly rows: { readonly train: number; readonly test: number };
}
