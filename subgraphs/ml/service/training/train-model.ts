import { encodeFrame, fitEncoder } from '../algorithms/encoder';
import { fit } from '../algorithms/fit';
import type { ModelDocument } from '../algorithms/model-document';
import { scorerFor, type Prediction, type Row } from '../algorithms/score';
import { pick, type Frame } from '../data/frame';
import { seeded, shuffled } from '../data/random';
import { split } from '../data/split';
import { evaluateClassification, evaluateClusters, evaluateRegression, type Evaluation } from '../metrics/metrics';

import type { TrainingPlan } from './plan';

export interface Trained {
  readonly model: ModelDocument;
  readonly evaluation: Evaluation;
  /** By permutation on the rows held back: how much worse the main metric gets. Empty where there is no target. */
  readonly importance: readonly { readonly feature: string; readonly importance: number }[];
  /** Of each feature in training, to compare with later: the bounds of ten equal parts, or the shares of categories. */
  readonly baseline: Readonly<Record<string, FeatureBaseline>>;
  readonly rows: { readonly train: number; readonly test: number };
}

export type FeatureBaseline =
  | { readonly kind: 'number'; readonly bounds: readonly number[]; readonly shares: readonly number[] }
  | { readonly kind: 'category'; readonly shares: Readonly<Record<string, number>> };

const rowsOf = (frame: Frame, names: readonly string[]): Row[] => {
  const columns = names.map((name) => frame.columns[frame.names.indexOf(name)]!);
  return Array.from({ length: frame.rowCount }, (_, row) => Object.fromEntries(names.map((name, place) => [name, columns[place]![row]])));
};

/** Splits, fits, measures. Runs in a worker thread. */
export async function trainModel(given: Frame, plan: TrainingPlan, onProgress: (fraction: number) => void): Promise<Trained> {
  const frame = plan.target ? pick(given, rowsWithTarget(given, plan.target)) : given;
  const request = { ...plan, seed: plan.split.seed };
  if (plan.task === 'forecasting') return forecasting(frame, plan, onProgress);
  if (plan.task === 'clustering' || plan.task === 'anomaly') {
    const model = await fit(request, { train: frame, validation: null }, onProgress);
    const predictions = await scorerFor(model).predict(rowsOf(frame, plan.features));
    return {
      model,
      evaluation: unsupervised(plan, frame, predictions),
      importance: [],
      baseline: baselineOf(frame, plan.features),
      rows: { train: frame.rowCount, test: 0 },
    };
  }
  const { train, test } = split(frame, plan.split);
  const [learning, held] = [pick(frame, train), pick(frame, test)];
  const stopping = plan.hyperparameters.early_stopping_rounds ? earlyStopping(learning, plan) : { train: learning, validation: null };
  const model = await fit(request, stopping, (fraction) => onProgress(fraction * 0.9));
  const scorer = scorerFor(model);
  const heldRows = rowsOf(held, plan.features);
  const actual = held.columns[held.names.indexOf(plan.target!)]!;
  const evaluate = (predictions: readonly Prediction[]): Evaluation => supervised(plan, actual, predictions);
  const evaluation = evaluate(await scorer.predict(heldRows));
  const importance = await permuted(plan, { rows: heldRows.slice(0, 1_000), actual: actual.slice(0, 1_000) }, async (rows) =>
    scorer.predict(rows),
  );
  onProgress(1);
  return { model, evaluation, importance, baseline: baselineOf(learning, plan.features), rows: { train: train.length, test: test.length } };
}

const rowsWithTarget = (frame: Frame, target: string): number[] =>
  frame.columns[frame.names.indexOf(target)]!.flatMap((value, row) => (value === null ? [] : [row]));

/** A tenth of the training rows decides when to stop; the rows that measure the model stay unseen. */
function earlyStopping(learning: Frame, plan: TrainingPlan): { train: Frame; validation: Frame } {
  const { train, test } = split(learning, { ...plan.split, strategy: 'random', testSize: 0.1 });
  return { train: pick(learning, train), validation: pick(learning, test) };
}

function supervised(
  { classes }: TrainingPlan,
  actual: readonly (string | number | null)[],
  predictions: readonly Prediction[],
): Evaluation {
  if (!classes)
    return evaluateRegression(
      actual.map(Number),
      predictions.map(({ prediction }) => Number(prediction)),
    );
  return evaluateClassification(
    actual.map(String),
    predictions.map(({ prediction }) => String(prediction)),
    { classes, probabilities: predictions.map(({ probabilities }) => probabilities ?? []) },
  );
}

function unsupervised({ task, features }: TrainingPlan, frame: Frame, predictions: readonly Prediction[]): Evaluation {
  if (task === 'clustering')
    return evaluateClusters(
      encodeFrame(fitEncoder(frame, features), frame),
      predictions.map(({ prediction }) => Number(prediction)),
    );
  const anomalies = predictions.filter(({ prediction }) => prediction === 1).length;
  return { metrics: { anomaly_rate: anomalies / Math.max(1, predictions.length), anomalies }, intervals: {}, details: {} };
}

/** The last points are held back and forecast; beside them what repeating the season before would have given. */
async function forecasting(frame: Frame, plan: TrainingPlan, onProgress: (fraction: number) => void): Promise<Trained> {
  const ordered = plan.split.timeColumn ? pick(frame, byTime(frame, plan.split.timeColumn)) : frame;
  const horizon = Math.min(Number(plan.hyperparameters.horizon ?? 12), Math.max(1, Math.floor(ordered.rowCount / 4)));
  const period = Number(plan.hyperparameters.period ?? 12);
  const cut = ordered.rowCount - horizon;
  const request = { ...plan, seed: plan.split.seed, hyperparameters: { ...plan.hyperparameters, horizon } };
  const [before, after] = [pick(ordered, range(0, cut)), ordered.columns[ordered.names.indexOf(plan.target!)]!.slice(cut).map(Number)];
  const tested = await fit(request, { train: before, validation: null }, (fraction) => onProgress(fraction / 2));
  const [{ prediction }] = (await scorerFor(tested).predict([{ horizon }])) as [Prediction];
  const points = (prediction as readonly { value: number }[]).map(({ value }) => value);
  const series = before.columns[before.names.indexOf(plan.target!)]!.map(Number);
  const naive = after.map((_, step) => series[series.length - Math.min(period, series.length) + (step % Math.min(period, series.length))]!);
  const [ours, theirs] = [evaluateRegression(after, points), evaluateRegression(after, naive)];
  const metrics = { ...ours.metrics, seasonal_naive_rmse: theirs.metrics.rmse! };
  const model = await fit(request, { train: ordered, validation: null }, (fraction) => onProgress(0.5 + fraction / 2));
  return {
    model,
    evaluation: { metrics, intervals: ours.intervals, details: { actual: after, predicted: points, seasonal_naive: naive } },
    importance: [],
    baseline: {},
    rows: { train: cut, test: horizon },
  };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, place) => from + place);

function byTime(frame: Frame, name: string): number[] {
  const times = frame.columns[frame.names.indexOf(name)]!.map((value) => (typeof value === 'number' ? value : Date.parse(String(value))));
  return range(0, frame.rowCount).sort((a, b) => times[a]! - times[b]! || a - b);
}

async function permuted(
  plan: TrainingPlan,
  held: { rows: readonly Row[]; actual: readonly (string | number | null)[] },
  predict: (rows: readonly Row[]) => Promise<Prediction[]>,
): Promise<{ feature: string; importance: number }[]> {
  const loss = async (rows: readonly Row[]): Promise<number> => {
    const predictions = await predict(rows);
    if (plan.classes)
      return predictions.filter(({ prediction }, row) => String(prediction) !== String(held.actual[row])).length / rows.length;
    return Math.sqrt(
      predictions.reduce((sum, { prediction }, row) => sum + (Number(prediction) - Number(held.actual[row])) ** 2, 0) / rows.length,
    );
  };
  const random = seeded(plan.split.seed);
  const base = await loss(held.rows);
  const importance: { feature: string; importance: number }[] = [];
  for (const feature of plan.features.slice(0, 200)) {
    const order = shuffled(held.rows.length, random);
    const mixed = held.rows.map((row, place) => ({ ...row, [feature]: held.rows[order[place]!]![feature] }));
    importance.push({ feature, importance: (await loss(mixed)) - base });
  }
  return importance.sort((a, b) => b.importance - a.importance);
}

export function baselineOf(frame: Frame, features: readonly string[]): Record<string, FeatureBaseline> {
  return Object.fromEntries(
    features.map((name): [string, FeatureBaseline] => {
      const column = frame.columns[frame.names.indexOf(name)]!.filter((value) => value !== null);
      if (column.every((value) => typeof value === 'number')) {
        const sorted = [...column].map(Number).sort((a, b) => a - b);
        const bounds = [...new Set(range(1, 10).map((tenth) => sorted[Math.floor((tenth * sorted.length) / 10)] ?? 0))];
        return [name, { kind: 'number', bounds, shares: sharesOf(sorted, bounds) }];
      }
      const counts = new Map<string, number>();
      for (const value of column) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
      return [
        name,
        {
          kind: 'category',
          shares: Object.fromEntries([...counts].slice(0, 200).map(([value, count]) => [value, count / Math.max(1, column.length)])),
        },
      ];
    }),
  );
}

/** Shares of the values in the parts between the bounds. */
export function sharesOf(values: readonly number[], bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    let part = 0;
    while (part < bounds.length && value >= bounds[part]!) part += 1;
    counts[part]! += 1;
  }
  return counts.map((count) => count / Math.max(1, values.length));
}
