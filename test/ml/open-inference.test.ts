import type { AddressInfo } from 'node:net';

import Ajv from 'ajv';
import express from 'express';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import { caller } from '../kit/caller';

import { openInference, type OpenInferenceMessage } from './open-inference-schema';
import { mlWorld, type MlWorld } from './world';

let world: MlWorld;
beforeAll(async () => {
  world = await mlWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const ajv = new Ajv({ allErrors: true }).addSchema(openInference);
const problemsOf = (kind: OpenInferenceMessage, message: unknown): string[] => {
  const check = ajv.getSchema(`${openInference.$id}#/$defs/${kind}`)!;
  return check(message) ? [] : check.errors!.map(({ instancePath, message: problem }) => `${instancePath} ${problem}`);
};

describe('the Open Inference Protocol', () => {
  const me = caller();
  const callers: Readonly<Record<string, Caller>> = { mine: me, theirs: caller() };
  let stop: () => Promise<void>;
  let base: string;
  beforeAll(async () => {
    await world.train(me, { name: 'homes' });
    await world.train(me, { name: 'homes' });
    await world.train(me, { name: 'kinds', taskType: 'classification', targetColumn: 'band' });
    await world.train(me, { name: 'odd', taskType: 'anomaly', targetColumn: null, featureColumns: ['size', 'price'] });
    const monthly = { dataset: { sourceId: 'src', query: 'sales' }, featureColumns: null, split: { timeColumn: 'month' } };
    await world.train(me, { ...monthly, name: 'sales', taskType: 'forecasting', targetColumn: 'sales', hyperparameters: { period: 12, horizon: 6 } }); // prettier-ignore
    const app = express();
    app.use(
      world.ml.inference((token) => {
        const found = callers[token ?? ''];
        return found ? Promise.resolve(found) : Promise.reject(errors.UNAUTHORIZED({}));
      }),
    );
    const server = app.listen(0, '127.0.0.1');
    // No connection is closed at the moment of its next use because the process stood still between two requests.
    server.keepAliveTimeout = 60_000;
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
    expect(body).toMatchObject({ name: 'homes', versions: ['1', '2'], platform: expect.any(String) });
    expect(body.inputs.map(({ name }: { name: string }) => name)).toEqual(['size', 'age', 'town']);
    expect(body.inputs[2].datatype).toBe('BYTES');
    expect(body.outputs).toEqual([{ name: 'prediction', datatype: 'FP64', shape: [-1] }]);
  });

  it('speaks in the messages that the protocol describes, for every kind of model', async () => {
    const as = async (kind: OpenInferenceMessage, path: string, body?: unknown) => {
      if (body !== undefined) expect(problemsOf('request', body)).toEqual([]);
      const answer = await call(path, body === undefined ? {} : { body });
      expect([answer.status, problemsOf(kind, answer.body)]).toEqual([200, []]);
      return answer.body;
    };
    await as('live', '/health/live');
    await as('ready', '/health/ready');
    await as('server', '');
    const two = (name: string, datatype: string, data: readonly unknown[]) => ({ name, shape: [2], datatype, data });
    const house = { inputs: [two('size', 'INT32', [70, 5]), two('age', 'FP32', [3.5, 2]), two('town', 'BYTES', ['north', 'moon'])] };
    const asked: Record<string, object> = {
      homes: house,
      kinds: house,
      odd: { inputs: [{ name: 'matrix', shape: [2, 2], datatype: 'FP64', data: [[50, 170], [4_000, -900]] }] }, // prettier-ignore
      sales: { inputs: [{ name: 'horizon', shape: [1], datatype: 'INT64', data: [3] }] },
    };
    for (const [name, request] of Object.entries(asked)) {
      await as('modelReady', `/models/${name}/ready`);
      const model = await as('model', `/models/${name}`);
      const { outputs } = await as('response', `/models/${name}/infer`, { id: 'x', parameters: {}, ...request });
      // What is announced is what comes: names, types, and as many values as the shape holds.
      expect(outputs.map(({ name: output }: { name: string }) => output)).toEqual(model.outputs.map(({ name: output }: { name: string }) => output)); // prettier-ignore
      for (const [place, { datatype, shape, data }] of outputs.entries()) {
        expect(datatype).toBe(model.outputs[place].datatype);
        expect(shape).toHaveLength(model.outputs[place].shape.length);
        expect(data).toHaveLength(shape.reduce((product: number, side: number) => product * side, 1));
      }
    }
    const forecast = await as('response', '/models/sales/infer', { ...asked.sales, outputs: [{ name: 'low' }] });
    expect(forecast.outputs).toMatchObject([{ name: 'low', shape: [1, 3] }]);
    const failed = await call('/models/homes/infer', { body: { inputs: [] } });
    expect(problemsOf('error', failed.body)).toEqual([]);
  });

  it('remembers what it is asked, for drift and comparison', async () => {
    const before = (await world.ml.services.drift.drift(me, 'kinds')).requests;
    await call('/models/kinds/infer', { body: columns([[70, 10, 'north']]) });
    expect((await world.ml.services.drift.drift(me, 'kinds')).requests).toBe(before + 1);
  });

  it('infers numbers and classes, as the predictions do', async () => {
    const rows = [[70, 10, 'north'], [5, null, 'south']] as const; // prettier-ignore
    const { status, body } = await call('/models/homes/infer', { body: columns(rows) });
    expect(status).toBe(200);
    expect(body).toMatchObject({ model_name: 'homes', model_version: '2', id: 'r1' });
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
    [
      'a datatype that does not exist',
      '/models/homes/infer',
      { inputs: [{ name: 'size', shape: [1], datatype: 'FLOAT', data: [1] }] },
      400,
      /datatype/,
    ],
    ['an output that the model does not give', '/models/homes/infer', { ...columns([[1, 1, 'north']]), outputs: [{ name: 'scores' }] }, 400, /outputs\.scores.*prediction/], // prettier-ignore
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
