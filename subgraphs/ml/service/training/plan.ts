import { errors } from '#platform/errors';

import type { TaskType } from '../algorithms/catalogue';
import { cellAt, columnOf, isMissing, isNumeric, report, type Column, type ColumnReport, type Frame } from '../data/frame';
import { leakageWarnings } from '../data/leakage';
import { timesOf, type SplitOptions } from '../data/split';

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
  /** Of the rows to learn from, those that are used; trials of a search need not see all. @default 1 */
  readonly share?: number;
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
/** Classes told apart at most. */
const maxKinds = 100;

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
  if (features.length > maxFeatures)
    throw invalid('feature_columns', `${features.length} are too many; choose at most ${maxFeatures}`, 'feature_columns');
  const repeated = features.find((name, place) => features.indexOf(name) < place);
  if (repeated !== undefined) throw invalid('feature_columns', `${repeated} is named twice`, 'feature_columns');
  if (target && features.includes(target))
    throw invalid('feature_columns', `${target} is the target and cannot be a feature`, 'feature_columns');
  const usable = features.filter((name) => hasValues(columnOf(frame, name, 'feature_columns')));
  if (task !== 'forecasting' && usable.length === 0) throw invalid('feature_columns', 'no feature has any value', 'feature_columns');
  const clusters = Number(request.hyperparameters.n_clusters ?? 0);
  if (clusters > frame.rowCount)
    throw invalid('hyperparameters.n_clusters', `${clusters} are more than the ${frame.rowCount} rows`, 'hyperparameters.n_clusters');
  if (timeColumn) timesOf(columnOf(frame, timeColumn, 'split.time_column'), timeColumn);
  if (groupColumn) columnOf(frame, groupColumn, 'split.group_column');
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
      ...rareClasses(target && classes ? columnOf(frame, target, 'target_column') : [], classes ?? []),
      ...dropped.map((name) => `${name} has no values and was left out`),
      ...leakageWarnings(frame, { target, features: usable, timeColumn }),
    ],
  };
}

/** Rows of a class under which it can be neither learned nor measured. */
const fewRows = 5;

function rareClasses(column: Column, classes: readonly string[]): string[] {
  const counts = new Map(classes.map((name) => [name, 0]));
  for (let row = 0; row < column.length; row += 1) {
    const name = String(cellAt(column, row));
    if (counts.has(name)) counts.set(name, counts.get(name)! + 1);
  }
  return [...counts].flatMap(([name, count]) => (count < fewRows ? [`class ${name} has ${count} row(s): too few to learn it or to measure it`] : [])); // prettier-ignore
}

const hasValues = (column: Column): boolean => {
  for (let row = 0; row < column.length; row += 1) if (!isMissing(column, row)) return true;
  return false;
};

function checkTarget(column: Column, task: TaskType, name: string): string[] | null {
  const known = new Set<string | number>();
  for (let row = 0; row < column.length && known.size <= maxKinds; row += 1) {
    const value = cellAt(column, row);
    if (value !== null) known.add(value);
  }
  if (known.size === 0) throw invalid('target_column', `${name} has no values`, 'target_column');
  if (task === 'classification') {
    const classes = [...known].map(String).sort();
    if (classes.length < 2)
      throw invalid('target_column', `${name} has one value only (${classes[0]}); there is nothing to tell apart`, 'target_column');
    if (classes.length > maxKinds)
      throw invalid(
        'target_column',
        `${name} has more than ${maxKinds} values; classification takes at most ${maxKinds}, or use regression`,
        'target_column',
      );
    return classes;
  }
  if (!isNumeric(column))
    throw invalid('target_column', `${name} holds text; ${task} needs numbers, or use classification`, 'target_column');
  if (known.size === 1 && task === 'regression')
    throw invalid('target_column', `${name} is ${[...known].join()} in every row; there is nothing to learn`, 'target_column');
  return null;
}
