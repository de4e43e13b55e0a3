import type { SubgraphFixture } from '../kit/compose';

export interface CorpusOperation {
  readonly source: string;
  readonly variables?: Record<string, unknown>;
  /** The answer where it is known by heart; else the stock gateway's is the measure. */
  readonly data?: unknown;
  /** The stock gateway answers this one wrongly, so `data` alone is the measure. */
  readonly beyondStock?: boolean;
}

export interface CorpusWorld {
  readonly name: string;
  readonly fixtures: readonly SubgraphFixture[];
  readonly operations: readonly CorpusOperation[];
}
