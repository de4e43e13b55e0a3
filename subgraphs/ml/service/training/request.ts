import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import { chooseAlgorithm, taskTypes } from '../algorithms/catalogue';
import { toFrame, type Frame } from '../data/frame';
import type { TrainingData } from '../ports';

import { planTraining, type TrainingPlan } from './plan';

export const splitRules = z.object({
  strategy: z.enum(['random', 'stratified', 'time', 'group']).nullish(),
  testSize: z.number().min(0.01, 'it must be 0.01 to 0.9').max(0.9, 'it must be 0.01 to 0.9').nullish(),
  randomState: z.number().int().min(0).nullish(),
  timeColumn: z.string().nullish(),
  groupColumn: z.string().nullish(),
});

export const trainRules = z.object({
  name: z.string().trim().min(1, 'it must not be empty').max(200, 'it must have at most 200 characters'),
  algorithm: z.string().max(60).nullish(),
  taskType: z.enum(taskTypes),
  dataset: z.object({ sourceId: z.string(), query: z.string().min(1).max(100_000) }).nullish(),
  featureSet: z.string().nullish(),
  targetColumn: z.string().nullish(),
  featureColumns: z.array(z.string()).max(10_000).nullish(),
  hyperparameters: z.record(z.string(), z.unknown()).nullish(),
  split: splitRules.nullish(),
  experimentId: z.string().nullish(),
});
export type TrainRequest = z.infer<typeof trainRules>;

export const maxTrainingRows = 1_000_000;

/** What a model came from: enough to train it again and get the same one. */
export interface Lineage {
  readonly queryId: string;
  readonly sourceId: string;
  readonly query: string;
  readonly dataVersion: string;
  readonly rowCount: number;
  /** SHA-256 of the rows. */
  readonly dataHash: string;
  readonly truncated: boolean;
}

/** Reads the dataset as the caller and plans the training on it. */
export async function prepareTraining(
  caller: Caller,
  request: Omit<TrainRequest, 'dataset'> & { readonly dataset: { sourceId: string; query: string } },
  { data, signal }: { data: TrainingData; signal?: AbortSignal },
): Promise<{ frame: Frame; plan: TrainingPlan; lineage: Lineage }> {
  const { name: algorithm, hyperparameters } = chooseAlgorithm(request.algorithm, request.taskType, request.hyperparameters ?? {});
  const { sourceId, query } = request.dataset;
  const read = await data.read(caller, { sql: query, sourceId, maxRows: maxTrainingRows }, signal);
  const names = read.columns.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw errors.INVALID_REQUEST(
      { what: 'dataset.query', hint: 'two columns have the same name; rename one with AS' },
      { field: 'dataset.query' },
    );
  const frame = toFrame(names, read.rows);
  const split = request.split ?? {};
  const plan = planTraining(frame, {
    task: request.taskType,
    algorithm,
    hyperparameters,
    target: request.targetColumn,
    features: request.featureColumns,
    split: {
      strategy: split.strategy ?? (request.taskType === 'classification' ? 'stratified' : 'random'),
      testSize: split.testSize ?? 0.2,
      seed: split.randomState ?? 42,
      timeColumn: split.timeColumn,
      groupColumn: split.groupColumn,
    },
  });
  const hash = createHash('sha256');
  for (const row of read.rows) hash.update(JSON.stringify(row));
  const lineage = {
    queryId: read.queryId,
    sourceId,
    query,
    dataVersion: read.dataVersion,
    rowCount: frame.rowCount,
    dataHash: hash.digest('hex'),
    truncated: read.truncated,
  };
  return { frame, plan, lineage };
}
