export type Objective = 'regression' | 'binary' | 'multiclass' | 'rank';

export interface TrainOptions {
  readonly objective: Objective;
  /** `forest` averages independent trees on bootstrap samples; `boost` adds each tree to correct those before. @default boost */
  readonly mode?: 'boost' | 'forest';
  /** Rounds; multiclass grows one tree a class in each. @default 100 */
  readonly trees?: number;
  /** Levels of splits below the root. @default 6 */
  readonly depth?: number;
  /** Leaves a tree may have; the split with the greatest gain is made first. @default 2^depth */
  readonly leaves?: number;
  /** @default 0.1 */
  readonly learningRate?: number;
  /** Histogram bins a feature, 2 to 255; one more is kept for missing values. @default 64 */
  readonly bins?: number;
  /** Ridge penalty on leaf values. @default 1 */
  readonly l2?: number;
  /** Least sum of second derivatives (rows, for regression) in a leaf. @default 1 */
  readonly minChildWeight?: number;
  /** Least gain that justifies a split. @default 0 */
  readonly minGain?: number;
  /** Share of the rows that each tree sees. @default 1 */
  readonly rowFraction?: number;
  /** Share of the features that each tree may use. @default 1 */
  readonly columnFraction?: number;
  /** Share of those features that each split may use. @default 1, in a forest √features */
  readonly columnFractionPerSplit?: number;
  /** The same seed, data and options give the same model bit for bit. @default 1 */
  readonly seed?: number;
  /** Stops after so many rounds without a better validation loss, and keeps the best round. Needs validation rows. */
  readonly earlyStoppingRounds?: number;
  /** Factor on the rows of each class, by class number; `balanced` makes all classes weigh the same. */
  readonly classWeights?: readonly number[] | 'balanced';
  /** Ranking loss: probability that the top row is a relevant one, or pairwise gains weighted by NDCG. @default softmax */
  readonly rankLoss?: 'softmax' | 'lambda';
}

export interface Progress {
  readonly round: number;
  readonly rounds: number;
  readonly trainLoss: number;
  readonly validationLoss?: number;
}

export type ResolvedOptions = Required<Omit<TrainOptions, 'classWeights' | 'earlyStoppingRounds'>> &
  Pick<TrainOptions, 'classWeights' | 'earlyStoppingRounds'>;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

export const resolveOptions = (options: TrainOptions, features: number): ResolvedOptions => {
  const mode = options.mode ?? 'boost';
  const depth = clamp(Math.round(options.depth ?? 6), 1, 24);
  return {
    objective: options.objective,
    mode,
    trees: Math.max(1, Math.round(options.trees ?? 100)),
    depth,
    leaves: Math.max(2, Math.round(options.leaves ?? Math.min(2 ** depth, 4096))),
    learningRate: mode === 'forest' ? 1 : (options.learningRate ?? 0.1),
    bins: clamp(Math.round(options.bins ?? 64), 2, 255),
    l2: Math.max(0, options.l2 ?? (mode === 'forest' ? 0 : 1)),
    minChildWeight: Math.max(1e-6, options.minChildWeight ?? 1),
    minGain: Math.max(0, options.minGain ?? 0),
    rowFraction: clamp(options.rowFraction ?? 1, 0.001, 1),
    columnFraction: clamp(options.columnFraction ?? 1, 0.001, 1),
    columnFractionPerSplit: clamp(
      options.columnFractionPerSplit ?? (mode === 'forest' ? Math.max(1 / 3, 1 / Math.sqrt(features)) : 1),
      0.001,
      1,
    ),
    seed: options.seed ?? 1,
    rankLoss: options.rankLoss ?? 'softmax',
    classWeights: options.classWeights,
    earlyStoppingRounds: options.earlyStoppingRounds,
  };
};
