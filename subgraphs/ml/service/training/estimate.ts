import type { TrainingPlan } from './plan';

export interface TrainingSize extends Pick<TrainingPlan, 'algorithm' | 'hyperparameters'> {
  readonly rows: number;
  readonly columns: number;
  /** Above two, boosted trees are grown for each. */
  readonly classes: number;
}

/** A thread is started, and what it gives is measured and stored. */
const aroundSeconds = 0.5;
/** Of a tree, a row and a column, at six levels, importance and measures included, as measured on two cores. */
const nanosecondsPerCell: Readonly<Record<string, number>> = { gradient_boosting: 20, random_forest: 120, xgboost: 120 };
/** Of a pass, a row and a column. */
const passes: Readonly<Record<string, number>> = { linear_regression: 10, ridge: 10, lasso: 100, logistic_regression: 100, kmeans: 300 };
const nanosecondsPerPass = 20;

/** Seconds that a training may take, from its size; null for algorithms whose time hangs on the shape of the data. */
export function estimateSeconds({ algorithm, hyperparameters, rows, columns, classes }: TrainingSize): number | null {
  const cells = rows * Math.max(1, columns);
  const number = (name: string, usual: number): number => Number(hyperparameters[name] ?? usual);
  const perCell = nanosecondsPerCell[algorithm];
  if (perCell !== undefined) {
    const trees = number('n_estimators', 100) * (classes > 2 && algorithm !== 'random_forest' ? classes : 1);
    return aroundSeconds + (cells * trees * perCell * number('max_depth', algorithm === 'random_forest' ? 12 : 6)) / 6 / 1e9;
  }
  // Each tree sees 256 rows, whatever the data; every row then walks through all of them.
  if (algorithm === 'isolation_forest') return aroundSeconds + (rows * number('n_estimators', 100) * 500) / 1e9;
  const count = passes[algorithm];
  if (count !== undefined) return aroundSeconds + (cells * Math.min(count, number('max_iter', count)) * nanosecondsPerPass) / 1e9;
  return null;
}

/** The middle one of the last trainings; null where there were none. */
export const usualSeconds = (last: readonly number[]): number | null =>
  [...last].sort((a, b) => a - b)[Math.floor(last.length / 2)] ?? null;
