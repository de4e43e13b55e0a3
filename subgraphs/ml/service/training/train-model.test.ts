import { toFrame } from '../data/frame';
import { seeded } from '../data/random';

import { planTraining, type PlanRequest } from './plan';
import { trainModel } from './train-model';

const random = seeded(3);
/** Price depends on size and town; `sold` on the price; two clusters apart; one row is odd. */
const rows = Array.from({ length: 400 }, (_, row) => {
  const size = Math.round(random() * 100);
  const town = ['north', 'south', 'west'][row % 3]!;
  const price = size * 3 + (town === 'north' ? 80 : 0) + random() * 5;
  return [size, town, price, price > 200 ? 'yes' : 'no', row % 7 === 0 ? null : random()];
});
const frame = toFrame(['size', 'town', 'price', 'sold', 'noise'], rows);
const split = { strategy: 'random' as const, testSize: 0.25, seed: 5 };
const plan = (request: Partial<PlanRequest>) =>
  planTraining(frame, {
    task: 'regression',
    algorithm: 'gradient_boosting',
    hyperparameters: {},
    target: 'price',
    features: ['size', 'town', 'noise'],
    split,
    ...request,
  });
const quiet = (): void => undefined;

describe('training', () => {
  it.each(['gradient_boosting', 'random_forest', 'linear_regression', 'ridge', 'lasso'])('learns a price with %s', async (algorithm) => {
    const { evaluation, importance } = await trainModel(frame, plan({ algorithm }), quiet);
    expect(evaluation.metrics.r2).toBeGreaterThan(0.9);
    expect(importance[0]!.feature).toBe('size');
    expect(evaluation.intervals.r2!.low).toBeLessThanOrEqual(evaluation.metrics.r2!);
  });

  it.each(['gradient_boosting', 'random_forest', 'logistic_regression'])('tells classes apart with %s', async (algorithm) => {
    const { evaluation } = await trainModel(frame, plan({ task: 'classification', algorithm, target: 'sold' }), quiet);
    expect(evaluation.metrics.accuracy).toBeGreaterThan(0.9);
    expect(evaluation.metrics.auc_roc).toBeGreaterThan(0.95);
    expect(evaluation.details).toHaveProperty('confusion');
  });

  it('gives the same model for the same seed, bit for bit', async () => {
    const [first, second] = [await trainModel(frame, plan({}), quiet), await trainModel(frame, plan({}), quiet)];
    expect(JSON.stringify(first.model)).toBe(JSON.stringify(second.model));
  });

  it('finds the unusual rows', async () => {
    const { evaluation } = await trainModel(
      frame,
      plan({ task: 'anomaly', algorithm: 'isolation_forest', target: null, features: ['size', 'price'] }),
      quiet,
    );
    expect(evaluation.metrics.anomaly_rate).toBeGreaterThan(0.01);
    expect(evaluation.metrics.anomaly_rate).toBeLessThan(0.05);
  });

  it('forecasts a seasonal series better than repeating the season', async () => {
    const noise = seeded(9);
    const series = toFrame(
      ['month', 'sales'],
      Array.from({ length: 72 }, (_, month) => [month, 100 + month * 2 + 30 * Math.sin((month * Math.PI) / 6) + noise()]),
    );
    const request = {
      task: 'forecasting' as const,
      algorithm: 'exponential_smoothing',
      hyperparameters: { period: 12, horizon: 12 },
      target: 'sales',
      split: { ...split, timeColumn: 'month' },
    };
    const { evaluation } = await trainModel(series, planTraining(series, request), quiet);
    expect(evaluation.metrics.rmse).toBeLessThan(evaluation.metrics.seasonal_naive_rmse!);
  });
});

describe('refused before anything is trained', () => {
  const broken = toFrame(
    ['a', 'empty', 'same', 'text'],
    Array.from({ length: 20 }, (_, row) => [row, null, 1, `t${row % 2}`]),
  );
  const on = (request: Partial<PlanRequest>) => () =>
    planTraining(broken, { task: 'regression', algorithm: 'ridge', hyperparameters: {}, target: 'a', split, ...request });

  it.each<[string, Partial<PlanRequest>, RegExp]>([
    ['no target', { target: null }, /needs the column to predict/],
    ['a target that does not exist', { target: 'aa' }, /did you mean a\?/],
    ['a target without values', { target: 'empty' }, /has no values/],
    ['one class', { task: 'classification', target: 'same' }, /one value only/],
    ['a constant target', { target: 'same' }, /nothing to learn/],
    ['text for regression', { target: 'text' }, /holds text/],
    ['the target among the features', { features: ['a'] }, /cannot be a feature/],
  ])('%s', (_name, request, message) => {
    expect(on(request)).toThrow(message);
  });

  it('a dataset of one row', () => {
    const single = toFrame(['a', 'b'], [[1, 2]]);
    expect(() => planTraining(single, { task: 'regression', algorithm: 'ridge', hyperparameters: {}, target: 'a', split })).toThrow(
      /at least 10/,
    );
  });

  it('warns of a feature that is the target in disguise', () => {
    const leaky = toFrame(
      ['y', 'copy', 'x'],
      Array.from({ length: 30 }, (_, row) => [row, row, row % 4]),
    );
    const { warnings } = planTraining(leaky, { task: 'regression', algorithm: 'ridge', hyperparameters: {}, target: 'y', split });
    expect(warnings).toContain('copy equals the target in every row');
  });
});
