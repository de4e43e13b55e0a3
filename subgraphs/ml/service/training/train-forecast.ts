import { answersOf } from '../algorithms/answers';
import { fit } from '../algorithms/fit';
import { scorerFor } from '../algorithms/score';
import type { Prediction } from '../algorithms/prediction';
import { pick, type Frame } from '../data/frame';
import { timesOf } from '../data/split';
import { evaluateRegression } from '../metrics/regression';

import type { TrainingPlan } from './plan';
import type { Trained } from './trained';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, place) => from + place);

/** The last points are held back and forecast; beside them what repeating the season before would have given. */
export async function trainForecast(frame: Frame, plan: TrainingPlan, onProgress: (fraction: number) => void): Promise<Trained> {
  const ordered = plan.split.timeColumn ? pick(frame, byTime(frame, plan.split.timeColumn)) : frame;
  const series = answersOf(ordered.columns[ordered.names.indexOf(plan.target!)]!, null);
  const horizon = Math.min(Number(plan.hyperparameters.horizon ?? 12), Math.max(1, Math.floor(ordered.rowCount / 4)));
  const period = Number(plan.hyperparameters.period ?? 12);
  const cut = ordered.rowCount - horizon;
  const request = { ...plan, seed: plan.split.seed, hyperparameters: { ...plan.hyperparameters, horizon } };
  const tested = await fit(request, { train: pick(ordered, range(0, cut)), validation: null }, (fraction) => onProgress(fraction / 2));
  const [{ prediction }] = (await scorerFor(tested).predict([{ horizon }])) as [Prediction];
  const points = (prediction as readonly { value: number }[]).map(({ value }) => value);
  const after = Array.from(series.subarray(cut));
  const season = Math.min(period, cut);
  const naive = after.map((_, step) => series[cut - season + (step % season)]!);
  const [ours, theirs] = [evaluateRegression(after, points), evaluateRegression(after, naive)];
  const metrics = { ...ours.metrics, seasonal_naive_rmse: theirs.metrics.rmse! };
  const model = await fit(request, { train: ordered, validation: null }, (fraction) => onProgress(0.5 + fraction / 2));
  return {
    model,
    evaluation: { metrics, intervals: ours.intervals, details: { actual: after, predicted: points, seasonal_naive: naive } },
    importance: [],
    gainImportance: [],
    baseline: {},
    rows: { train: cut, test: horizon },
  };
}

function byTime(frame: Frame, name: string): number[] {
  const times = timesOf(frame.columns[frame.names.indexOf(name)]!, name);
  return range(0, frame.rowCount).sort((a, b) => times[a]! - times[b]! || a - b);
}
