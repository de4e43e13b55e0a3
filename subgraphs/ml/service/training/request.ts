import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import { chooseAlgorithm, taskTypes } from '../algorithms/catalogue';
import { toFrameInTurns, type Frame } from '../data/frame';
import { withoutUnfinished } from '../data/leakage';
import type { TrainingData, TrainingRows } from '../ports';

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

/** What can be told of a request before its rows are read; slips in names are answered at once, not by a job that fails later. */
export function checkRequest({ taskType, targetColumn, split, featureColumns }: Omit<TrainRequest, 'dataset'>): void {
  const refuse = (field: string, hint: string): Error => errors.INVALID_REQUEST({ what: field, hint }, { field });
  if (['classification', 'regression', 'forecasting'].includes(taskType) && !targetColumn)
    throw refuse('targetColumn', `${taskType} needs the column to predict`);
  if (featureColumns?.length === 0) throw refuse('featureColumns', 'name at least one, or leave it out to use every column');
  if (split?.strategy === 'time' && !split.timeColumn) throw refuse('split.timeColumn', 'a split by time needs it');
  if (split?.strategy === 'group' && !split.groupColumn) throw refuse('split.groupColumn', 'a split by group needs it');
}

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

export interface Dataset {
  readonly frame: Frame;
  readonly lineage: Lineage;
  /** What was found while reading. */
  readonly warnings: readonly string[];
}

type DataRequest = Pick<TrainRequest, 'taskType' | 'targetColumn' | 'split'> & { readonly dataset: { sourceId: string; query: string } };

/** Reads the dataset as the caller. */
export async function readDataset(
  caller: Caller,
  { dataset: { sourceId, query }, taskType, targetColumn, split }: DataRequest,
  { data, signal }: { data: TrainingData; signal?: AbortSignal },
): Promise<Dataset> {
  const read = await data.read(caller, { sql: query, sourceId, maxRows: maxTrainingRows }, signal);
  const names = read.columns.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw errors.INVALID_REQUEST(
      { what: 'dataset.query', hint: 'two columns have the same name; rename one with AS' },
      { field: 'dataset.query' },
    );
  const { queryId, dataVersion, truncated, rows } = read;
  // Classes that are true and false keep these names.
  const isFlag = taskType === 'classification' && targetColumn != null && hasFlags(rows, names.indexOf(targetColumn));
  const dataHash = await hashOf(rows, signal);
  const whole = await toFrameInTurns(names, rows, isFlag ? [targetColumn] : []);
  const time = taskType === 'forecasting' ? split?.timeColumn : null;
  const { frame, warnings } = time ? withoutUnfinished(whole, time, new Date()) : { frame: whole, warnings: [] };
  return { frame, warnings, lineage: { queryId, sourceId, query, dataVersion, rowCount: rows.length, dataHash, truncated } };
}

const hasFlags = (rows: TrainingRows['rows'], place: number): boolean => rows.some((row) => typeof row[place] === 'boolean');

/** SHA-256 of all rows, with turns for others in between. */
async function hashOf(rows: TrainingRows['rows'], signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const [place, row] of rows.entries()) {
    hash.update(JSON.stringify(row));
    if (place % 10_000 === 9_999) await setImmediate(undefined, signal ? { signal } : {});
  }
  return hash.digest('hex');
}

/** Plans a training on what was read. */
export function planOn({ frame, lineage, warnings }: Dataset, request: Omit<TrainRequest, 'dataset'>): TrainingPlan {
  const { name: algorithm, hyperparameters } = chooseAlgorithm(request.algorithm, request.taskType, request.hyperparameters ?? {});
  const split = request.split ?? {};
  const plan = planTraining(frame, {
    task: request.taskType,
    algorithm,
    hyperparameters,
    target: request.targetColumn,
    features: request.featureColumns,
    split: {
      strategy: split.strategy ?? usualSplit(request),
      testSize: split.testSize ?? 0.2,
      seed: split.randomState ?? 42,
      timeColumn: split.timeColumn,
      groupColumn: split.groupColumn,
    },
  });
  if (!lineage.truncated) return { ...plan, warnings: [...plan.warnings, ...warnings] };
  const cut = `the query has more rows than were read: the model learned from the first ${lineage.rowCount}; sample in the query to see all of them`;
  return { ...plan, warnings: [cut, ...plan.warnings, ...warnings] };
}

/** Who names a column of time or groups means a split by it. */
function usualSplit({ split, taskType }: Pick<TrainRequest, 'split' | 'taskType'>): 'time' | 'group' | 'stratified' | 'random' {
  if (split?.timeColumn) return 'time';
  if (split?.groupColumn) return 'group';
  return taskType === 'classification' ? 'stratified' : 'random';
}
