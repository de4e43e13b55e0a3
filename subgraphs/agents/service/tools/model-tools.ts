import { z } from 'zod';

import type { TrainingPort } from '../ports';

import { defineTool, type AnyTool } from './tool';

interface Point {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const rounded = (value: number): string => String(Number(value.toPrecision(6)));

const pointsOf = (prediction: unknown): readonly Point[] => (Array.isArray(prediction) ? (prediction as Point[]) : []);

/** Tools that make models: they leave something behind and use the processor, so that a person agrees first. */
export const modelTools = (training: TrainingPort): readonly AnyTool[] => [
  defineTool({
    name: 'forecast',
    description: 'Trains a forecast on a series, one row a period in a statement, and continues it.',
    schema: z.strictObject({
      name: z.string().trim().min(1).max(200),
      sql: z.string().min(1).max(50_000),
      source_id: z.string().nullish(),
      time_column: z.string().min(1),
      value_column: z.string().min(1),
      horizon: z.number().int().min(1).max(1_000),
      season: z.number().int().min(1).max(1_000).default(1),
    }),
    effect: 'write',
    async run(
      { name, sql, source_id: given, time_column: timeColumn, value_column: target, horizon, season },
      { caller, sourceId, signal },
    ) {
      const trained = await training.train(caller, {
        name,
        taskType: 'forecasting',
        sql,
        sourceId: given ?? sourceId,
        target,
        timeColumn,
        hyperparameters: { horizon, period: season },
        signal,
      });
      const { prediction } = await training.predict(caller, { modelId: trained.modelId, features: { horizon }, signal });
      const points = pointsOf(prediction);
      const { rmse, seasonal_naive_rmse: naive } = trained.metrics;
      const judged = rmse !== undefined && naive !== undefined ? ` Tested on the end of the series it was off by ${rounded(rmse)}; repeating the last season by ${rounded(naive)}.` : ''; // prettier-ignore
      return {
        output: { model_id: trained.modelId, version: trained.version, metrics: trained.metrics, forecast: points },
        summary: `${name}, the next ${points.length}: ${points.map(({ value, low, high }) => `${rounded(value)} (${rounded(low)} to ${rounded(high)})`).join(', ')}.${judged}`,
      };
    },
  }),
  defineTool({
    name: 'train_model',
    description: 'Trains a model on the rows of a statement: classification, regression, clustering or anomaly.',
    schema: z.strictObject({
      name: z.string().trim().min(1).max(200),
      task_type: z.enum(['classification', 'regression', 'clustering', 'anomaly']),
      sql: z.string().min(1).max(50_000),
      source_id: z.string().nullish(),
      target_column: z.string().nullish(),
      hyperparameters: z.record(z.string(), z.unknown()).default({}),
    }),
    effect: 'write',
    async run({ name, task_type: taskType, sql, source_id: given, target_column: target, hyperparameters }, { caller, sourceId, signal }) {
      const asked = { name, taskType, sql, sourceId: given ?? sourceId, target: target ?? null, timeColumn: null, hyperparameters, signal };
      const { modelId, version, metrics } = await training.train(caller, asked);
      const told = Object.entries(metrics).map(([metric, value]) => `${metric} ${rounded(value)}`).join(', '); // prettier-ignore
      return {
        output: { model_id: modelId, version, metrics },
        summary: `Model “${name}” version ${version} was trained (${modelId}): ${told}.`,
      };
    },
  }),
];
