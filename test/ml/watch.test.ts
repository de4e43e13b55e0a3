import { compile, type TopLevelSpec } from 'vega-lite';

import { populationStability } from '../../subgraphs/ml/service/drift.service';
import { caller } from '../kit/caller';

import { mlWorld, type MlWorld } from './world';

let world: MlWorld;
beforeAll(async () => {
  world = await mlWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

describe('drift', () => {
  it('is steady for requests like the training data and shifted for others, by PSI, Kolmogorov–Smirnov and chi-squared', async () => {
    const me = caller();
    const { serving, drift } = world.ml.services;
    const ask = async (modelId: string, row: (place: number) => object) => {
      for (let from = 0; from < 300; from += 20)
        await serving.predict(me, { modelId, features: Array.from({ length: 20 }, (_, place) => row(from + place)) });
    };
    const towns = ['north', 'south', 'west'];
    const same = await world.train(me, { name: 'same', hyperparameters: { n_estimators: 3 } });
    await ask(same.modelId, (place) => ({ size: (place * 37) % 101, age: (place * 23) % 51, town: towns[place % 3] }));
    const steady = await drift.drift(me, same.modelId);
    expect(steady.requests).toBe(300);
    expect(Object.fromEntries(steady.features.map(({ feature, level }) => [feature, level]))).toEqual(Object.fromEntries([['size', 'steady'], ['age', 'steady'], ['town', 'steady']])); // prettier-ignore
    const other = await world.train(me, { name: 'other', hyperparameters: { n_estimators: 3 } });
    await ask(other.modelId, (place) => ({ size: 90 + (place % 20), age: (place * 23) % 51, town: 'east' }));
    const found = (await drift.drift(me, other.modelId)).features;
    const [size, age, town] = ['size', 'age', 'town'].map((name) => found.find(({ feature }) => feature === name));
    expect(size).toMatchObject({ level: 'shifted', chiSquared: null });
    expect(size!.ks).toBeGreaterThan(0.7);
    expect(age!.level).toBe('steady');
    expect(town).toMatchObject({ level: 'shifted', ks: null });
    expect(town!.chiSquared).toBeGreaterThan(100);
  });

  it('says nothing of a few requests', async () => {
    const me = caller();
    const { serving, drift } = world.ml.services;
    const { modelId } = await world.train(me, { hyperparameters: { n_estimators: 3 } });
    await serving.predict(me, { modelId, features: { size: 1_000, age: 1_000, town: 'moon' } });
    const { requests, features } = await drift.drift(me, modelId);
    expect(requests).toBe(1);
    expect(features.map(({ level }) => level)).toEqual(['too_few', 'too_few', 'too_few']);
  });

  it('of two halves that trade places is what the definition says', () => {
    // (0.8 − 0.2) · ln(0.8 / 0.2), twice.
    expect(populationStability([0.2, 0.8], [0.8, 0.2])).toBeCloseTo(2 * 0.6 * Math.log(4), 12);
    expect(populationStability([0.5, 0.5], [0.5, 0.5])).toBe(0);
  });
});

describe('experiments', () => {
  it('keep runs with parameters and metrics, of people and of trainings', async () => {
    const me = caller();
    const { experiments } = world.ml.services;
    const { id } = await experiments.create(me, { name: 'prices' });
    await expect(experiments.create(me, { name: 'prices' })).rejects.toHaveCode('CONFLICT');
    await experiments.record(me, { experimentId: id, name: 'by hand', parameters: { depth: 3 }, metrics: { rmse: 4.5 } });
    await world.train(me, { experimentId: id, hyperparameters: { n_estimators: 7 } });
    const runs = await experiments.runs(me, id);
    expect(runs.map(({ name }) => name).sort()).toEqual(['by hand', 'house price v1']);
    expect(runs.find(({ name }) => name === 'by hand')).toMatchObject({ parameters: { depth: 3 }, metrics: { rmse: 4.5 } });
    expect(runs.find(({ name }) => name === 'house price v1')).toMatchObject({ parameters: { algorithm: 'gradient_boosting', n_estimators: 7 }, metrics: { rmse: expect.any(Number) } }); // prettier-ignore
    await expect(experiments.runs(caller(), id)).rejects.toHaveCode('NOT_FOUND');
    await expect(experiments.record(caller(), { experimentId: id })).rejects.toHaveCode('NOT_FOUND');
    await expect(experiments.record({ ...me, roles: ['viewer'] }, { experimentId: id })).rejects.toHaveCode('FORBIDDEN');
  });

  it('are compared by what differs and what came of it, the best marked, and clearly so only where intervals are apart', async () => {
    const me = caller();
    const { experiments } = world.ml.services;
    const { id } = await experiments.create(me, { name: 'compared' });
    const record = async (name: string, depth: number, rmse: number, r2: number) =>
      (await experiments.record(me, { experimentId: id, name, parameters: { depth, seed: 1 }, metrics: { rmse, r2, cost: depth }, intervals: { rmse: { low: rmse - 1, high: rmse + 1 }, r2: { low: r2 - 0.3, high: r2 + 0.3 } } })).id; // prettier-ignore
    const [shallow, deep] = [await record('shallow', 2, 9, 0.5), await record('deep', 8, 4, 0.7)];
    const { runs, differing, common, metrics, chart } = await experiments.compare(me, { experimentId: id, runIds: [shallow, deep] });
    expect(runs.map((run) => run.id)).toEqual([shallow, deep]);
    expect(differing).toEqual([{ name: 'depth', values: [2, 8] }]);
    expect(common).toEqual({ seed: 1 });
    const [cost, r2, rmse] = metrics;
    expect(rmse).toMatchObject({ name: 'rmse', higherIsBetter: false, isClear: true, values: [{ isBest: false }, { runId: deep, low: 3, high: 5, isBest: true }] }); // prettier-ignore
    expect(r2).toMatchObject({ name: 'r2', higherIsBetter: true, isClear: false, values: [{ isBest: false }, { isBest: true }] });
    expect(cost).toMatchObject({ name: 'cost', higherIsBetter: null, isClear: null, values: [{ isBest: false }, { isBest: false }] });
    const warnings: string[] = [];
    compile(chart as TopLevelSpec, { logger: { warn: (...given: string[]) => warnings.push(...given) } as never });
    expect(warnings).toEqual([]);
    expect((chart as { data: { values: object[] } }).data.values).toContainEqual({ metric: 'rmse', run: 'deep', value: 4, low: 3, high: 5, best: true }); // prettier-ignore
  });

  it('compare trainings with the intervals that were measured, the newest first where none is named', async () => {
    const me = caller();
    const { experiments } = world.ml.services;
    const { id } = await experiments.create(me, { name: 'trained' });
    for (const trees of [1, 60]) await world.train(me, { experimentId: id, hyperparameters: { n_estimators: trees } });
    const { differing, metrics } = await experiments.compare(me, { experimentId: id });
    expect(differing).toEqual([{ name: 'n_estimators', values: [60, 1] }]);
    const rmse = metrics.find(({ name }) => name === 'rmse')!;
    expect(rmse.values.map(({ isBest }) => isBest)).toEqual([true, false]);
    for (const { value, low, high } of rmse.values) expect([low! <= value, value <= high!]).toEqual([true, true]);
    expect(rmse.isClear).toBe(true);
  });

  it('are not compared with a run of elsewhere, with one alone, or by another tenant', async () => {
    const me = caller();
    const { experiments } = world.ml.services;
    const { id } = await experiments.create(me, { name: 'one' });
    const { id: run } = await experiments.record(me, { experimentId: id });
    await expect(experiments.compare(me, { experimentId: id, runIds: [run, 'run_else'] })).rejects.toThrow(
      /run run_else of this experiment/,
    );
    await expect(experiments.compare(me, { experimentId: id, runIds: [run] })).rejects.toThrow(/two runs or more/);
    await expect(experiments.compare(caller(), { experimentId: id })).rejects.toHaveCode('NOT_FOUND');
  });
});
