import { readFileSync } from 'node:fs';

import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { compile, type TopLevelSpec } from 'vega-lite';

import { caller } from '../kit/caller';

import { mlWorld, type MlWorld } from './world';

let world: MlWorld;
beforeAll(async () => {
  world = await mlWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const schema = JSON.parse(readFileSync(require.resolve('vega-lite/build/vega-lite-schema.json'), 'utf8')) as object;
const ajv = new Ajv({ strict: false });
addFormats(ajv);
ajv.addFormat('color-hex', () => true);
const isVegaLite = ajv.compile(schema);

const titles = (report: object): unknown[] => ((report as { concat?: { title: string }[] }).concat ?? []).map(({ title }) => title);
const monthly = { dataset: { sourceId: 'src', query: 'sales' }, featureColumns: null, split: { timeColumn: 'month' }, taskType: 'forecasting', targetColumn: 'sales' }; // prettier-ignore

it.each<[string, Record<string, unknown>, unknown[]]>([
  [
    'two classes',
    { taskType: 'classification', targetColumn: 'sold' },
    [
      'Metrics with 95 % intervals',
      'ROC',
      'Precision and recall',
      'Calibration',
      'Confusion',
      'Importance by permutation',
      'Importance by gain',
    ],
  ],
  [
    'three classes',
    { taskType: 'classification', targetColumn: 'band', algorithm: 'logistic_regression' },
    ['Metrics with 95 % intervals', 'Confusion', 'Importance by permutation'],
  ],
  ['a number', {}, ['Metrics with 95 % intervals', 'Residuals', 'Importance by permutation', 'Importance by gain']],
  ['a forecast', monthly, ['Metrics with 95 % intervals', 'The end of the series, forecast from what was before']],
  ['clusters', { taskType: 'clustering', targetColumn: null, featureColumns: ['size', 'price'] }, ['Rows of each cluster']],
  ['anomalies', { taskType: 'anomaly', targetColumn: null, featureColumns: ['size', 'price'] }, []],
])('the report of %s is a valid Vega-Lite document with its charts, which compiles', async (_what, input, charts) => {
  const me = caller();
  const { modelId, version } = await world.train(me, input);
  const report = await world.ml.services.registry.report(me, modelId, version);
  expect([isVegaLite(report), isVegaLite.errors ?? []]).toEqual([true, []]);
  expect(titles(report)).toEqual(charts);
  const warnings: unknown[] = [];
  const note = (...told: unknown[]) => void warnings.push(told);
  const logger = { level: () => logger, info: () => logger, debug: () => logger, warn: (...told: unknown[]) => (note(...told), logger), error: (...told: unknown[]) => (note(...told), logger) }; // prettier-ignore
  expect(compile(report as TopLevelSpec, { logger: logger as never }).spec).toHaveProperty('marks');
  expect(warnings).toEqual([]);
  await expect(world.ml.services.registry.report(caller(), modelId, version)).rejects.toHaveCode('NOT_FOUND');
});
