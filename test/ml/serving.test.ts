import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { fromDocument, Scorer } from '#platform/boosting';
import type { Database, Tx } from '#platform/db';

import type { ModelDocument } from '../../subgraphs/ml/service/algorithms/model-document';
import { PredictionLog } from '../../subgraphs/ml/service/serving/prediction-log';
import { RegistryStore } from '../../subgraphs/ml/store/registry.store';
import type { MlTables } from '../../subgraphs/ml/store/rows';
import { caller } from '../kit/caller';
import { startChild } from '../kit/child';

import { mlWorld, type MlWorld } from './world';

let world: MlWorld;
beforeAll(async () => {
  world = await mlWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const serving = () => world.ml.services.serving;
const house = { size: 70, age: 10, town: 'north' };

describe('a prediction', () => {
  it.each([
    ['gradient_boosting', { taskType: 'regression', targetColumn: 'price' }],
    ['random_forest', { taskType: 'regression', targetColumn: 'price' }],
    ['ridge', { taskType: 'regression', targetColumn: 'price' }],
    ['xgboost', { taskType: 'regression', targetColumn: 'price' }],
  ])('by %s is the sum of its contributions and the bias', async (algorithm, task) => {
    const me = caller();
    const { modelId } = await world.train(me, { algorithm, ...task });
    const [row] = await serving().predict(me, { modelId, features: house });
    const sum = Object.values(row!.contributions!).reduce((total, part) => total + part, row!.bias!);
    expect(Math.abs(sum - (row!.prediction as number))).toBeLessThan(1e-6 * Math.abs(sum));
    expect(row!.prediction).toBeGreaterThan(200);
    expect(Object.keys(row!.contributions!)).toEqual(['size', 'age', 'town']);
  });

  it.each(['gradient_boosting', 'logistic_regression', 'xgboost'])(
    'of two classes by %s: contributions and bias sum to the log odds',
    async (algorithm) => {
      const me = caller();
      const { modelId } = await world.train(me, { algorithm, taskType: 'classification', targetColumn: 'sold' });
      const [row] = await serving().predict(me, { modelId, features: { ...house, size: 34 } });
      const sum = Object.values(row!.contributions!).reduce((total, part) => total + part, row!.bias!);
      const [, yes] = row!.probabilities!;
      expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(yes!, 6);
    },
  );

  it.each(['gradient_boosting', 'random_forest', 'logistic_regression', 'xgboost'])('of three classes by %s', async (algorithm) => {
    const me = caller();
    const { modelId } = await world.train(me, { algorithm, taskType: 'classification', targetColumn: 'band' });
    const rows = [house, { size: 5, age: 40, town: 'south' }, { size: 95, age: 1, town: 'north' }];
    const made = await serving().predict(me, { modelId, features: rows });
    expect(made.map(({ prediction }) => prediction)).toEqual(['high', 'low', 'high']);
    for (const { probabilities } of made) expect(probabilities!.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 6);
    const [alone] = await serving().predict(me, { modelId, features: house });
    expect(Object.keys(alone!.contributions!)).toEqual(['size', 'age', 'town']);
    const sum = Object.values(alone!.contributions!).reduce((total, part) => total + part, alone!.bias!);
    // The score of the class told: of a forest its share before all are scaled to one, else what softmax or the logistic function reads.
    if (algorithm === 'random_forest') expect(Math.abs(sum - alone!.probability!)).toBeLessThan(0.1);
    else expect(sum).toBeGreaterThan(0);
  });

  it('by XGBoost outlives its process', async () => {
    const me = caller();
    const { modelId } = await world.train(me, { algorithm: 'xgboost' });
    const before = await serving().predict(me, { modelId, features: [house, { ...house, size: 10 }] });
    await world.restart();
    const after = await serving().predict(me, { modelId, features: [house, { ...house, size: 10 }] });
    expect(after.map(({ prediction }) => prediction)).toEqual(before.map(({ prediction }) => prediction));
    expect(Math.abs((before[0]!.prediction as number) - 282)).toBeLessThan(25);
    expect(before[1]!.prediction).toBeLessThan(before[0]!.prediction as number);
  });

  it('tells clusters and anomalies', async () => {
    const me = caller();
    const shared = { targetColumn: null, featureColumns: ['size', 'price'] };
    const clusters = await world.train(me, { ...shared, name: 'groups', taskType: 'clustering', hyperparameters: { n_clusters: 3 } });
    const [small, big] = await serving().predict(me, { modelId: clusters.modelId, features: [{ size: 2, price: 10 }, { size: 98, price: 340 }] }); // prettier-ignore
    expect(small!.prediction).not.toBe(big!.prediction);
    const odd = await world.train(me, { ...shared, name: 'odd', taskType: 'anomaly' });
    const [usual, strange] = await serving().predict(me, { modelId: odd.modelId, features: [{ size: 50, price: 170 }, { size: 4_000, price: -900 }] }); // prettier-ignore
    expect([usual!.prediction, strange!.prediction]).toEqual([0, 1]);
  });

  it.each(['arima', 'exponential_smoothing'])('by %s forecasts better than repeating the season', async (algorithm) => {
    const me = caller();
    const { modelId, version } = await world.train(me, {
      algorithm,
      name: 'sales',
      taskType: 'forecasting',
      targetColumn: 'sales',
      featureColumns: null,
      dataset: { sourceId: 'src', query: 'sales' },
      split: { timeColumn: 'month' },
      hyperparameters: { period: 12, horizon: 6 },
    });
    const { metrics } = await world.ml.services.registry.version(me, modelId, version);
    const { rmse, seasonal_naive_rmse: naive } = metrics as Record<string, number>;
    expect(rmse).toBeLessThan(naive!);
    const [forecast] = await serving().predict(me, { modelId, features: { horizon: 3 } });
    const points = forecast!.prediction as readonly { value: number; low: number; high: number }[];
    expect(points).toHaveLength(3);
    points.forEach(({ value, low, high }, step) => {
      expect(Math.abs(value - (100 + (72 + step) * 2 + 30 * Math.sin(((72 + step) * Math.PI) / 6)))).toBeLessThan(15);
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    });
  });

  it('names a feature that is missing, misspelt or of a wrong type, for trees and linear models', async () => {
    const me = caller();
    for (const algorithm of ['gradient_boosting', 'ridge']) {
      const { modelId } = await world.train(me, { algorithm });
      const ask = (features: object) => serving().predict(me, { modelId, features });
      await expect(ask({ size: 1, town: 'north' })).rejects.toThrow(/features\.age/);
      await expect(ask({ size: 1, aged: 3, town: 'north' })).rejects.toThrow(/features\.age.*aged/);
      await expect(ask({ ...house, size: 'large' })).rejects.toThrow(/features\.size.*numbers/);
      await expect(ask({ ...house, size: [1] })).rejects.toThrow(/features\.size/);
      await expect(ask({ ...house, town: { name: 'x' } })).rejects.toThrow(/features\.town/);
      await expect(ask({ size: null, age: null, town: null })).resolves.toHaveLength(1);
    }
  });

  it.each<[unknown, RegExp]>([
    ['size', /features is not valid: it must be an object of values by feature, or a list of such objects/],
    [[5], /features is not valid: it must be an object of values by feature, or a list of such objects/],
    [[], /features is not valid: it must have at least 1 entries/],
  ])('says what would be right where the features are %j', async (features, message) => {
    await expect(serving().predict(caller(), { modelId: 'mdl-x', features })).rejects.toThrow(message);
  });

  it.each<[object, RegExp]>([
    [{ horizon: 0 }, /features\.horizon is not valid: it must be a whole number of steps, 1 to 1,000/],
    [{ horizon: 'three' }, /features\.horizon/],
    [{ horizon: 1e6 }, /features\.horizon/],
    [{ horizn: 3 }, /features\.horizn is not valid: a forecast takes only its horizon/],
  ])('of a forecast takes a horizon, and says so where it is %j', async (features, message) => {
    const me = caller();
    const { modelId } = await world.train(me, { taskType: 'forecasting', targetColumn: 'sales', featureColumns: undefined, dataset: { sourceId: 'src', query: 'sales' } }); // prettier-ignore
    await expect(serving().predict(me, { modelId, features })).rejects.toThrow(message);
    const [made] = await serving().predict(me, { modelId, features: { horizon: 2 } });
    expect(made!.prediction).toHaveLength(2);
  });

  it('is had by the id of an artifact, which names its version', async () => {
    const me = caller();
    const { modelId } = await world.train(me, { hyperparameters: { n_estimators: 5 } });
    await world.train(me, { hyperparameters: { n_estimators: 10 } });
    for (const version of [1, 2]) {
      const [made] = await serving().predict(me, { modelId: `${modelId}/v${version}`, features: house });
      expect(made).toMatchObject({ modelId, modelVersion: String(version) });
    }
    await expect(serving().predict(me, { modelId: `${modelId}/v3`, features: house })).rejects.toHaveCode('NOT_FOUND');
  });

  it('of a query comes as a table beside its columns', async () => {
    const me = caller();
    const { modelId } = await world.train(me, {});
    const table = await serving().batch(me, { modelId, sourceId: 'src', query: 'houses', maxRows: 50 });
    expect(table.columns.slice(-2)).toEqual(['prediction', 'probability']);
    expect([table.rowCount, table.truncated]).toEqual([50, true]);
    const price = table.columns.indexOf('price');
    for (const row of table.rows) expect(Math.abs(Number(row[price]) - Number(row.at(-2)))).toBeLessThan(60);
  });
});

interface OnnxAnswers {
  readonly scores: readonly number[];
  readonly predictions: readonly { prediction: unknown; probability: number | null }[];
}

/** In a process of its own: the native runtime does not take typed arrays of a test's realm. */
async function inOnnxRuntime(question: unknown): Promise<OnnxAnswers> {
  const folder = await mkdtemp(path.join(tmpdir(), 'onnx-'));
  const file = path.join(folder, 'question.json');
  await writeFile(file, JSON.stringify(question));
  const child = startChild('test/kit/onnx-child', [file]);
  const line = await child.line('{');
  await child.ended;
  await rm(folder, { recursive: true });
  return JSON.parse(line) as OnnxAnswers;
}

describe('ONNX', () => {
  const numbers = { featureColumns: ['size', 'age'] };
  const cases: [string, Record<string, unknown>][] = [
    ['a number', { ...numbers }],
    ['a forest', { ...numbers, algorithm: 'random_forest' }],
    ['two classes', { ...numbers, taskType: 'classification', targetColumn: 'sold' }],
    ['three classes', { ...numbers, taskType: 'classification', targetColumn: 'band' }],
  ];
  it.each(cases)('of %s scores as we do, and predicts the same when taken in again', async (_name, input) => {
    const me = caller();
    const { modelId, version } = await world.train(me, input);
    const { registry } = world.ml.services;
    const { content } = await registry.exportOnnx(me, modelId, version);
    const rows = Array.from({ length: 40 }, (_, row) => ({ size: row * 2.5, age: row % 7 === 0 ? null : 50 - row }));
    const { document } = await registry.version(me, modelId, version);
    const trees = document as Extract<ModelDocument, { kind: 'trees' }>;
    const scorer = new Scorer(fromDocument(JSON.parse(trees.document)));
    const ours = rows.flatMap(({ size, age }) => {
      const made = scorer.predict(scorer.encode([size, age]));
      return trees.classes && made.length === 1 ? [1 - made[0]!, made[0]!] : [...made];
    });
    const task = (input.taskType as string | undefined) ?? 'regression';
    const imported = await registry.importOnnx(me, { name: 'imported', taskType: task, contentBase64: content.toString('base64'), features: ['size', 'age'], classes: trees.classes }); // prettier-ignore
    const stored = await registry.version(me, imported.model_id, imported.version);
    const { scores: theirs, predictions: taken } = await inOnnxRuntime({ document: stored.document, rows });
    expect(theirs).toHaveLength(ours.length);
    theirs.forEach((value, place) => expect(Math.abs(value - ours[place]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(ours[place]!))));
    const mine = await serving().predict(me, { modelId, features: rows });
    taken.forEach(({ prediction, probability }, place) => {
      if (task === 'regression') expect(Math.abs((prediction as number) - (mine[place]!.prediction as number))).toBeLessThan(1e-2);
      else {
        expect(prediction).toBe(mine[place]!.prediction);
        expect(probability).toBeCloseTo(mine[place]!.probability!, 5);
      }
    });
  });

  it('that is damaged is refused', async () => {
    const me = caller();
    const damaged = {
      name: 'broken',
      taskType: 'regression',
      features: ['a'],
      contentBase64: Buffer.from('no model at all').toString('base64'),
    };
    await expect(world.ml.services.registry.importOnnx(me, damaged)).rejects.toThrow(/ONNX/);
    await expect(world.ml.services.registry.importOnnx(me, { ...damaged, contentBase64: '!!!!' })).rejects.toThrow(/ONNX/);
    expect(await world.ml.services.registry.list(me)).toEqual([]);
  });
});

describe('the registry', () => {
  it('lets a version into production only when a second person, an administrator, agrees', async () => {
    const me = caller({ roles: ['editor'] });
    const { registry } = world.ml.services;
    const { modelId } = await world.train(me, { hyperparameters: { n_estimators: 5 } });
    await world.train(me, { hyperparameters: { n_estimators: 10 } });
    const boss = { ...me, userId: 'boss', roles: ['admin' as const] };
    const [to1, to2] = [1, 2].map((version) => ({ modelId, version, stage: 'production' }));
    expect(await registry.setStage(me, to1)).toMatchObject({ stage: 'none', requested_stage: 'production' });
    expect(await registry.setStage(me, to1)).toMatchObject({ stage: 'none' });
    expect(await registry.setStage({ ...me, userId: 'colleague' }, to1)).toMatchObject({ stage: 'none' });
    expect(await registry.setStage(boss, to1)).toMatchObject({ stage: 'production', requested_stage: null });
    await registry.setStage(me, to2);
    await registry.setStage(boss, to2);
    const { versions } = await registry.find(me, modelId);
    expect(versions.map(({ version, stage }) => [version, stage])).toEqual([[2, 'production'], [1, 'archived']]); // prettier-ignore
    await expect(registry.setStage({ ...me, roles: ['analyst'] }, to1)).rejects.toHaveCode('FORBIDDEN');
  });

  it('serves what an alias names', async () => {
    const me = caller();
    const { registry } = world.ml.services;
    const { modelId } = await world.train(me, { hyperparameters: { n_estimators: 5 } });
    await world.train(me, { hyperparameters: { n_estimators: 10 } });
    await registry.edit(me, { modelId, aliases: { champion: 1 }, tags: ['homes'] });
    expect(await serving().predict(me, { modelId, alias: 'champion', features: house })).toMatchObject([{ modelVersion: '1' }]);
    expect(await serving().predict(me, { modelId, features: house })).toMatchObject([{ modelVersion: '2' }]);
    await expect(serving().predict(me, { modelId, alias: 'champ', features: house })).rejects.toThrow(/champion/);
    await expect(registry.edit(me, { modelId, aliases: { x: 9 } })).rejects.toHaveCode('NOT_FOUND');
  });

  it('splits requests of a canary, an A/B test and a shadow, the same key always on the same side, and compares', async () => {
    const me = caller();
    const { modelId } = await world.train(me, { hyperparameters: { n_estimators: 5 } });
    await world.train(me, { hyperparameters: { n_estimators: 10 } });
    // Sides hang on the model's random id: of so many users, shares this far from a half or a tenth come once in a billion models.
    const users = 150;
    const side = async (stickyKey: string) => (await serving().predict(me, { modelId, features: house, stickyKey }))[0]!.modelVersion;
    const sides = (share: number) => Promise.all(Array.from({ length: users }, (_, user) => side(`user-${user}-${share}`)));
    await serving().deploy(me, { modelId, strategy: 'ab_test', version: 1, candidateVersion: 2 });
    const [first, second] = [await sides(0.5), await sides(0.5)];
    expect(second).toEqual(first);
    const candidates = first.filter((each) => each === '2').length;
    expect(candidates).toBeGreaterThan(0.25 * users);
    expect(candidates).toBeLessThan(0.75 * users);
    const compared = await serving().comparison(me, modelId);
    expect(compared.map(({ role, requests }) => [role, requests]).sort()).toEqual([['candidate', candidates * 2], ['primary', 2 * users - candidates * 2]]); // prettier-ignore
    await serving().deploy(me, { modelId, strategy: 'canary', version: 1, candidateVersion: 2, trafficShare: 0.1 });
    expect((await sides(0.1)).filter((each) => each === '2').length).toBeLessThan(0.3 * users);
    await serving().deploy(me, { modelId, strategy: 'shadow', version: 1, candidateVersion: 2 });
    expect(await side('anyone')).toBe('1');
    expect((await serving().comparison(me, modelId)).find(({ role }) => role === 'shadow')).toMatchObject({ version: 2, requests: 1 });
    await expect(serving().deploy(me, { modelId, strategy: 'canary', version: 1 })).rejects.toThrow(/candidate_version/);
    await expect(serving().deploy(me, { modelId, strategy: 'canary', version: 1, candidateVersion: 1 })).rejects.toThrow(/name another/);
    await expect(serving().deploy(me, { modelId, strategy: 'direct', version: 7 })).rejects.toHaveCode('NOT_FOUND');
    await expect(serving().comparison(caller(), modelId)).rejects.toHaveCode('NOT_FOUND');
  });

  it('costs nobody an answer where the candidate or the shadow cannot give one, and counts it', async () => {
    const me = caller();
    const { modelId } = await world.train(me, { featureColumns: ['size', 'town'], hyperparameters: { n_estimators: 5 } });
    await world.train(me, { featureColumns: ['size', 'age', 'town'], hyperparameters: { n_estimators: 5 } });
    const features = { size: 70, town: 'north' };
    await serving().deploy(me, { modelId, strategy: 'canary', version: 1, candidateVersion: 2, trafficShare: 1 });
    expect(await serving().predict(me, { modelId, features })).toMatchObject([{ modelVersion: '1' }]);
    await serving().deploy(me, { modelId, strategy: 'shadow', version: 1, candidateVersion: 2 });
    expect(await serving().predict(me, { modelId, features })).toMatchObject([{ modelVersion: '1' }]);
    const compared = await serving().comparison(me, modelId);
    expect(compared.find(({ role }) => role === 'candidate')).toMatchObject({ version: 2, requests: 1, failures: 1 });
    expect(compared.find(({ role }) => role === 'shadow')).toMatchObject({ version: 2, requests: 1, failures: 1 });
    expect(compared.find(({ role }) => role === 'primary')).toMatchObject({ version: 1, requests: 2, failures: 0 });
  });

  it('is seen at once by predictions when it changes', async () => {
    const me = caller();
    const { modelId } = await world.train(me, { hyperparameters: { n_estimators: 5 } });
    const answering = async () => (await serving().predict(me, { modelId, features: house }))[0]!.modelVersion;
    expect(await answering()).toBe('1');
    await world.train(me, { hyperparameters: { n_estimators: 6 } });
    expect(await answering()).toBe('2');
    await serving().deploy(me, { modelId, strategy: 'direct', version: 1 });
    expect(await answering()).toBe('1');
  });

  it('forgets the oldest predictions, and keeps the newest', async () => {
    const { add, stored } = remembering();
    for (let n = 0; n < 12_000; n += 500) await add(Array.from({ length: 500 }, (_, place) => start + 10 * (n + place)));
    const times = await stored();
    expect(times.length).toBeGreaterThanOrEqual(10_000);
    expect(times.length).toBeLessThan(12_000);
    expect(Math.max(...times)).toBe(start + 10 * 11_999);
    expect(Math.min(...times)).toBe(start + 10 * (12_000 - times.length));
  });

  it('remembers a burst of predictions whole, and a hundred a second of what goes on', async () => {
    const { add, stored } = remembering();
    for (let second = 0; second < 5; second += 1) await add(Array.from({ length: 1_000 }, (_, ms) => start + 1_000 * second + ms));
    const times = await stored();
    expect(times.filter((time) => time < start + 1_000)).toHaveLength(1_000);
    expect(times.filter((time) => time >= start + 2_000)).toHaveLength(300);
  });
});

const start = Date.UTC(2026, 0, 1);

/** What a model of nobody else was asked, at given times, and the times that are stored. */
function remembering() {
  const { tenantId } = caller();
  const log = new PredictionLog({ db: world.db as unknown as Database<MlTables>, store: new RegistryStore() });
  const about = { tenantId, modelId: 'mdl-busy', version: 1, role: 'primary', features: house, prediction: 1, latencyMs: 1 };
  return {
    async add(times: readonly number[]): Promise<void> {
      log.add(times.map((time) => ({ ...about, madeAt: new Date(time) })));
      await log.flush();
    },
    stored: async (): Promise<number[]> => {
      const rows = await world.db.inTenant(tenantId, (tx) =>
        (tx as unknown as Tx<MlTables>).selectFrom('ml_predictions').select('made_at').execute(),
      );
      return rows.map(({ made_at }) => made_at.getTime());
    },
  };
}
