import { withIntervals, type Evaluation, type Metrics, type Weights } from './evaluation';

/** Residuals kept for the report. */
const shown = 500;

export function evaluateRegression(actual: ArrayLike<number>, predicted: ArrayLike<number>): Evaluation {
  const rows = actual.length;
  const measure = (weights: Weights): Metrics => {
    let [total, sum] = [0, 0];
    for (let row = 0; row < rows; row += 1) {
      total += weights[row]!;
      sum += weights[row]! * actual[row]!;
    }
    const centre = sum / total;
    let [squares, distance, spread] = [0, 0, 0];
    for (let row = 0; row < rows; row += 1) {
      const [weight, error] = [weights[row]!, actual[row]! - predicted[row]!];
      squares += weight * error * error;
      distance += weight * Math.abs(error);
      spread += weight * (actual[row]! - centre) ** 2;
    }
    return { rmse: Math.sqrt(squares / total), mae: distance / total, r2: spread === 0 ? 0 : 1 - squares / spread };
  };
  const residuals = Array.from({ length: Math.min(shown, rows) }, (_, row) => ({
    actual: actual[row]!,
    predicted: predicted[row]!,
    residual: actual[row]! - predicted[row]!,
  }));
  return withIntervals(rows, measure, { details: { residuals } });
}
