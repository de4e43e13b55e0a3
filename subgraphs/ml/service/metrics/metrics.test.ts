import { seeded } from '../data/random';

import { areaUnderCurve, evaluateClassification } from './classification';
import { evaluateRegression } from './regression';

const random = seeded(2);
const scores = Float64Array.from({ length: 2_000 }, () => random());
// Well calibrated: the chance of yes is the score.
const actual = Uint8Array.from(scores, (score) => (random() < score ? 1 : 0));
const binary = evaluateClassification({
  classes: ['no', 'yes'],
  actual,
  predicted: scores.map((score) => (score > 0.5 ? 1 : 0)),
  probabilities: [scores.map((score) => 1 - score), scores],
});

describe('metrics of classes', () => {
  it('are what their definitions say', () => {
    const [tp, fn, fp, tn] = [3, 1, 2, 4];
    const said = [...Array<number>(tp).fill(1), ...Array<number>(fn).fill(0), ...Array<number>(fp).fill(1), ...Array<number>(tn).fill(0)];
    const was = [...Array<number>(tp + fn).fill(1), ...Array<number>(fp + tn).fill(0)];
    const share = Float64Array.from(said, (each) => (each ? 0.8 : 0.2));
    const { metrics, details } = evaluateClassification({
      classes: ['no', 'yes'],
      actual: was,
      predicted: said,
      probabilities: [share.map((each) => 1 - each), share],
    });
    expect(metrics.accuracy).toBeCloseTo(7 / 10, 12);
    expect(metrics.precision).toBeCloseTo(3 / 5, 12);
    expect(metrics.recall).toBeCloseTo(3 / 4, 12);
    expect(metrics.f1_score).toBeCloseTo((2 * 0.6 * 0.75) / 1.35, 12);
    expect(metrics.log_loss).toBeCloseTo(-(7 * Math.log(0.8) + 3 * Math.log(0.2)) / 10, 12);
    // Of 4 × 6 pairs: 3·4 right, 3·2 and 1·4 tied, 1·2 wrong.
    expect(metrics.auc_roc).toBeCloseTo((12 + 0.5 * 10) / 24, 12);
    expect(details.confusion).toEqual({ classes: ['no', 'yes'], counts: [[4, 2], [1, 3]] }); // prettier-ignore
  });

  it('have intervals around them that are narrow for many rows', () => {
    for (const name of ['accuracy', 'auc_roc', 'f1_score', 'log_loss']) {
      const { value, low, high } = binary.intervals[name]!;
      expect([low < value, value < high, high - low < 0.1]).toEqual([true, true, true]);
    }
  });

  it('come with an ROC and a precision–recall curve from everything to nothing, and a calibration on the diagonal', () => {
    const { roc, precision_recall: pr, calibration } = binary.details as Record<string, Record<string, number>[]>;
    expect([roc![0], roc!.at(-1)!.threshold]).toEqual([{ threshold: 0, tpr: 1, fpr: 1 }, 1]);
    for (let place = 1; place < roc!.length; place += 1) expect(roc![place]!.tpr).toBeLessThanOrEqual(roc![place - 1]!.tpr!);
    expect(pr![0]!.recall).toBe(1);
    // The trapezoids of the curve are the area by ranks.
    const area = roc!.slice(1).reduce((sum, { tpr, fpr }, place) => sum + ((roc![place]!.fpr! - fpr!) * (roc![place]!.tpr! + tpr!)) / 2, 0);
    expect(area).toBeCloseTo(binary.metrics.auc_roc!, 2);
    expect(calibration!.reduce((sum, { count }) => sum + count!, 0)).toBe(2_000);
    for (const { predicted, actual: seen } of calibration!) expect(Math.abs(predicted! - seen!)).toBeLessThan(0.12);
  });

  it('say a half where there is nothing to rank', () => {
    expect(areaUnderCurve([true, true], [0.1, 0.9])).toBe(0.5);
    expect(areaUnderCurve([true, false], [0.9, 0.1])).toBe(1);
    expect(areaUnderCurve([true, false], [0.5, 0.5])).toBe(0.5);
  });
});

describe('metrics of numbers', () => {
  it('are what their definitions say, with residuals', () => {
    const { metrics, details, intervals } = evaluateRegression([1, 2, 3, 4], [1, 2, 3, 6]);
    expect(metrics).toEqual({ rmse: 1, mae: 0.5, r2: 1 - 4 / 5 });
    expect(details.residuals).toContainEqual({ actual: 4, predicted: 6, residual: -2 });
    expect(intervals.rmse!.low).toBe(0);
  });
});
