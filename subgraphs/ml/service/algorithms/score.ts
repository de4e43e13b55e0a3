import { fromDocument, Scorer, type BoostedModel } from '#platform/boosting';

import { forecastArima } from './arima';
import { encode, perFeature } from './encoder';
import { isolationScore } from './isolation';
import { linearScore } from './linear';
import type { ModelDocument } from './model-document';
import { predictOnnx } from './onnx-runtime';
import { forecastSmoothing } from './smoothing';
import { explainXgboost, scoreXgboost } from './xgboost';
import type { Prediction, Row } from './prediction';

export interface ScoreOptions {
  /** What each feature adds, for models that say it; several times the work of the prediction. @default true */
  readonly explain?: boolean;
}

export interface ModelScorer {
  predict(rows: readonly Row[], options?: ScoreOptions): Promise<Prediction[]>;
}

const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));

/** Makes a stored model ready to predict. Made once and kept: trees are laid out flat here. */
export function scorerFor(document: ModelDocument): ModelScorer {
  switch (document.kind) {
    case 'trees':
      return trees(document);
    case 'linear':
      return { predict: (rows) => Promise.resolve(rows.map((row) => linear(document, row))) };
    case 'clusters':
      return { predict: (rows) => Promise.resolve(rows.map((row) => nearestCluster(document, row))) };
    case 'isolation':
      return { predict: (rows) => Promise.resolve(rows.map((row) => isolation(document, row))) };
    case 'smoothing':
      return {
        predict: (rows) => Promise.resolve(rows.map((row) => plain(forecastSmoothing(document.fitted, stepsOf(row, document.horizon))))),
      };
    case 'arima':
      return {
        predict: (rows) =>
          Promise.resolve(rows.map((row) => plain(forecastArima(document.series, document, stepsOf(row, document.horizon))))),
      };
    case 'xgboost':
      return {
        predict: async (rows, { explain = true } = {}) =>
          (await scoreXgboost(document, rows)).map((scores, place) => boosted(document, scores, explain ? rows[place]! : null)),
      };
    case 'onnx':
      return { predict: (rows) => predictOnnx(document, rows) };
  }
}

const plain = (prediction: Prediction['prediction']): Prediction => ({
  prediction,
  probability: null,
  probabilities: null,
  contributions: null,
  bias: null,
});

const stepsOf = (row: Row, horizon: number): number => Math.min(1_000, Math.max(1, Math.round(Number(row.horizon ?? horizon)) || horizon));

function ofClasses(
  classes: readonly string[],
  probabilities: readonly number[],
  explanation: Pick<Prediction, 'contributions' | 'bias'> = { contributions: null, bias: null },
): Prediction {
  const best = probabilities.reduce((found, value, place) => (value > probabilities[found]! ? place : found), 0);
  return { prediction: classes[best]!, probability: probabilities[best]!, probabilities, ...explanation };
}

/** One score of two classes as two probabilities; several, scaled to sum to 1. */
function spread(classes: readonly string[], scores: readonly number[]): number[] {
  if (classes.length === 2) return [1 - scores[0]!, scores[0]!];
  const sum = scores.reduce((total, score) => total + score, 0) || 1;
  return scores.map((score) => score / sum);
}

function trees({ document, features, classes }: Extract<ModelDocument, { kind: 'trees' }>): ModelScorer {
  const model = fromDocument(JSON.parse(document));
  const scorer = new Scorer(model);
  const partsOf = addPerFeature(model, features);
  const predictOne = (row: Row, explain: boolean): Prediction => {
    const encoded = scorer.encode(features.map((name) => cell(row[name])));
    const values = scorer.predict(encoded);
    const probabilities = classes ? (values.length === 1 ? [1 - values[0]!, values[0]!] : values) : null;
    const output = probabilities && probabilities.length > 2 ? probabilities.indexOf(Math.max(...probabilities)) : 0;
    const { bias, contributions } = explain ? scorer.contributions(encoded, output) : { bias: null, contributions: null };
    const explanation = { bias, contributions: contributions && partsOf(contributions) };
    return classes && probabilities ? ofClasses(classes, probabilities, explanation) : { ...plain(values[0]!), ...explanation };
  };
  return { predict: (rows, { explain = true } = {}) => Promise.resolve(rows.map((row) => predictOne(row, explain))) };
}

/** Of many classes, a category is a column for each class: what those add is the feature's. */
function addPerFeature(
  { encoders }: Pick<BoostedModel, 'encoders'>,
  features: readonly string[],
): (parts: Float64Array) => Record<string, number> {
  const widths = new Map(encoders.map(({ feature, prior }) => [feature, prior.length]));
  return (parts) => {
    let place = 0;
    return Object.fromEntries(
      features.map((name, feature) => {
        let sum = 0;
        for (let end = place + (widths.get(feature) ?? 1); place < end; place += 1) sum += parts[place]!;
        return [name, sum];
      }),
    );
  };
}

const cell = (value: unknown): number | string | null =>
  value === null || value === undefined || value === ''
    ? null
    : typeof value === 'boolean'
      ? Number(value)
      : typeof value === 'number'
        ? value
        : String(value);

function linear({ encoder, weights, link, classes, features }: Extract<ModelDocument, { kind: 'linear' }>, row: Row): Prediction {
  const encoded = encode(encoder, (name) => row[name]);
  const scores = weights.map((each) => linearScore(each, encoded));
  const best = scores.length > 1 ? scores.indexOf(Math.max(...scores)) : 0;
  const parts = perFeature(
    encoder,
    encoded.map((value, place) => value * weights[best]![place]!),
  );
  const contributions = Object.fromEntries(features.map((name, place) => [name, parts[place]!]));
  const bias = weights[best]!.at(-1)!;
  if (!classes) return { ...plain(scores[0]!), contributions, bias };
  return ofClasses(
    classes,
    spread(
      classes,
      scores.map((score) => (link === 'logistic' ? sigmoid(score) : score)),
    ),
    { contributions, bias },
  );
}

/** Explained where the row is given. */
function boosted(document: Extract<ModelDocument, { kind: 'xgboost' }>, scores: readonly number[], row: Row | null): Prediction {
  const best = scores.length > 1 ? scores.indexOf(Math.max(...scores)) : 0;
  const explanation = row ? explainXgboost(document, row, best) : { contributions: null, bias: null };
  if (!document.classes) return { ...plain(scores[0]!), ...explanation };
  return ofClasses(document.classes, spread(document.classes, scores), explanation);
}

function nearestCluster({ encoder, centroids }: Extract<ModelDocument, { kind: 'clusters' }>, row: Row): Prediction {
  const encoded = encode(encoder, (name) => row[name]);
  const distances = centroids.map((centre) => centre.reduce((sum, value, place) => sum + (value - encoded[place]!) ** 2, 0));
  return plain(distances.indexOf(Math.min(...distances)));
}

function isolation({ encoder, forest }: Extract<ModelDocument, { kind: 'isolation' }>, row: Row): Prediction {
  const score = isolationScore(
    forest,
    encode(encoder, (name) => row[name]),
  );
  return { ...plain(score >= forest.threshold ? 1 : 0), probability: score };
}
