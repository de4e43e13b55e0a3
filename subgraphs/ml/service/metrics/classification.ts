import { withIntervals, type Evaluation, type Metrics, type Weights } from './evaluation';

export interface ClassScores {
  readonly classes: readonly string[];
  /** The place of the class that each row is. */
  readonly actual: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  /** By class, of every row. */
  readonly probabilities: readonly Float64Array[];
}

/** A probability of nothing would make the loss infinite. */
const floor = 1e-15;

export function evaluateClassification({ classes, actual, predicted, probabilities }: ClassScores): Evaluation {
  const rows = actual.length;
  const kinds = classes.length;
  // Two classes: those of the second, as is usual; more: the mean over classes.
  const counted = kinds === 2 ? [1] : classes.map((_, place) => place);
  const orders = counted.map((place) => order(probabilities[place]!));
  const measure = (weights: Weights): Metrics => {
    const counts = confusion({ classes, actual, predicted, probabilities }, weights);
    const perClass = counted.map((place) => ofClass(counts, place, kinds));
    let [total, right, loss] = [0, 0, 0];
    for (let row = 0; row < rows; row += 1) {
      const weight = weights[row]!;
      if (weight === 0) continue;
      total += weight;
      if (actual[row] === predicted[row]) right += weight;
      loss -= weight * Math.log(Math.max(floor, probabilities[actual[row]!]![row]!));
    }
    const area = counted.map((place, at) => weightedArea({ actual, place, scores: probabilities[place]!, order: orders[at]! }, weights));
    return {
      accuracy: right / Math.max(1, total),
      precision: mean(perClass.map(({ precision }) => precision)),
      recall: mean(perClass.map(({ recall }) => recall)),
      f1_score: mean(perClass.map(({ f1 }) => f1)),
      auc_roc: mean(area),
      log_loss: loss / Math.max(1, total),
    };
  };
  const counts = confusion({ classes, actual, predicted, probabilities }, new Uint16Array(rows).fill(1));
  const table = classes.map((_, was) => Array.from(counts.subarray(was * kinds, (was + 1) * kinds)));
  const details: Record<string, unknown> = { confusion: { classes, counts: table } };
  if (kinds === 2) Object.assign(details, curves(actual, probabilities[1]!));
  return withIntervals(rows, measure, { details, stepsPerRow: 2 + counted.length });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Rows by class that they are, then by class that was said. */
function confusion({ classes, actual, predicted }: ClassScores, weights: Weights): Float64Array {
  const counts = new Float64Array(classes.length ** 2);
  for (let row = 0; row < actual.length; row += 1) counts[actual[row]! * classes.length + predicted[row]!]! += weights[row]!;
  return counts;
}

function ofClass(counts: Float64Array, place: number, kinds: number): { precision: number; recall: number; f1: number } {
  let [said, was] = [0, 0];
  for (let other = 0; other < kinds; other += 1) {
    said += counts[other * kinds + place]!;
    was += counts[place * kinds + other]!;
  }
  const hit = counts[place * kinds + place]!;
  const [precision, recall] = [said === 0 ? 0 : hit / said, was === 0 ? 0 : hit / was];
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

const order = (scores: Float64Array): Uint32Array => Uint32Array.from(scores, (_, row) => row).sort((a, b) => scores[a]! - scores[b]!);

/** Area under the ROC curve by ranks (Mann–Whitney), ties counted half. A half where one side has no rows. */
export const areaUnderCurve = (positive: readonly boolean[], scores: readonly number[]): number => {
  const values = Float64Array.from(scores);
  const actual = Uint8Array.from(positive, Number);
  return weightedArea({ actual, place: 1, scores: values, order: order(values) }, new Uint16Array(values.length).fill(1));
};

function weightedArea(
  { actual, place, scores, order: sorted }: { actual: ArrayLike<number>; place: number; scores: Float64Array; order: Uint32Array },
  weights: Weights,
): number {
  let [below, positives, area] = [0, 0, 0];
  for (let start = 0; start < sorted.length;) {
    let [hits, others, end] = [0, 0, start];
    for (const score = scores[sorted[start]!]!; end < sorted.length && scores[sorted[end]!] === score; end += 1) {
      const row = sorted[end]!;
      if (actual[row] === place) hits += weights[row]!;
      else others += weights[row]!;
    }
    area += hits * (below + others / 2);
    below += others;
    positives += hits;
    start = end;
  }
  return positives === 0 || below === 0 ? 0.5 : area / (positives * below);
}

/** ROC, precision–recall and calibration of the second of two classes, at 101 thresholds. */
function curves(actual: ArrayLike<number>, scores: Float64Array): Record<string, unknown> {
  const steps = 100;
  const [hitsAt, alarmsAt, sumAt] = [new Float64Array(steps + 1), new Float64Array(steps + 1), new Float64Array(10)];
  const [rowsIn, positivesIn] = [new Float64Array(10), new Float64Array(10)];
  let total = 0;
  for (let row = 0; row < scores.length; row += 1) {
    const isPositive = actual[row] === 1;
    const step = Math.min(steps, Math.floor(scores[row]! * steps + 1e-9));
    (isPositive ? hitsAt : alarmsAt)[step]! += 1;
    const bin = Math.min(9, Math.floor(scores[row]! * 10));
    rowsIn[bin]! += 1;
    sumAt[bin]! += scores[row]!;
    if (isPositive) [total, positivesIn[bin]!] = [total + 1, positivesIn[bin]! + 1];
  }
  const others = scores.length - total;
  let [hits, alarms] = [0, 0];
  const points = Array.from({ length: steps + 1 }, (_, from) => {
    const step = steps - from;
    hits += hitsAt[step]!;
    alarms += alarmsAt[step]!;
    return {
      threshold: step / steps,
      tpr: total === 0 ? 0 : hits / total,
      fpr: others === 0 ? 0 : alarms / others,
      precision: hits + alarms === 0 ? 1 : hits / (hits + alarms),
    };
  }).reverse();
  const calibration = Array.from(rowsIn, (count, bin) => ({
    bin,
    count,
    predicted: sumAt[bin]! / Math.max(1, count),
    actual: positivesIn[bin]! / Math.max(1, count),
  })).filter(({ count }) => count > 0);
  return {
    roc: points.map(({ threshold, tpr, fpr }) => ({ threshold, tpr, fpr })),
    precision_recall: points.map(({ threshold, tpr, precision }) => ({ threshold, recall: tpr, precision })),
    calibration,
  };
}
