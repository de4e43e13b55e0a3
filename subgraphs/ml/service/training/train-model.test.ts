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

  it.each(['gradient_boosting', 'random_forest', 'ridge', 'xgboost'])(
    'gives the same model and the same measures for the same seed, bit for bit, with %s',
    async (algorithm) => {
      const hyperparameters: Record<string, number> = algorithm === 'gradient_boosting' ? { subsample: 0.7, colsample_bytree: 0.7 } : {};
      const run = () => trainModel(frame, plan({ algorithm, hyperparameters }), quiet);
      expect(JSON.stringify(await run())).toBe(JSON.stringify(await run()));
    },
  );

  it('tells what each feature is worth by gain and by permutation', async () => {
    const { gainImportance, importance } = await trainModel(frame, plan({}), quiet);
    expect(gainImportance.map(({ feature }) => feature).slice(0, 2)).toEqual(['size', 'town']);
    expect(gainImportance.reduce((sum, each) => sum + each.importance, 0)).toBeCloseTo(1, 9);
    expect(importance.map(({ feature }) => feature).slice(0, 2)).toEqual(['size', 'town']);
    expect(importance.at(-1)!.importance).toBeLessThan(importance[0]!.importance / 50);
  });

  it('takes a category of many classes as one feature', async () => {
    const banded = toFrame(['size', 'town', 'band'], rows.map(([size, town, price]) => [size, town, Number(price) > 240 ? 'high' : Number(price) > 120 ? 'mid' : 'low'])); // prettier-ignore
    const request = { task: 'classification' as const, algorithm: 'gradient_boosting', hyperparameters: {}, target: 'band', split };
    const { gainImportance } = await trainModel(banded, planTraining(banded, request), quiet);
    expect(gainImportance.map(({ feature }) => feature).sort()).toEqual(['size', 'town']);
  });

  it('stops early on rows of its own, and weighs a rare class', async () => {
    const stopped = await trainModel(frame, plan({ hyperparameters: { n_estimators: 3_000, early_stopping_rounds: 5, learning_rate: 0.3 } }), quiet); // prettier-ignore
    const { rounds } = JSON.parse((stopped.model as { document: string }).document) as { rounds: number };
    expect(rounds).toBeLessThan(1_000);
    const rare = toFrame(['size', 'rare'], rows.map(([size], row) => [size, Number(size) > 60 && row % 3 === 0 ? 'yes' : 'no'])); // prettier-ignore
    const recall = async (hyperparameters: Record<string, string>) => {
      const request = { task: 'classification' as const, algorithm: 'gradient_boosting', hyperparameters, target: 'rare', split };
      return (await trainModel(rare, planTraining(rare, request), quiet)).evaluation.metrics.recall!;
    };
    expect(await recall({ class_weight: 'balanced' })).toBeGreaterThan(await recall({}));
  });

  it('learns from a thousand columns', async () => {
    const names = Array.from({ length: 1_000 }, (_, place) => `c${place}`);
    const wide = toFrame([...names, 'y'], Array.from({ length: 60 }, (_, row) => [...names.map((_name, place) => (row * (place + 3)) % 17), row])); // prettier-ignore
    const request = {
      task: 'regression' as const,
      algorithm: 'gradient_boosting',
      hyperparameters: { n_estimators: 5 },
      target: 'y',
      split,
    };
    expect((await trainModel(wide, planTraining(wide, request), quiet)).evaluation.metrics.rmse).toBeGreaterThan(0);
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
    [
      'more clusters than rows',
      { task: 'clustering', algorithm: 'kmeans', hyperparameters: { n_clusters: 21 } },
      /21 are more than the 20 rows/,
    ],
    ['the target among the features', { features: ['a'] }, /cannot be a feature/],
  ])('%s', (_name, request, message) => {
    expect(on(request)).toThrow(message);
  });

  it('ten thousand columns, with how many it may be', () => {
    const names = Array.from({ length: 10_000 }, (_, place) => `c${place}`);
    const wide = toFrame([...names, 'y'], Array.from({ length: 10 }, (_, row) => [...names.map(() => row), row])); // prettier-ignore
    const request = { task: 'regression' as const, algorithm: 'ridge', hyperparameters: {}, target: 'y', split };
    expect(() => planTraining(wide, request)).toThrow(/10000 are too many; choose at most 2000/);
    expect(planTraining(wide, { ...request, features: ['c1', 'c2'] }).features).toEqual(['c1', 'c2']);
  });

  it('features of nothing but NaN and infinity', () => {
    const empty = toFrame(['a', 'b', 'y'], Array.from({ length: 20 }, (_, row) => [NaN, 'inf', row])); // prettier-ignore
    const request = { task: 'regression' as const, algorithm: 'ridge', hyperparameters: {}, target: 'y', split };
    expect(() => planTraining(empty, request)).toThrow(/no feature has any value/);
  });

  it('a dataset of one row', () => {
    const single = toFrame(['a', 'b'], [[1, 2]]);
    expect(() => planTraining(single, { task: 'regression', algorithm: 'ridge', hyperparameters: {}, target: 'a', split })).toThrow(
      /at least 10/,
    );
  });

  it('warns of a class of too few rows to be learned', () => {
    const rare = toFrame(['y', 'x'], Array.from({ length: 30 }, (_, row) => [row === 3 ? 'rare' : 'usual', row])); // prettier-ignore
    const { warnings } = planTraining(rare, {
      task: 'classification',
      algorithm: 'random_forest',
      hyperparameters: {},
      target: 'y',
      split,
    });
    expect(warnings).toContain('class rare has 1 row(s): too few to learn it or to measure it');
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
