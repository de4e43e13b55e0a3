import type { Frame } from '../data/frame';

import { encode, encodeFrame, fitEncoder, perFeature } from './encoder';
import { answersOf } from './answers';
import type { FitRequest } from './fit-request';
import type { ModelDocument } from './model-document';
import { contributionsOf, treesOf, type XgboostTrees } from './xgboost-trees';

interface Booster {
  train(features: readonly (readonly number[])[], target: readonly number[]): void;
  predict(features: readonly (readonly number[])[]): number[];
  toJSON(): unknown;
  free(): void;
}
type BoosterClass = (new (options: Record<string, string | number>) => Booster) & { load(document: unknown): Booster };

/** The library is a WebAssembly build that is ready when its promise resolves. */
async function library(): Promise<BoosterClass> {
  return (await (require('ml-xgboost') as Promise<unknown>)) as BoosterClass;
}

type XgboostDocument = Extract<ModelDocument, { kind: 'xgboost' }>;

/** XGBoost on encoded rows: one booster for a number, one per class against the rest otherwise. */
export async function fitXgboost(
  { features, target, classes, hyperparameters, seed }: FitRequest,
  frame: Frame,
  onProgress: (fraction: number) => void,
): Promise<Pick<XgboostDocument, 'kind' | 'encoder' | 'boosters' | 'options'>> {
  const Xgboost = await library();
  const encoder = fitEncoder(frame, features);
  const rows = encodeFrame(encoder, frame);
  const options = {
    booster: 'gbtree',
    objective: classes ? 'binary:logistic' : 'reg:linear',
    max_depth: Number(hyperparameters.max_depth ?? 6),
    eta: Number(hyperparameters.learning_rate ?? 0.1),
    lambda: Number(hyperparameters.reg_lambda ?? 1),
    iterations: Number(hyperparameters.n_estimators ?? 100),
    // The library's own default is a half.
    subsample: 1,
    seed,
    silent: 1,
  };
  const answers = answersOf(frame.columns[frame.names.indexOf(target!)]!, classes);
  const outputs = classes ? (classes.length === 2 ? [classes[1]!] : classes) : [null];
  const boosters = outputs.map((name, place) => {
    const booster = new Xgboost(options);
    booster.train(
      rows,
      Array.from(answers, (value) => (name === null ? value : classes![value] === name ? 1 : 0)),
    );
    const document = booster.toJSON();
    booster.free();
    onProgress((place + 1) / outputs.length);
    return document;
  });
  return { kind: 'xgboost', encoder, boosters, options };
}

/** Boosters live in the library's memory, which no collector sees: they go when their document does. */
const open = new WeakMap<XgboostDocument, Promise<readonly Booster[]>>();
const closing = new FinalizationRegistry<readonly Booster[]>((boosters) => boosters.forEach((booster) => booster.free()));

function boostersOf(document: XgboostDocument): Promise<readonly Booster[]> {
  let opening = open.get(document);
  if (!opening) {
    opening = library().then((Xgboost) => {
      const boosters = document.boosters.map((each) => Xgboost.load(each));
      closing.register(document, boosters);
      return boosters;
    });
    open.set(document, opening);
  }
  return opening;
}

/** Scores of each booster for each row. */
export async function scoreXgboost(document: XgboostDocument, rows: readonly Readonly<Record<string, unknown>>[]): Promise<number[][]> {
  if (rows.length === 0) return [];
  const encoded = rows.map((row) => encode(document.encoder, (name) => row[name]));
  const scores = (await boostersOf(document)).map((booster) => booster.predict(encoded));
  return rows.map((_, row) => scores.map((column) => column[row]!));
}

const read = new WeakMap<XgboostDocument, readonly XgboostTrees[]>();

/** What each feature adds to the score of one output, which for classes is its logarithm of the odds. */
export function explainXgboost(
  document: XgboostDocument,
  row: Readonly<Record<string, unknown>>,
  output: number,
): { bias: number; contributions: Record<string, number> } {
  let trees = read.get(document);
  if (!trees) read.set(document, (trees = document.boosters.map(treesOf)));
  const encoded = encode(document.encoder, (name) => row[name]);
  const { bias, parts } = contributionsOf(trees[output]!, encoded);
  const sums = perFeature(document.encoder, parts);
  return { bias, contributions: Object.fromEntries(document.encoder.map(({ name }, place) => [name, sums[place]!])) };
}
