import { errors } from '#platform/errors';

import type { TaskType } from '../algorithms/catalogue';
import { columnOf, isNumeric, report, type ColumnReport, type Frame } from '../data/frame';
import { leakageWarnings } from '../data/leakage';
import type { SplitOptions } from '../data/split';

export interface TrainingPlan {
  readonly task: TaskType;
  readonly algorithm: string;
  readonly hyperparameters: Readonly<Record<string, number | string>>;
  readonly target: string | null;
  readonly features: readonly string[];
  readonly classes: readonly string[] | null;
  readonly split: SplitOptions;
  readonly report: readonly ColumnReport[];
  readonly warnings: readonly string[];
}

export interface PlanRequest {
  readonly task: TaskType;
  readonly algorithm: string;
  readonly hyperparameters: Readonly<Record<string, number | string>>;
  readonly target?: string | null;
  readonly features?: readonly string[] | null;
  readonly split: Omit<SplitOptions, 'target'>;
}

const maxFeatures = 2_000;

const invalid = (what: string, hint: string, field: string): Error => errors.INVALID_REQUEST({ what, hint }, { field });

/** Checks a dataset against what is asked of it, before any thread starts. */
export function planTraining(frame: Frame, request: PlanRequest): TrainingPlan {
  const { task } = request;
  if (frame.rowCount < 10) throw invalid('the dataset', `it has ${frame.rowCount} row(s); training needs at least 10`, 'dataset');
  const needsTarget = task === 'classification' || task === 'regression' || task === 'forecasting';
  if (needsTarget && !request.target) throw invalid('target_column', `${task} needs the column to predict`, 'target_column');
  const target = request.target ?? null;
  const classes = target ? checkTarget(columnOf(frame, target, 'target_column'), task, target) : null;
  const timeColumn = request.split.timeColumn ?? null;
  const groupColumn = request.split.groupColumn ?? null;
  const others = frame.names.filter((name) => name !== target && name !== timeColumn && name !== groupColumn);
  const features = task === 'forecasting' ? [] : [...(request.features ?? others)];
  for (const name of features) columnOf(frame, name, 'feature_columns');
  if (target && features.includes(target))
    throw invalid('feature_columns', `${target} is the target and cannot be a feature`, 'feature_columns');
  if (features.length > maxFeatures)
    throw invalid('feature_columns', `${features.length} are too many; choose at most ${maxFeatures}`, 'feature_columns');
  const usable = features.filter((name) => columnOf(frame, name, 'feature_columns').some((value) => value !== null));
  if (task !== 'forecasting' && usable.length === 0) throw invalid('feature_columns', 'no feature has any value', 'feature_columns');
  const dropped = features.filter((name) => !usable.includes(name));
  return {
    task,
    algorithm: request.algorithm,
    hyperparameters: request.hyperparameters,
    target,
    features: usable,
    classes,
    split: { ...request.split, target },
    report: report(frame),
    warnings: [
      ...dropped.map((name) => `${name} has no values and was left out`),
      ...leakageWarnings(frame, { target, features: usable, timeColumn }),
    ],
  };
}

function checkTarget(column: readonly (string | number | null)[], task: TaskType, name: string): string[] | null {
  const known = column.filter((value) => value !== null);
  if (known.length === 0) throw invalid('target_column', `${name} has no values`, 'target_column');
  if (task === 'classification') {
    const classes = [...new Set(known.map(String))].sort();
    if (classes.length < 2)
      throw invalid('target_column', `${name} has one value only (${classes[0]}); there is nothing to tell apart`, 'target_column');
    if (classes.length > 100)
      throw invalid(
        'target_column',
        `${name} has ${classes.length} values; classification takes at most 100, or use regression`,
        'target_column',
      );
    return classes;
  }
  if (!isNumeric(column))
    throw invalid('target_column', `${name} holds text; ${task} needs numbers, or use classification`, 'target_column');
  if (new Set(known).size === 1 && task === 'regression')
    throw invalid('target_column', `${name} is ${String(known[0])} in every row; there is nothing to learn`, 'target_column');
  return null;
}
