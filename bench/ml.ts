import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';

import { Scorer, seededRandom, train } from '#platform/boosting';
import { projectRoot } from '#platform/lifecycle';

import { fit } from '../subgraphs/ml/service/algorithms/fit';
import { scorerFor, type Row } from '../subgraphs/ml/service/algorithms/score';
import { planTraining } from '../subgraphs/ml/service/training/plan';
import { trainModel } from '../subgraphs/ml/service/training/train-model';
import { toFrame } from '../subgraphs/ml/service/data/frame';

const features = 20;
const names = Array.from({ length: features }, (_, place) => `f${place}`);

interface Booster {
  train(rows: number[][], target: number[]): void;
  predict(rows: number[][]): number[];
  free(): void;
}

function synthetic(rows: number, seed: number): { matrix: number[][]; target: number[] } {
  const random = seededRandom(seed);
  const matrix = Array.from({ length: rows }, () => Array.from({ length: features }, () => random() * 2 - 1));
  const target = matrix.map(([a, b, c, d, e]) =>
    Math.sin(3 * a!) + 2 * b! * c! + (d! > 0.2 ? 1 : -1) * e! + 0.6 * (random() - 0.5) > 0 ? 1 : 0,
  );
  return { matrix, target };
}

const accuracy = (scores: readonly number[], target: readonly number[]): number =>
  scores.filter((score, row) => (score > 0.5 ? 1 : 0) === target[row]).length / target.length;

const seconds = (from: number): number => (performance.now() - from) / 1_000;

/** Both learn the same rows with the same trees, depth and rate, one after the other, and answer the same unseen rows. */
async function compare(rows: number): Promise<Record<string, number>> {
  const { matrix, target } = synthetic(rows, 1);
  const held = synthetic(10_000, 2);
  const columns = names.map((_, place) => Float32Array.from(matrix, (row) => row[place]!));
  let started = performance.now();
  const model = train({ names, columns, target }, { objective: 'binary', trees: 100, depth: 6, learningRate: 0.1, seed: 1 });
  const oursSeconds = seconds(started);
  const scorer = new Scorer(model);
  const ours = held.matrix.map((row) => scorer.predict(scorer.encode(row)).at(-1)!);
  const Xgboost = (await (require('ml-xgboost') as Promise<unknown>)) as new (options: object) => Booster;
  const options = {
    booster: 'gbtree',
    objective: 'binary:logistic',
    max_depth: 6,
    eta: 0.1,
    lambda: 1,
    subsample: 1,
    iterations: 100,
    silent: 1,
  };
  const booster = new Xgboost(options);
  started = performance.now();
  booster.train(matrix, target);
  const theirsSeconds = seconds(started);
  const theirs = booster.predict(held.matrix);
  booster.free();
  return {
    rows,
    oursSeconds,
    xgboostSeconds: theirsSeconds,
    timesFaster: theirsSeconds / oursSeconds,
    oursAccuracy: accuracy(ours, held.target),
    xgboostAccuracy: accuracy(theirs, held.target),
    sameAnswer: ours.filter((score, row) => score > 0.5 === theirs[row]! > 0.5).length / ours.length,
  };
}

async function latency(): Promise<Record<string, number>> {
  const { matrix, target } = synthetic(5_000, 3);
  const frame = toFrame([...names, 'y'], matrix.map((row, place) => [...row, target[place]])); // prettier-ignore
  const request = {
    algorithm: 'gradient_boosting',
    task: 'classification',
    hyperparameters: {},
    features: names,
    target: 'y',
    seed: 1,
    classes: ['0', '1'],
  };
  const scorer = scorerFor(await fit(request, { train: frame, validation: null }, () => undefined));
  const rows: Row[] = matrix.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place]])));
  for (const row of rows.slice(0, 500)) await scorer.predict([row]);
  const times: number[] = [];
  for (const row of rows) {
    const started = performance.now();
    await scorer.predict([row]);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const started = performance.now();
  await scorer.predict(rows);
  return { predictions: times.length, p50Ms: times[2_500]!, p99Ms: times[4_950]!, batchRowsPerSecond: rows.length / seconds(started) };
}

async function forecasts(): Promise<Record<string, number | string>[]> {
  const random = seededRandom(5);
  const series = Array.from({ length: 96 }, (_, month) => [
    month,
    200 + month * 1.5 + 40 * Math.sin((month * Math.PI) / 6) + 16 * (random() - 0.5),
  ]);
  const frame = toFrame(['month', 'sales'], series);
  const found: Record<string, number | string>[] = [];
  for (const algorithm of ['exponential_smoothing', 'arima']) {
    const split = { strategy: 'time' as const, testSize: 0.2, seed: 1, timeColumn: 'month' };
    const plan = planTraining(frame, {
      task: 'forecasting',
      algorithm,
      hyperparameters: { period: 12, horizon: 12 },
      target: 'sales',
      split,
    });
    const { metrics } = (await trainModel(frame, plan, () => undefined)).evaluation;
    found.push({ algorithm, rmse: metrics.rmse!, seasonalNaiveRmse: metrics.seasonal_naive_rmse! });
  }
  return found;
}

async function run(): Promise<void> {
  const load = loadavg()[0]!;
  const training = await compare(Number(process.argv[2] ?? 50_000));
  const serving = await latency();
  const forecasting = await forecasts();
  const machine = {
    cpus: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load,
  };
  const line = (value: number, digits = 2): string => value.toFixed(digits);
  const text = [
    '# ML: training, prediction, forecasts',
    '',
    `${machine.cpus}, ${machine.memoryGb} GB, Node ${machine.node}; load average ${load.toFixed(1)} at the start, so times hold against each other rather than alone.`,
    'Again: `npm run bench:ml`.',
    '',
    `| ${training.rows} rows × ${features}, 100 trees of depth 6 | seconds | accuracy on 10,000 unseen rows |`,
    '| --- | --- | --- |',
    `| ours | ${line(training.oursSeconds!)} | ${line(training.oursAccuracy! * 100)} % |`,
    `| ml-xgboost | ${line(training.xgboostSeconds!)} | ${line(training.xgboostAccuracy! * 100)} % |`,
    '',
    `${line(training.timesFaster!, 1)} times as fast; the same class for ${line(training.sameAnswer! * 100)} % of the unseen rows.`,
    '',
    `One prediction with contributions, in process: P50 ${line(serving.p50Ms!, 3)} ms, P99 ${line(serving.p99Ms!, 3)} ms; in batch ${Math.round(serving.batchRowsPerSecond!)} rows a second.`,
    '',
    '| last 12 of 96 generated months | RMSE | RMSE of seasonal naive |',
    '| --- | --- | --- |',
    ...forecasting.map(
      ({ algorithm, rmse, seasonalNaiveRmse }) => `| ${algorithm} | ${line(Number(rmse))} | ${line(Number(seasonalNaiveRmse))} |`,
    ),
    '',
  ].join('\n');
  const folder = path.join(projectRoot, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'ml.json'), `${JSON.stringify({ machine, training, serving, forecasting }, null, 2)}\n`);
  writeFileSync(path.join(folder, 'ml.md'), text);
  console.log(text);
}

run().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
