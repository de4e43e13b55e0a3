import { answersOf } from '../algorithms/answers';
import type { ModelScorer } from '../algorithms/score';
import type { Prediction, Row } from '../algorithms/prediction';
import { cellAt, pick, type Frame } from '../data/frame';
import { seeded, shuffled } from '../data/random';
import { evaluateClassification } from '../metrics/classification';
import type { Evaluation } from '../metrics/evaluation';
import { evaluateRegression } from '../metrics/regression';

import type { TrainingPlan } from './plan';

/** Rows scored at a time: as objects they are far larger than as columns. */
const chunk = 2_000;
/** Rows and features of the permutation importance at most. */
const [permutedRows, permutedFeatures] = [1_000, 200];

export interface FeatureImportance {
  readonly feature: string;
  readonly importance: number;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, place) => from + place);

export function rowsOf(frame: Frame, names: readonly string[]): Row[] {
  const columns = names.map((name) => frame.columns[frame.names.indexOf(name)]!);
  return range(0, frame.rowCount).map((row) => Object.fromEntries(names.map((name, place) => [name, cellAt(columns[place]!, row)])));
}

/** Calls with the predictions of a part of the frame after the other. */
export async function scoreInParts(
  scorer: ModelScorer,
  { frame, features }: { frame: Frame; features: readonly string[] },
  take: (predictions: readonly Prediction[], from: number) => void,
): Promise<void> {
  for (let from = 0; from < frame.rowCount; from += chunk) {
    const part = pick(frame, range(from, Math.min(frame.rowCount, from + chunk)));
    take(await scorer.predict(rowsOf(part, features), { explain: false }), from);
  }
}

/** Measures a model on rows that it has not seen. */
export async function measureOn(scorer: ModelScorer, plan: TrainingPlan, held: Frame): Promise<Evaluation> {
  const { classes, features } = plan;
  const actual = answersOf(held.columns[held.names.indexOf(plan.target!)]!, classes);
  const predicted = new Float64Array(held.rowCount);
  const probabilities = (classes ?? []).map(() => new Float64Array(held.rowCount));
  const places = new Map((classes ?? []).map((name, place) => [name, place]));
  await scoreInParts(scorer, { frame: held, features }, (predictions, from) =>
    predictions.forEach(({ prediction, probabilities: shares }, row) => {
      predicted[from + row] = classes ? places.get(String(prediction))! : Number(prediction);
      probabilities.forEach((column, place) => (column[from + row] = shares?.[place] ?? 0));
    }),
  );
  return classes ? evaluateClassification({ classes, actual, predicted, probabilities }) : evaluateRegression(actual, predicted);
}

/**
 * By permutation (Breiman 2001): how much the loss grows when one feature's values are mixed among the rows. The loss is the log loss
 * of classes, which sees what does not change the class yet, else the RMSE.
 */
export async function permutationImportance(scorer: ModelScorer, plan: TrainingPlan, held: Frame): Promise<FeatureImportance[]> {
  const part = pick(held, range(0, Math.min(permutedRows, held.rowCount)));
  const rows = rowsOf(part, plan.features);
  const actual = answersOf(part.columns[part.names.indexOf(plan.target!)]!, plan.classes);
  const loss = async (asked: readonly Row[]): Promise<number> => {
    const predictions = await scorer.predict(asked, { explain: false });
    const sum = predictions.reduce((total, { prediction, probabilities }, row) => {
      if (plan.classes) return total - Math.log(Math.max(1e-15, probabilities?.[actual[row]!] ?? 0));
      return total + (Number(prediction) - actual[row]!) ** 2;
    }, 0);
    return plan.classes ? sum / rows.length : Math.sqrt(sum / rows.length);
  };
  const random = seeded(plan.split.seed);
  const base = await loss(rows);
  const found: FeatureImportance[] = [];
  for (const feature of plan.features.slice(0, permutedFeatures)) {
    const order = shuffled(rows.length, random);
    const mixed = rows.map((row, place) => ({ ...row, [feature]: rows[order[place]!]![feature] }));
    found.push({ feature, importance: (await loss(mixed)) - base });
  }
  return found.sort((a, b) => b.importance - a.importance);
}
