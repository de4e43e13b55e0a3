import type { StoredExperimentRun } from '../store/experiment.store';

export interface ComparedValue {
  readonly runId: string;
  readonly value: number;
  /** 95 %; null where the run told no interval. */
  readonly low: number | null;
  readonly high: number | null;
  readonly isBest: boolean;
}

export interface ComparedMetric {
  readonly name: string;
  /** Null for one of which neither direction is known to be better: no run is marked. */
  readonly higherIsBetter: boolean | null;
  readonly values: readonly ComparedValue[];
  /** True where the best run's interval is apart from all others; null where intervals are missing or there is nothing to be better than. */
  readonly isClear: boolean | null;
}

export interface ComparedParameter {
  readonly name: string;
  /** In the order of the runs; null where a run does not name it. */
  readonly values: readonly unknown[];
}

export interface ExperimentComparison {
  readonly runs: readonly StoredExperimentRun[];
  readonly differing: readonly ComparedParameter[];
  /** Parameters that are the same in every run. */
  readonly common: Readonly<Record<string, unknown>>;
  readonly metrics: readonly ComparedMetric[];
  readonly chart: object;
}

type Bounds = Readonly<Record<string, { readonly low: number; readonly high: number }>>;

const better: Readonly<Record<'more' | 'less', ReadonlySet<string>>> = {
  more: new Set(['auc_roc', 'auc', 'f1_score', 'accuracy', 'precision', 'recall', 'r2', 'silhouette']),
  less: new Set(['rmse', 'mae', 'mse', 'mape', 'smape', 'log_loss', 'loss', 'error', 'brier_score']),
};
const higherIsBetter = (metric: string): boolean | null => (better.more.has(metric) ? true : better.less.has(metric) ? false : null);

/** Runs side by side: what they were given differently, and what came of it. */
export function compareRuns(title: string, runs: readonly StoredExperimentRun[]): ExperimentComparison {
  const parameters = runs.map((run) => run.parameters as Readonly<Record<string, unknown>>);
  const all = namesOf(parameters).map((name) => ({ name, values: parameters.map((each) => each[name] ?? null) }));
  const isCommon = ({ values }: ComparedParameter): boolean => values.every((value) => sameValue(value, values[0]));
  const metrics = namesOf(runs.map((run) => run.metrics as object)).map((name) => compareMetric(name, runs));
  return {
    runs,
    differing: all.filter((parameter) => !isCommon(parameter)),
    common: Object.fromEntries(all.filter(isCommon).map(({ name, values }) => [name, values[0]])),
    metrics,
    chart: chartOf(title, runs, metrics),
  };
}

const namesOf = (records: readonly object[]): string[] => [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
const sameValue = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function compareMetric(name: string, runs: readonly StoredExperimentRun[]): ComparedMetric {
  const direction = higherIsBetter(name);
  const values = runs.flatMap((run): Omit<ComparedValue, 'isBest'>[] => {
    const value = (run.metrics as Readonly<Record<string, number>>)[name];
    const bounds = (run.intervals as Bounds)[name];
    return value === undefined ? [] : [{ runId: run.id, value, low: bounds?.low ?? null, high: bounds?.high ?? null }];
  });
  const best = (direction ? Math.max : Math.min)(...values.map(({ value }) => value));
  const marked = values.map((each) => ({ ...each, isBest: direction !== null && each.value === best }));
  return { name, higherIsBetter: direction, values: marked, isClear: direction === null ? null : isClear(marked, direction) };
}

function isClear(values: readonly ComparedValue[], more: boolean): boolean | null {
  if (values.length < 2 || values.some(({ low }) => low === null)) return null;
  const [winners, others] = [values.filter(({ isBest }) => isBest), values.filter(({ isBest }) => !isBest)];
  if (winners.length > 1) return false;
  const [winner] = winners as [ComparedValue];
  return others.every((other) => (more ? winner.low! > other.high! : winner.high! < other.low!));
}

/** One row a metric, each with a scale of its own; the best run is filled. */
function chartOf(title: string, runs: readonly StoredExperimentRun[], metrics: readonly ComparedMetric[]): object {
  const nameOf = new Map(runs.map(({ id, name }) => [id, name]));
  // Two runs of one name stay two marks.
  const label = (id: string): string => (runs.filter(({ name }) => name === nameOf.get(id)).length > 1 ? `${nameOf.get(id)} (${id})` : nameOf.get(id)!); // prettier-ignore
  const values = metrics.flatMap(
    (metric) =>
    metric.values.map(({ runId, value, low, high, isBest }) => ({ metric: metric.name, run: label(runId), value, low: low ?? value, high: high ?? value, best: isBest })), // prettier-ignore
  );
  const y = { field: 'run', type: 'nominal', title: null, sort: runs.map(({ id }) => label(id)) };
  const x = { type: 'quantitative', title: null, scale: { zero: false } };
  const fill = { condition: { test: 'datum.best', value: '#1f77b4' }, value: 'white' };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title: `${title}: runs compared`,
    description: `Metrics of ${runs.length} runs of ${title} with 95 % intervals where they are known; the best of each is filled.`,
    data: { values },
    facet: { row: { field: 'metric', type: 'nominal', title: null, header: { labelAngle: 0, labelAlign: 'left' } } },
    spec: {
      width: 320,
      height: { step: 18 },
      layer: [
        { mark: { type: 'rule', strokeWidth: 2 }, encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } } },
        { mark: { type: 'point', size: 60, stroke: '#1f77b4' }, encoding: { y, x: { ...x, field: 'value' }, fill, tooltip: ['run', 'value', 'low', 'high'].map((field) => ({ field })) } }, // prettier-ignore
      ],
    },
    resolve: { scale: { x: 'independent' } },
  };
}
