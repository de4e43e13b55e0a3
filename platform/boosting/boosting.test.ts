import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import XGBoost from 'ml-xgboost';

import { fromDocument, Scorer, seededRandom, toDocument, toOnnx, train, trainInWorker, trainSparseSoftmax, sparseScores } from './index';

const synthetic = (rows: number, features: number, seed = 1) => {
  const random = seededRandom(seed);
  const columns = Array.from({ length: features }, () => new Float32Array(rows));
  const value = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    for (const column of columns) column[row] = random() * 2 - 1;
    const [a, b, c, d] = columns.map((column) => column[row]!);
    value[row] = Math.sin(3 * a!) + 2 * b! * c! + (d! > 0.2 ? 1 : -1) * a! + 0.2 * (random() - 0.5);
  }
  return { columns, value };
};
const slice = (columns: Float32Array[], from: number, to: number) => columns.map((column) => column.slice(from, to));
const rowOf = (columns: Float32Array[], row: number) => Float32Array.from(columns, (column) => column[row]!);

// The runtime compares typed arrays by identity of their constructors, which a jest sandbox replaces: it runs in a plain thread.
const runOnnx = async (file: Uint8Array, matrix: Float32Array, features: number): Promise<Float32Array> => {
  const code = `
    const { parentPort, workerData: { file, matrix, features } } = require('node:worker_threads');
    const { InferenceSession, Tensor } = require('onnxruntime-node');
    InferenceSession.create(file, { intraOpNumThreads: 1 })
      .then((session) => session.run({ features: new Tensor('float32', matrix, [matrix.length / features, features]) }))
      .then((out) => parentPort.postMessage((out.prediction ?? out.probabilities).data));`;
  const worker = new Worker(code, { eval: true, workerData: { file, matrix, features } });
  const [answer] = (await once(worker, 'message')) as [Float32Array];
  await worker.terminate();
  return answer;
};

describe('boosted trees', () => {
  const { columns, value } = synthetic(3000, 8);
  const classes = Uint8Array.from(value, (number) => (number > 0 ? 1 : 0));
  const accuracy = (predict: (row: number) => number): number => {
    let right = 0;
    for (let row = 2000; row < 3000; row += 1) right += predict(row) === classes[row] ? 1 : 0;
    return right / 1000;
  };

  it('classifies unseen rows as well as XGBoost does', async () => {
    const scorer = new Scorer(
      train(
        { columns: slice(columns, 0, 2000), target: classes.subarray(0, 2000) },
        { objective: 'binary', trees: 60, depth: 4, learningRate: 0.2 },
      ),
    );
    const ours = accuracy((row) => (scorer.predict(rowOf(columns, row))[1]! > 0.5 ? 1 : 0));
    const Booster = await XGBoost;
    const booster = new Booster({ booster: 'gbtree', objective: 'binary:logistic', max_depth: 4, eta: 0.2, iterations: 60, verbosity: 0 });
    const matrix = Array.from({ length: 3000 }, (_, row) => Array.from(rowOf(columns, row)));
    booster.train(matrix.slice(0, 2000), Array.from(classes.subarray(0, 2000)));
    const theirs = accuracy((row) => (booster.predict([matrix[row]!])[0]! > 0.5 ? 1 : 0));
    booster.free();
    expect(ours).toBeGreaterThan(0.88);
    expect(ours).toBeGreaterThanOrEqual(theirs - 0.015);
  });

  it('explains most of the variance of a regression, and its contributions sum to the prediction', () => {
    const model = train({ columns: slice(columns, 0, 2000), target: value.subarray(0, 2000) }, { objective: 'regression', trees: 150 });
    const scorer = new Scorer(model);
    let error = 0;
    let variance = 0;
    for (let row = 2000; row < 3000; row += 1) {
      const features = rowOf(columns, row);
      const { bias, contributions, score } = scorer.contributions(features);
      expect(bias + contributions.reduce((sum, part) => sum + part, 0)).toBeCloseTo(score, 6);
      error += (scorer.predict(features)[0]! - value[row]!) ** 2;
      variance += value[row]! ** 2;
    }
    expect(1 - error / variance).toBeGreaterThan(0.9);
    expect(model.importance.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
  });

  it('gives the same model bit for bit for one seed, another for another', () => {
    const data = { columns: slice(columns, 0, 500), target: classes.subarray(0, 500) };
    const options = { objective: 'binary', trees: 10, rowFraction: 0.7, columnFraction: 0.7 } as const;
    expect(toDocument(train(data, { ...options, seed: 7 })).hash).toBe(toDocument(train(data, { ...options, seed: 7 })).hash);
    expect(toDocument(train(data, { ...options, seed: 8 })).hash).not.toBe(toDocument(train(data, { ...options, seed: 7 })).hash);
  });

  it('learns where rows with a missing value belong', () => {
    const random = seededRandom(3);
    const column = Float32Array.from({ length: 1000 }, () => (random() < 0.3 ? Number.NaN : random()));
    const target = column.map((cell) => (Number.isNaN(cell) || cell > 0.7 ? 1 : 0));
    const scorer = new Scorer(train({ columns: [column], target }, { objective: 'binary', trees: 20, depth: 2 }));
    expect(scorer.predict(Float32Array.of(Number.NaN))[1]).toBeGreaterThan(0.9);
    expect(scorer.predict(Float32Array.of(0.9))[1]).toBeGreaterThan(0.9);
    expect(scorer.predict(Float32Array.of(0.2))[1]).toBeLessThan(0.1);
  });

  it('reads text categories by their target statistics, and an unknown one as the average', () => {
    const random = seededRandom(5);
    const cities = ['Bern', 'Basel', 'Chur', null];
    const city = Array.from({ length: 800 }, () => cities[Math.floor(random() * 4)]!);
    const target = city.map((name) => (name === 'Bern' ? 10 : name === 'Basel' ? 20 : 30) + random());
    const scorer = new Scorer(train({ columns: [city], target }, { objective: 'regression', trees: 60 }));
    const predict = (name: string | null) => scorer.predict(scorer.encode([name]))[0]!;
    expect(Math.abs(predict('Bern') - 10.5)).toBeLessThan(1);
    expect(Math.abs(predict('Basel') - 20.5)).toBeLessThan(1);
    expect(Math.abs(predict(null) - 30.5)).toBeLessThan(1);
    expect(predict('__proto__')).toBeGreaterThan(9);
  });

  it('separates three classes with probabilities that sum to one', () => {
    const target = value.map((number) => (number > 0.7 ? 2 : number > -0.7 ? 1 : 0));
    const scorer = new Scorer(
      train(
        { columns: slice(columns, 0, 2000), target: target.subarray(0, 2000) },
        { objective: 'multiclass', trees: 40, depth: 4, learningRate: 0.2 },
      ),
    );
    let right = 0;
    for (let row = 2000; row < 3000; row += 1) {
      const shares = scorer.predict(rowOf(columns, row));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      right += shares.indexOf(Math.max(...shares)) === target[row] ? 1 : 0;
    }
    expect(right).toBeGreaterThan(800);
  });

  it.each(['softmax', 'lambda'] as const)('ranks the best row of a list first (%s loss)', (rankLoss) => {
    const target = new Float32Array(3000);
    for (let from = 0; from < 3000; from += 10) {
      let best = from;
      for (let row = from; row < from + 10; row += 1) if (value[row]! > value[best]!) best = row;
      target[best] = 1;
    }
    const groups = new Array<number>(200).fill(10);
    const scorer = new Scorer(
      train(
        { columns: slice(columns, 0, 2000), target: target.subarray(0, 2000), groups },
        { objective: 'rank', rankLoss, trees: 60, depth: 4, minChildWeight: 0.1 },
      ),
    );
    let right = 0;
    for (let from = 2000; from < 3000; from += 10) {
      let best = from;
      for (let row = from; row < from + 10; row += 1)
        if (scorer.score(rowOf(columns, row)) > scorer.score(rowOf(columns, best))) best = row;
      right += target[best]!;
    }
    expect(right).toBeGreaterThan(55);
  });

  it('stops early and keeps the best round', () => {
    const noise = seededRandom(11);
    const target = Uint8Array.from({ length: 600 }, () => (noise() < 0.5 ? 1 : 0));
    const model = train(
      { columns: slice(columns, 0, 300), target: target.subarray(0, 300) },
      { objective: 'binary', trees: 200, earlyStoppingRounds: 5 },
      { validation: { columns: slice(columns, 300, 600), target: target.subarray(300) } },
    );
    expect(model.rounds).toBeLessThan(30);
    expect(model.trees).toHaveLength(model.rounds);
  });

  it('averages bagged trees in forest mode', () => {
    const scorer = new Scorer(
      train(
        { columns: slice(columns, 0, 2000), target: classes.subarray(0, 2000) },
        { objective: 'binary', mode: 'forest', trees: 60, depth: 12 },
      ),
    );
    expect(accuracy((row) => (scorer.predict(rowOf(columns, row))[1]! > 0.5 ? 1 : 0))).toBeGreaterThan(0.85);
  });

  it('gives a rare class its weight', () => {
    const target = Uint8Array.from(value, (number) => (number > 2 ? 1 : 0));
    const data = { columns: slice(columns, 0, 2000), target: target.subarray(0, 2000) };
    const recall = (classWeights?: 'balanced') => {
      const scorer = new Scorer(train(data, { objective: 'binary', trees: 20, depth: 3, classWeights }));
      let found = 0;
      for (let row = 2000; row < 3000; row += 1) found += target[row] && scorer.predict(rowOf(columns, row))[1]! > 0.5 ? 1 : 0;
      return found;
    };
    expect(recall('balanced')).toBeGreaterThan(recall());
  });

  it('survives JSON unchanged, and refuses a file that was edited', () => {
    const model = train({ columns: slice(columns, 0, 300), target: value.subarray(0, 300) }, { objective: 'regression', trees: 5 });
    const document = JSON.parse(JSON.stringify(toDocument(model))) as ReturnType<typeof toDocument>;
    const again = new Scorer(fromDocument(document));
    const first = new Scorer(model);
    for (let row = 0; row < 50; row += 1) expect(again.score(rowOf(columns, row))).toBe(first.score(rowOf(columns, row)));
    expect(() => fromDocument({ ...document, base: [1] })).toThrow('hash');
  });

  it('scores many rows at once to the same numbers as one after the other', () => {
    const model = train({ columns: slice(columns, 0, 300), target: value.subarray(0, 300) }, { objective: 'regression', trees: 20 });
    const scorer = new Scorer(model);
    const width = model.featureNames.length;
    const block = new Float32Array(50 * width);
    for (let row = 0; row < 50; row += 1) block.set(rowOf(columns, row), row * width);
    expect([...scorer.scoreRows(block, 50)]).toEqual(Array.from({ length: 50 }, (_, row) => scorer.score(rowOf(columns, row))));
  });

  it('trains in a worker to the same model, reports every round, and stops when aborted', async () => {
    const job = {
      data: { columns: slice(columns, 0, 500), target: classes.subarray(0, 500) },
      options: { objective: 'binary', trees: 8 },
    } as const;
    const rounds: number[] = [];
    const model = await trainInWorker(job, { onProgress: ({ round }) => rounds.push(round) });
    expect(toDocument(model).hash).toBe(toDocument(train(job.data, job.options, { onProgress: () => undefined })).hash);
    expect(rounds).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const stop = new AbortController();
    const endless = trainInWorker(
      { data: job.data, options: { objective: 'binary', trees: 1_000_000 } },
      { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) },
    );
    await expect(endless).rejects.toThrow('enough');
  });

  it.each([
    ['regression', 'boost'],
    ['binary', 'boost'],
    ['binary', 'forest'],
    ['multiclass', 'boost'],
  ] as const)('scores the same through ONNX: %s, %s', async (objective, mode) => {
    const target =
      objective === 'regression'
        ? value
        : objective === 'binary'
          ? classes
          : value.map((number) => (number > 0.7 ? 2 : number > -0.7 ? 1 : 0));
    const withGaps = slice(columns, 0, 400).map((column, index) =>
      index === 1 ? column.map((cell, row) => (row % 5 === 0 ? Number.NaN : cell)) : column,
    );
    const model = train({ columns: withGaps, target: target.subarray(0, 400) }, { objective, mode, trees: 12, depth: 4 });
    const scorer = new Scorer(model);
    const rows = 100;
    const matrix = Float32Array.from({ length: rows * 8 }, (_, at) => withGaps[at % 8]![Math.floor(at / 8)]!);
    const theirs = await runOnnx(toOnnx(model), matrix, 8);
    const width = theirs.length / rows;
    for (let row = 0; row < rows; row += 1) {
      scorer.predict(matrix, row * 8).forEach((ours, index) => expect(Math.abs(theirs[row * width + index]! - ours)).toBeLessThan(1e-4));
    }
  });
});

it('fits a sparse linear model to indicator features', () => {
  const starts = Uint32Array.from({ length: 301 }, (_, row) => row * 2);
  const indices = Uint32Array.from({ length: 600 }, (_, at) => (at % 2 === 0 ? Math.floor(at / 2) % 3 : 3 + (at % 7)));
  const labels = Array.from({ length: 300 }, (_, row) => row % 3);
  const model = trainSparseSoftmax({ starts, indices }, labels, { classes: 3, features: 10 });
  for (let label = 0; label < 3; label += 1) {
    const scores = sparseScores(model, [label]);
    expect(scores.indexOf(Math.max(...scores))).toBe(label);
  }
});
