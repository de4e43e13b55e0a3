/** The shipped weights: one gzipped JSON file, checked against its hash. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { fromDocument, toDocument } from '#platform/boosting';
import type { BoostedModel, ModelDocument, SparseSoftmax } from '#platform/boosting';

/** A linear model with most features dropped: those kept, their weights in 16 bits. */
interface SparseDocument {
  classes: number;
  features: number;
  scale: number;
  kept: string;
  weights: string;
  bias: number[];
}

export interface HeadModels {
  readonly sketch: Readonly<Record<string, SparseSoftmax>>;
  readonly context: SparseSoftmax;
  /** First guess at the tables. */
  readonly guess: BoostedModel;
  readonly refine: Readonly<Record<string, BoostedModel>>;
  readonly roles: Readonly<Record<string, BoostedModel>>;
  readonly ranker: BoostedModel;
  readonly confidence: BoostedModel;
  readonly answerable: BoostedModel;
  /** Score of the confidence model → share that was right, both ascending. */
  readonly calibration: { readonly scores: readonly number[]; readonly shares: readonly number[] };
}

const base64 = (view: ArrayBufferView): string => Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
const bytes = (text: string): ArrayBuffer => {
  const buffer = Buffer.from(text, 'base64');
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) as ArrayBuffer;
};

const packSparse = (model: SparseSoftmax): SparseDocument => {
  const kept: number[] = [];
  let most = 0;
  for (const weight of model.weights) most = Math.max(most, Math.abs(weight));
  const scale = most / 32_000 || 1;
  for (let feature = 0; feature < model.features; feature += 1) {
    for (let label = 0; label < model.classes; label += 1) {
      if (Math.abs(model.weights[feature * model.classes + label]!) > 0.015) {
        kept.push(feature);
        break;
      }
    }
  }
  const weights = Int16Array.from(
    kept.flatMap((feature) =>
      Array.from({ length: model.classes }, (_, label) => Math.round(model.weights[feature * model.classes + label]! / scale)),
    ),
  );
  return {
    classes: model.classes,
    features: model.features,
    scale,
    kept: base64(Uint16Array.from(kept)),
    weights: base64(weights),
    bias: Array.from(model.bias),
  };
};

const unpackSparse = (document: SparseDocument): SparseSoftmax => {
  const kept = new Uint16Array(bytes(document.kept));
  const small = new Int16Array(bytes(document.weights));
  const weights = new Float32Array(document.features * document.classes);
  kept.forEach((feature, index) => {
    for (let label = 0; label < document.classes; label += 1)
      weights[feature * document.classes + label] = small[index * document.classes + label]! * document.scale;
  });
  return { classes: document.classes, features: document.features, weights, bias: Float32Array.from(document.bias) };
};

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

interface WeightsDocument {
  sketch: Record<string, SparseDocument>;
  context: SparseDocument;
  guess: ModelDocument;
  refine: Record<string, ModelDocument>;
  roles: Record<string, ModelDocument>;
  ranker: ModelDocument;
  confidence: ModelDocument;
  answerable: ModelDocument;
  calibration: { scores: readonly number[]; shares: readonly number[] };
}

export const packWeights = (models: HeadModels): { file: Buffer; sha256: string } => {
  const document: WeightsDocument = {
    sketch: mapValues(models.sketch, packSparse),
    context: packSparse(models.context),
    guess: toDocument(models.guess),
    refine: mapValues(models.refine, toDocument),
    roles: mapValues(models.roles, toDocument),
    ranker: toDocument(models.ranker),
    confidence: toDocument(models.confidence),
    answerable: toDocument(models.answerable),
    calibration: models.calibration,
  };
  const file = gzipSync(JSON.stringify(document), { level: 9 });
  return { file, sha256: createHash('sha256').update(file).digest('hex') };
};

export const unpackWeights = (file: Buffer, sha256: string): HeadModels => {
  if (createHash('sha256').update(file).digest('hex') !== sha256)
    throw new Error('The weights of the learned reader were changed: their hash does not fit the manifest');
  const document = JSON.parse(gunzipSync(file).toString('utf8')) as WeightsDocument;
  return {
    sketch: mapValues(document.sketch, unpackSparse),
    context: unpackSparse(document.context),
    guess: fromDocument(document.guess),
    refine: mapValues(document.refine, fromDocument),
    roles: mapValues(document.roles, fromDocument),
    ranker: fromDocument(document.ranker),
    confidence: fromDocument(document.confidence),
    answerable: fromDocument(document.answerable),
    calibration: document.calibration,
  };
};

const folder = path.join(__dirname, 'weights');

/** The shipped weights, or undefined in a checkout where none were trained. */
export const loadWeights = (from = folder): HeadModels | undefined => {
  if (!existsSync(path.join(from, 'weights.bin'))) return undefined;
  const manifest = JSON.parse(readFileSync(path.join(from, 'manifest.json'), 'utf8')) as { sha256: string };
  return unpackWeights(readFileSync(path.join(from, 'weights.bin')), manifest.sha256);
};
