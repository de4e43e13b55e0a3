import { z } from 'zod';

import { errors, nearestName } from '#platform/errors';

export const taskTypes = ['classification', 'regression', 'clustering', 'forecasting', 'anomaly'] as const;
export type TaskType = (typeof taskTypes)[number];

const whole = (low: number, high: number) => z.number().int().min(low).max(high).optional();
const real = (low: number, high: number) => z.number().min(low).max(high).optional();

const trees = {
  n_estimators: whole(1, 5_000),
  max_depth: whole(1, 24),
  max_bins: whole(2, 255),
  min_child_weight: real(0, 1e9),
  reg_lambda: real(0, 1e6),
  subsample: real(0.01, 1),
  colsample_bytree: real(0.01, 1),
};
const boosted = {
  ...trees,
  learning_rate: real(0.0001, 1),
  early_stopping_rounds: whole(1, 1_000),
  class_weight: z.enum(['balanced']).optional(),
};
const linear = { alpha: real(0, 1e6), max_iter: whole(1, 10_000) };

export interface Algorithm {
  readonly tasks: readonly TaskType[];
  readonly description: string;
  readonly hyperparameters: z.ZodObject;
}

const algorithm = (description: string, tasks: readonly TaskType[], shape: z.ZodRawShape): Algorithm => ({
  description,
  tasks,
  hyperparameters: z.strictObject(shape),
});

/** Every algorithm with the tasks it does and the hyperparameters it takes. */
export const algorithms: Readonly<Record<string, Algorithm>> = {
  gradient_boosting: algorithm(
    'Histogram gradient boosting; takes missing values and categories as they are.',
    ['classification', 'regression'],
    boosted,
  ),
  random_forest: algorithm('Bagged decision trees.', ['classification', 'regression'], trees),
  xgboost: algorithm('XGBoost itself, compiled to WebAssembly.', ['classification', 'regression'], {
    n_estimators: whole(1, 2_000),
    max_depth: whole(1, 16),
    learning_rate: real(0.0001, 1),
    reg_lambda: real(0, 1e6),
  }),
  linear_regression: algorithm('Least squares.', ['regression'], { max_iter: linear.max_iter }),
  ridge: algorithm('Least squares with a ridge penalty.', ['regression'], linear),
  lasso: algorithm('Least squares with a lasso penalty, which leaves features out.', ['regression'], linear),
  logistic_regression: algorithm('Logistic regression with a ridge penalty.', ['classification'], linear),
  kmeans: algorithm('k-means with k-means++ starts.', ['clustering'], { n_clusters: whole(2, 1_000), max_iter: whole(1, 10_000) }),
  isolation_forest: algorithm('Isolation forest: what few random cuts set apart is unusual.', ['anomaly'], {
    n_estimators: whole(1, 1_000),
    contamination: real(0.0001, 0.5),
  }),
  exponential_smoothing: algorithm('Holt–Winters with trend and additive season.', ['forecasting'], {
    period: whole(1, 1_000),
    horizon: whole(1, 1_000),
  }),
  arima: algorithm('Seasonal ARIMA, with the orders that forecast the end of the series best.', ['forecasting'], {
    period: whole(1, 1_000),
    horizon: whole(1, 1_000),
  }),
};

const defaults: Readonly<Record<TaskType, string>> = {
  classification: 'gradient_boosting',
  regression: 'gradient_boosting',
  clustering: 'kmeans',
  forecasting: 'exponential_smoothing',
  anomaly: 'isolation_forest',
};

export interface ChosenAlgorithm {
  readonly name: string;
  readonly hyperparameters: Readonly<Record<string, number | string>>;
}

/** Checks algorithm, task and hyperparameters; a slip is answered with the nearest known name. */
export function chooseAlgorithm(
  given: string | null | undefined,
  task: TaskType,
  hyperparameters: Readonly<Record<string, unknown>>,
): ChosenAlgorithm {
  const name = given ?? defaults[task];
  const found = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  if (!found) {
    const nearest = nearestName(name, Object.keys(algorithms));
    throw errors.INVALID_REQUEST(
      { what: 'algorithm', hint: nearest ? `did you mean ${nearest}?` : `known are ${Object.keys(algorithms).join(', ')}` },
      { field: 'algorithm' },
    );
  }
  if (!found.tasks.includes(task)) {
    const fitting = Object.entries(algorithms).flatMap(([other, { tasks }]) => (tasks.includes(task) ? [other] : []));
    throw errors.INVALID_REQUEST(
      { what: 'algorithm', hint: `${name} does not do ${task}; use ${fitting.join(', ')}` },
      { field: 'algorithm' },
    );
  }
  const known = Object.keys(found.hyperparameters.shape);
  const unknown = Object.keys(hyperparameters).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, known);
    throw errors.INVALID_REQUEST(
      { what: `hyperparameters.${unknown}`, hint: nearest ? `did you mean ${nearest}?` : `${name} takes ${known.join(', ')}` },
      { field: `hyperparameters.${unknown}` },
    );
  }
  const result = found.hyperparameters.safeParse(hyperparameters);
  if (result.success) return { name, hyperparameters: result.data as Record<string, number | string> };
  const issue = result.error.issues[0]!;
  throw errors.INVALID_REQUEST(
    { what: `hyperparameters.${issue.path.join('.')}`, hint: issue.message },
    { field: `hyperparameters.${issue.path.join('.')}` },
  );
}
