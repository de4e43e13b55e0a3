import type { AddressInfo } from 'node:net';

import express from 'express';

import { errors } from '#platform/errors';
import type { Caller } from '#platform/auth';

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
});

describe('the Open Inference Protocol', () => {
  const me = caller();
  const callers: Readonly<Record<string, Caller>> = { mine: me, theirs: caller() };
  let stop: () => Promise<void>;
  let base: string;
  beforeAll(async () => {
    await world.train(me, { name: 'homes' });
    await world.train(me, { name: 'kinds', taskType: 'classification', targetColumn: 'band' });
    const app = express();
    app.use(
      world.ml.inference((token) => {
        const found = callers[token ?? ''];
        return found ? Promise.resolve(found) : Promise.reject(errors.UNAUTHORIZED({}));
      }),
    );
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`;
    stop = () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }); // prettier-ignore
  });
  afterAll(() => stop?.());

  const call = async (path: string, { body, token = 'mine' }: { body?: unknown; token?: string } = {}) => {
    const response = await fetch(`${base}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, any> };
  };
  const columns = (rows: readonly (readonly [number, number | null, string])[]) => ({
    id: 'r1',
    inputs: ['size', 'age', 'town'].map((name, place) => ({ name, shape: [rows.length], datatype: place === 2 ? 'BYTES' : 'FP64', data: rows.map((row) => row[place]) })), // prettier-ignore
  });

  it('tells that it is live, ready and what it serves', async () => {
    expect(await call('/health/live')).toEqual({ status: 200, body: { live: true } });
    expect(await call('/health/ready')).toEqual({ status: 200, body: { ready: true } });
    expect((await call('')).body).toEqual({ name: 'parley', version: expect.any(String), extensions: [] });
    expect((await call('/models/homes/ready')).body).toEqual({ name: 'homes', ready: true });
    const { body } = await call('/models/homes/versions/1');
    expect(body).toMatchObject({ name: 'homes', versions: ['1'], platform: expect.any(String) });
    expect(body.inputs.map(({ name }: { name: string }) => name)).toEqual(['size', 'age', 'town']);
    expect(body.inputs[2].datatype).toBe('BYTES');
    expect(body.outputs).toEqual([{ name: 'prediction', datatype: 'FP64', shape: [-1] }]);
  });

  it('infers numbers and classes, as the predictions do', async () => {
    const rows = [[70, 10, 'north'], [5, null, 'south']] as const; // prettier-ignore
    const { status, body } = await call('/models/homes/infer', { body: columns(rows) });
    expect(status).toBe(200);
    expect(body).toMatchObject({ model_name: 'homes', model_version: '1', id: 'r1' });
    const made = await world.ml.services.serving.predict(me, {
      modelId: 'homes',
      features: rows.map(([size, age, town]) => ({ size, age, town })),
    });
    expect(body.outputs[0]).toEqual({ name: 'prediction', datatype: 'FP64', shape: [2], data: made.map(({ prediction }) => prediction) });
    const kinds = await call('/models/kinds/infer', { body: columns(rows) });
    expect(kinds.body.outputs[0]).toEqual({ name: 'prediction', datatype: 'BYTES', shape: [2], data: ['high', 'low'] });
    expect(kinds.body.outputs[1]).toMatchObject({ name: 'probabilities', shape: [2, 3] });
  });

  it.each<[string, string, unknown, number, RegExp]>([
    ['a model that is not there', '/models/nothing/infer', columns([[1, 1, 'north']]), 404, /model/],
    ['a version that is not there', '/models/homes/versions/9/infer', columns([[1, 1, 'north']]), 404, /version/],
    ['a version that is no number', '/models/homes/versions/x/infer', columns([[1, 1, 'north']]), 404, /version/],
    ['a feature that is missing', '/models/homes/infer', { inputs: [{ name: 'size', shape: [1], datatype: 'FP64', data: [1] }, { name: 'age', shape: [1], datatype: 'FP64', data: [1] }] }, 400, /town/], // prettier-ignore
    ['a shape that does not fit', '/models/homes/infer', { inputs: [{ name: 'size', shape: [3], datatype: 'FP64', data: [1] }] }, 400, /3/],
    ['a wrong type', '/models/homes/infer', { inputs: columns([[1, 1, 'north']]).inputs.map((each) => (each.name === 'size' ? { ...each, data: ['big'] } : each)) }, 400, /size/], // prettier-ignore
    ['no inputs', '/models/homes/infer', {}, 400, /inputs/],
    ['a body that is no JSON', '/models/homes/infer', '{', 400, /JSON/i],
  ])('answers %s with an error', async (_what, path, body, status, message) => {
    const answer = await call(path, { body });
    expect(answer).toEqual({ status, body: { error: expect.stringMatching(message) } });
  });

  it('asks who is there, and shows one tenant nothing of another', async () => {
    expect((await call('/models/homes', { token: 'nobody' })).status).toBe(401);
    expect((await call('/models/homes', { token: 'theirs' })).status).toBe(404);
    expect((await call('/models/homes/infer', { token: 'theirs', body: columns([[1, 1, 'north']]) })).status).toBe(404);
  });
});
