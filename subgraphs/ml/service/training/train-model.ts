import { fromDocument } from '#platform/boosting';

import { encodeFrame, fitEncoder } from '../algorithms/encoder';
import { fit } from '../algorithms/fit';
import type { ModelDocument } from '../algorithms/model-document';
import { scorerFor } from '../algorithms/score';
import { isMissing, pick, type Frame } from '../data/frame';
import { seeded, shuffled } from '../data/random';
import { split, type Split } from '../data/split';
import { evaluateClusters } from '../metrics/clusters';
import type { Evaluation } from '../metrics/evaluation';

import { baselineOf } from './baseline';
import { trainForecast } from './train-forecast';
import { measureOn, permutationImportance, scoreInParts, type FeatureImportance } from './measure';
import type { TrainingPlan } from './plan';
import type { Trained } from './trained';

/** Splits, fits, measures. Runs in a worker thread. */
export async function trainModel(given: Frame, plan: TrainingPlan, onProgress: (fraction: number) => void): Promise<Trained> {
  const frame = plan.target ? rowsWithTarget(given, plan.target) : given;
  const request = { ...plan, seed: plan.split.seed };
  if (plan.task === 'forecasting') return trainForecast(frame, plan, onProgress);
  if (plan.task === 'clustering' || plan.task === 'anomaly') {
    const model = await fit(request, { train: frame, validation: null }, onProgress);
    return {
      model,
      evaluation: await unsupervised(model, plan, frame),
      importance: [],
      gainImportance: [],
      baseline: baselineOf(frame, plan.features),
      rows: { train: frame.rowCount, test: 0 },
    };
  }
  const parts = shared(split(frame, plan.split), plan);
  const learning = pick(frame, parts.train);
  const stopping = plan.hyperparameters.early_stopping_rounds ? earlyStopping(learning, plan) : { train: learning, validation: null };
  const model = await fit(request, stopping, (fraction) => onProgress(fraction * 0.9));
  const scorer = scorerFor(model);
  const held = pick(frame, parts.test);
  const evaluation = await measureOn(scorer, plan, held);
  const importance = await permutationImportance(scorer, plan, held);
  onProgress(1);
  return {
    model,
    evaluation,
    importance,
    gainImportance: gainImportance(model),
    baseline: baselineOf(learning, plan.features),
    rows: { train: parts.train.length, test: parts.test.length },
  };
}

function rowsWithTarget(frame: Frame, target: string): Frame {
  const column = frame.columns[frame.names.indexOf(target)]!;
  const rows: number[] = [];
  for (let row = 0; row < frame.rowCount; row += 1) if (!isMissing(column, row)) rows.push(row);
  return rows.length === frame.rowCount ? frame : pick(frame, rows);
}

/** A seeded part of the rows to learn from; what is measured on stays whole, so that trials compare. */
function shared({ train, test }: Split, { share = 1, split: { seed } }: TrainingPlan): Split {
  if (share >= 1) return { train, test };
  const wanted = Math.min(train.length, Math.max(10, Math.round(train.length * share)));
  const chosen = shuffled(train.length, seeded(seed)).slice(0, wanted).sort((a, b) => a - b); // prettier-ignore
  return { train: chosen.map((place) => train[place]!), test };
}

/** A tenth of the training rows decides when to stop; the rows that measure the model stay unseen. */
function earlyStopping(learning: Frame, plan: TrainingPlan): { train: Frame; validation: Frame } {
  const { train, test } = split(learning, { ...plan.split, strategy: 'random', testSize: 0.1 });
  return { train: pick(learning, train), validation: pick(learning, test) };
}

async function unsupervised(model: ModelDocument, { task, features }: TrainingPlan, frame: Frame): Promise<Evaluation> {
  const labels: number[] = [];
  await scoreInParts(scorerFor(model), { frame, features }, (predictions) =>
    labels.push(...predictions.map(({ prediction }) => Number(prediction))),
  );
  if (task === 'clustering') {
    const sample = pick(
      frame,
      Array.from({ length: Math.min(500, frame.rowCount) }, (_, row) => row),
    );
    return evaluateClusters(encodeFrame(fitEncoder(frame, features), sample), labels);
  }
  const anomalies = labels.filter((label) => label === 1).length;
  return { metrics: { anomaly_rate: anomalies / Math.max(1, labels.length), anomalies }, intervals: {}, details: {} };
}

/** A category of many classes is several columns of the trees, and one feature. */
function gainImportance(model: ModelDocument): FeatureImportance[] {
  if (model.kind !== 'trees') return [];
  const { importance, featureNames } = fromDocument(JSON.parse(model.document));
  const known = new Set(model.features);
  const sums = new Map(model.features.map((feature) => [feature, 0]));
  featureNames.forEach((name, place) => {
    const feature = known.has(name) ? name : name.slice(0, name.lastIndexOf('#'));
    sums.set(feature, (sums.get(feature) ?? 0) + importance[place]!);
  });
  return [...sums].map(([feature, share]) => ({ feature, importance: share })).sort((a, b) => b.importance - a.importance);
}
