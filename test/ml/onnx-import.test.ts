import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { caller } from '../kit/caller';
import { startChild } from '../kit/child';

import { pytorchFunction, pytorchPerceptron, sklearnClassifier, sklearnColumns, sklearnGroups, sklearnPipeline, withOperator, withoutWeights } from './foreign-models'; // prettier-ignore
import { mlWorld, type MlWorld } from './world';

let world: MlWorld;
beforeAll(async () => {
  world = await mlWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

interface Prediction {
  readonly prediction: number | string;
  readonly probability: number | null;
  readonly probabilities: readonly number[] | null;
}

/** Taken in by the registry, then asked in a process of its own: the native runtime does not take typed arrays of a test's realm. */
async function imported(input: { file: Buffer; taskType: string; features: string[]; classes?: string[] }, rows: readonly object[]) {
  const me = caller();
  const { file, ...rest } = input;
  const { registry } = world.ml.services;
  const made = await registry.importOnnx(me, { name: 'foreign', ...rest, contentBase64: file.toString('base64') });
  const { document } = await registry.version(me, made.model_id, 1);
  expect((await registry.exportOnnx(me, made.model_id, 1)).content).toEqual(file);
  const folder = await mkdtemp(path.join(tmpdir(), 'onnx-'));
  const question = path.join(folder, 'question.json');
  await writeFile(question, JSON.stringify({ document, rows }));
  const child = startChild('test/kit/onnx-child', [question]);
  const answer = JSON.parse(await child.line('{')) as { predictions?: Prediction[]; failed?: string };
  await child.ended;
  await rm(folder, { recursive: true });
  if (!answer.predictions) throw new Error(answer.failed);
  return { predictions: answer.predictions, document };
}

const softmax = (scores: readonly number[]): number[] => {
  const parts = scores.map(Math.exp);
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
};
const dot = (weights: readonly number[], row: readonly number[]): number =>
  weights.reduce((sum, weight, place) => sum + weight * row[place]!, 0);
const close = (given: readonly number[], wanted: readonly number[]): void =>
  given.forEach((each, place) => expect(Math.abs(each - wanted[place]!)).toBeLessThan(1e-5));

const rows = [{ a: 0.5, b: -1 }, { a: -2, b: 0.25 }, { a: 3, b: 3 }]; // prettier-ignore

interface Written {
  readonly features: string[];
  readonly classes: string[] | null;
  readonly rows: object[];
  readonly wanted: readonly (number | number[])[];
}
/** By `pytorch/export.py`, which also asked PyTorch itself. */
const pytorchFile = (name: string): Buffer => readFileSync(path.join(__dirname, 'pytorch', name.endsWith('.json') ? name : `${name}.onnx`));
const written = JSON.parse(pytorchFile('cases.json').toString()) as Record<string, Written>;

describe('a model of another library', () => {
  it('as scikit-learn exports a classifier gives its labels and the probabilities that it hides in maps', async () => {
    const [weights, intercepts, classes] = [[[1, 0.5], [-1, 2], [0.25, -1]], [0.1, -0.2, 0.3], ['bird', 'cat', 'dog']]; // prettier-ignore
    const file = sklearnClassifier(weights, intercepts, classes);
    const { predictions } = await imported({ file, taskType: 'classification', features: ['a', 'b'] }, rows);
    rows.forEach(({ a, b }, place) => {
      const wanted = softmax(weights.map((each, at) => dot(each, [a, b]) + intercepts[at]!));
      const { prediction, probability, probabilities } = predictions[place]!;
      close(probabilities!, wanted);
      expect(prediction).toBe(classes[wanted.indexOf(Math.max(...wanted))]);
      expect(probability).toBe(Math.max(...probabilities!));
    });
  });

  it('as scikit-learn exports a pipeline has an input for each column, texts and whole numbers among them', async () => {
    const towns = ['north', 'south'];
    const file = sklearnPipeline(towns, [2, 10, 100, -50], 7);
    const houses = [{ size: 30, rooms: 2, town: 'north' }, { size: 12.5, rooms: 1, town: 'south' }, { size: 1, rooms: 0, town: 'moon' }]; // prettier-ignore
    const { predictions, document } = await imported({ file, taskType: 'regression', features: ['size', 'rooms', 'town'] }, houses);
    close(predictions.map(({ prediction }) => Number(prediction)), [60 + 20 + 100 + 7, 25 + 10 - 50 + 7, 2 + 7]); // prettier-ignore
    expect((document as { inputs: unknown }).inputs).toMatchObject([{ name: 'size', text: false }, { name: 'rooms', type: 'int64' }, { name: 'town', text: true }]); // prettier-ignore
  });

  const hidden = { weights: [[1, -1], [0.5, 2], [-1, -1], [2, 0]], bias: [0, 0.1, -0.1, 0.5] }; // prettier-ignore
  const network = (row: { a: number; b: number }, last: { weights: number[][]; bias: number[] }): number[] => {
    const inner = hidden.weights.map((weights, place) => Math.max(0, dot(weights, [row.a, row.b]) + hidden.bias[place]!));
    return last.weights.map((weights, place) => dot(weights, inner) + last.bias[place]!);
  };

  it('as PyTorch exports a classifier gives logits, which become probabilities and the names given', async () => {
    const last = { weights: [[1, 0, 0, 1], [0, 1, 0, -1], [0, 0, 1, 0.5]], bias: [0.1, 0.2, 0.3] }; // prettier-ignore
    const classes = ['low', 'mid', 'high'];
    const file = pytorchPerceptron(hidden, last);
    const { predictions } = await imported({ file, taskType: 'classification', features: ['a', 'b'], classes }, rows);
    rows.forEach((row, place) => {
      const wanted = softmax(network(row, last));
      close(predictions[place]!.probabilities!, wanted);
      expect(predictions[place]!.prediction).toBe(classes[wanted.indexOf(Math.max(...wanted))]);
    });
  });

  it.each(['logits', 'one-row-at-a-time'])('of PyTorch that cannot do without a value says so: %s', async (name) => {
    const { features, classes } = written[name]!;
    const taskType = classes ? 'classification' : 'regression';
    const asked = imported({ file: pytorchFile(name), taskType, features, ...(classes ? { classes } : {}) }, [{ a: 1, b: 2, c: 3 }, { a: 1, b: null, c: 3 }]); // prettier-ignore
    await expect(asked).rejects.toThrow(/gives no number for them: it cannot do without b; give a value/);
  });

  it('as PyTorch exports a score of two classes, or a number', async () => {
    const last = { weights: [[1, -1, 0.5, -0.5]], bias: [0.2] };
    const file = pytorchPerceptron(hidden, last);
    const two = await imported({ file, taskType: 'classification', features: ['a', 'b'], classes: ['no', 'yes'] }, rows);
    const number = await imported({ file, taskType: 'regression', features: ['a', 'b'] }, rows);
    rows.forEach((row, place) => {
      const [score] = network(row, last) as [number];
      close(two.predictions[place]!.probabilities!, [1 / (1 + Math.exp(score)), 1 / (1 + Math.exp(-score))]);
      expect(two.predictions[place]!.prediction).toBe(score > 0 ? 'yes' : 'no');
      close([Number(number.predictions[place]!.prediction)], [score]);
    });
  });

  it('as scikit-learn exports a column for each class', async () => {
    const [weights, intercepts] = [[[1, 0.5], [-1, 2], [0.25, -1]], [0.1, -0.2, 0.3]]; // prettier-ignore
    const file = sklearnColumns(weights, intercepts, [3, 5, 8]);
    const { predictions } = await imported({ file, taskType: 'classification', features: ['a', 'b'] }, rows);
    rows.forEach(({ a, b }, place) => {
      const wanted = softmax(weights.map((each, at) => dot(each, [a, b]) + intercepts[at]!));
      close(predictions[place]!.probabilities!, wanted);
      expect(predictions[place]!.prediction).toBe(['3', '5', '8'][wanted.indexOf(Math.max(...wanted))]);
    });
  });

  it('as scikit-learn exports a pipeline of groups of columns takes features in the order of its inputs', async () => {
    const file = sklearnGroups(['north', 'south'], [2, 10, 100, -50], 7);
    const houses = [{ size: 30, rooms: 2, town: 'north' }, { size: 12, rooms: 1, town: 'moon' }]; // prettier-ignore
    const { predictions } = await imported({ file, taskType: 'regression', features: ['size', 'rooms', 'town'] }, houses);
    close(predictions.map(({ prediction }) => Number(prediction)), [20 + 20 + 100 + 7, 2 + 0 + 7]); // prettier-ignore
  });

  it('with functions of its own, as PyTorch may export, is seen through', async () => {
    const [weights, bias] = [[[1, 0.5], [-1, 2]], [0.1, -0.2]]; // prettier-ignore
    const { predictions } = await imported({ file: pytorchFunction(weights, bias), taskType: 'classification', features: ['a', 'b'], classes: ['no', 'yes'] }, rows); // prettier-ignore
    rows.forEach(({ a, b }, place) =>
      close(predictions[place]!.probabilities!, softmax(weights.map((each, at) => dot(each, [a, b]) + bias[at]!))),
    );
  });

  it.each(Object.entries(written))(
    'that PyTorch itself wrote says what PyTorch says: %s',
    async (name, { features, classes, rows: given, wanted }) => {
      const taskType = classes ? 'classification' : 'regression';
      const { predictions } = await imported({ file: pytorchFile(name), taskType, features, ...(classes ? { classes } : {}) }, given);
      expect(predictions).toHaveLength(wanted.length);
      wanted.forEach((each, place) => {
        const { prediction, probabilities } = predictions[place]!;
        close(typeof each === 'number' ? [Number(prediction)] : probabilities!, [each].flat());
        if (typeof each !== 'number') expect(prediction).toBe(classes![each.indexOf(Math.max(...each))]);
      });
    },
  );

  const whole = pytorchPerceptron(hidden, { weights: [[1, -1, 0.5, -0.5]], bias: [0.2] });
  it.each<[string, Buffer, string[], RegExp]>([
    ['that is cut off', whole.subarray(0, whole.length - 40), ['a', 'b'], /ONNX file.*(damaged|no graph)/],
    ['that is something else', Buffer.from('PK\u0003\u0004 a zip file'), ['a', 'b'], /ONNX file.*(damaged|no graph)/],
    ['that is empty of nodes', Buffer.alloc(4), ['a', 'b'], /ONNX file/],
    ['with a custom operator', withOperator('Magic', 'com.acme'), ['a', 'b'], /Magic of com\.acme.*custom operators/],
    ['with an operator that ONNX does not have', withOperator('Magic'), ['a', 'b'], /operators that are not part of ONNX/],
    ['with other features than its input', whole, ['a', 'b', 'c'], /takes 2 in one input, input; 3 are named/],
    ['with an input that is no feature', sklearnPipeline(['x'], [1, 1, 1], 0), ['size', 'rooms'], /has an input town/],
    ['of pictures', pytorchFile('image'), ['a', 'b'], /4 dimensions; models of rows and columns/],
    [
      'with its weights in another file',
      withoutWeights(),
      ['a', 'b'],
      /weights are in another file, model\.onnx\.data; export it as one file/,
    ],
    [
      'with three numbers a row for one',
      pytorchFile('softmax'),
      ['a', 'b', 'c'],
      /gives 3 numbers a row in output, and a regression is one/,
    ],
    [
      'with other features than its groups',
      sklearnGroups(['x'], [1, 1, 1], 0),
      ['size', 'town'],
      /takes 2 in numbers, 1 in texts, in this order; 2 are named/,
    ],
    ['without an input for a feature', sklearnPipeline(['x'], [1, 1, 1], 0), ['size', 'rooms', 'town', 'age'], /no input age/],
  ])('%s is refused, and nothing is kept', async (_what, file, features, message) => {
    const me = caller();
    const input = { name: 'broken', taskType: 'regression', features, contentBase64: file.toString('base64') };
    await expect(world.ml.services.registry.importOnnx(me, input)).rejects.toThrow(message);
    expect(await world.ml.services.registry.list(me)).toEqual([]);
  });
});
