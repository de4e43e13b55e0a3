import { z } from 'zod';

import { errors } from '#platform/errors';

import type { TaskType } from '../algorithms/catalogue';
import { trainRules } from '../training/request';

export const strategies = ['grid', 'random', 'bayesian', 'halving'] as const;

const entry = z.union(
  [
    z.object({
      values: z
        .array(z.union([z.number(), z.string()]))
        .min(1)
        .max(50),
    }),
    z
      .object({ min: z.number(), max: z.number(), integer: z.boolean().optional(), log: z.boolean().optional() })
      .refine(({ min, max, log }) => max > min && (!log || min > 0), 'max must exceed min, and min be above 0 with log'),
  ],
  'it must be {values: [1, 2]}, numbers or texts, or {min: 1, max: 9}, with integer and log where wanted',
);

export const tuneRules = trainRules.extend({
  strategy: z.enum(strategies).nullish(),
  space: z.record(z.string(), entry).refine((space) => Object.keys(space).length > 0, 'name at least one hyperparameter'),
  maxTrials: z.number().int().min(1, 'it must be 1 to 200').max(200, 'it must be 1 to 200').nullish(),
  /** Trials without a better one after which the search ends. */
  patience: z.number().int().min(1).max(200).nullish(),
  metric: z.string().max(40).nullish(),
});
export type TuneRequest = z.infer<typeof tuneRules>;

/** What a search may go by, the usual one first. */
const metrics: Readonly<Record<TaskType, readonly string[]>> = {
  classification: ['auc_roc', 'f1_score', 'accuracy', 'precision', 'recall', 'log_loss'],
  regression: ['rmse', 'mae', 'r2'],
  clustering: ['silhouette'],
  forecasting: ['rmse', 'mae', 'r2'],
  // Without labels no setting is better than another.
  anomaly: [],
};
const lessIsBetter: ReadonlySet<string> = new Set(['rmse', 'mae', 'log_loss']);

/** The metric that a search goes by. */
export function metricOf({ taskType, metric }: Pick<TuneRequest, 'taskType' | 'metric'>): string {
  const known = metrics[taskType];
  if (known.length === 0)
    throw errors.INVALID_REQUEST(
      { what: 'task_type', hint: `nothing tells which ${taskType} model is better; choose its hyperparameters yourself` },
      { field: 'task_type' },
    );
  if (metric == null || known.includes(metric)) return metric ?? known[0]!;
  throw errors.INVALID_REQUEST({ what: 'metric', hint: `for ${taskType} it must be one of ${known.join(', ')}` }, { field: 'metric' });
}

/** A metric so that larger is better. */
export const scoreOf = (metric: string, value: number): number => (lessIsBetter.has(metric) ? -value : value);
