import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Prediction } from '../../subgraphs/ml/service/algorithms/prediction';
import { caller } from '../kit/caller';
import { startChild } from '../kit/child';

import { mlWorld, type MlWorld } from './world';

let world: MlWorld;
beforeAll(async () => {
  world = await mlWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** In a process of its own: the native runtime does not take typed arrays of a test's realm. */
async function inOnnxRuntime(question: unknown): Promise<Prediction[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'onnx-'));
  const file = path.join(folder, 'question.json');
  await writeFile(file, JSON.stringify(question));
  const child = startChild('test/kit/onnx-child', [file]);
  const answer = JSON.parse(await child.line('{')) as { predictions?: Prediction[]; failed?: string };
  await child.ended;
  await rm(folder, { recursive: true });
  if (!answer.predictions) throw new Error(answer.failed);
  return answer.predictions;
}

const towns = ['north', 'south', 'west', 'atlantis', null];
const rows = Array.from({ length: 60 }, (_, row) => ({
  size: row % 11 === 3 ? null : row * 1.7 - 3,
  age: row % 7 === 0 ? null : 50 - row,
  town: towns[row % towns.length],
}));
const [two, three] = [{ taskType: 'classification', targetColumn: 'sold' }, { taskType: 'classification', targetColumn: 'band' }]; // prettier-ignore

it.each<[string, Record<string, unknown>]>([
  ['gradient_boosting', {}],
  ['gradient_boosting', two],
  ['gradient_boosting', three],
  ['random_forest', three],
  ['linear_regression', {}],
  ['ridge', {}],
  ['lasso', { hyperparameters: { alpha: 5 } }],
  ['logistic_regression', two],
  ['logistic_regression', three],
  ['xgboost', {}],
  ['xgboost', two],
  ['xgboost', three],
  ['kmeans', { taskType: 'clustering', targetColumn: undefined }],
  ['isolation_forest', { taskType: 'anomaly', targetColumn: undefined, hyperparameters: { contamination: 0.1 } }],
])('ONNX of %s %j predicts the same from the same rows, with missing values and categories', async (algorithm, input) => {
  const me = caller();
  const { modelId, version } = await world.train(me, { algorithm, ...input });
  const { registry, serving } = world.ml.services;
  const { content } = await registry.exportOnnx(me, modelId, version);
  const taskType = (input.taskType as string | undefined) ?? 'regression';
  const taken = await registry.importOnnx(me, { name: 'taken in', taskType, contentBase64: content.toString('base64'), features: ['size', 'age', 'town'] }); // prettier-ignore
  const { document } = await registry.version(me, taken.model_id, taken.version);
  const theirs = await inOnnxRuntime({ document, rows });
  const ours = await serving.predict(me, { modelId, features: rows });
  expect(new Set(ours.map(({ prediction }) => prediction)).size).toBeGreaterThan(1);
  ours.forEach(({ prediction, probabilities }, place) => {
    const their = theirs[place]!;
    if (taskType === 'regression')
      expect(Math.abs(Number(their.prediction) - Number(prediction))).toBeLessThan(1e-5 * Math.max(10, Math.abs(Number(prediction))));
    else expect(their.prediction).toBe(prediction);
    probabilities?.forEach((share, at) => expect(their.probabilities![at]).toBeCloseTo(share, 5));
  });
});

it('of a forecast is refused in words', async () => {
  const me = caller();
  const forecast = { taskType: 'forecasting', targetColumn: 'sales', featureColumns: undefined, dataset: { sourceId: 'src', query: 'sales' } }; // prettier-ignore
  const { modelId, version } = await world.train(me, forecast);
  await expect(world.ml.services.registry.exportOnnx(me, modelId, version)).rejects.toThrow(/own series.*ask for it by predict/);
});
