import { permutation, seededRandom } from './random';

/** Rows of sparse features, compressed: row r has the features `indices[starts[r] … starts[r+1]−1]` with those `values` (1 if absent). */
export interface SparseRows {
  readonly starts: Uint32Array;
  readonly indices: Uint32Array;
  readonly values?: Float32Array;
}

export interface SparseSoftmax {
  readonly classes: number;
  readonly features: number;
  /** Class-major by feature: `weights[feature * classes + class]`. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export interface SparseOptions {
  readonly classes: number;
  readonly features: number;
  /** Ridge penalty. @default 1e-5 */
  readonly l2?: number;
  /** @default 12 */
  readonly epochs?: number;
  /** AdaGrad's first step. @default 0.25 */
  readonly rate?: number;
  readonly seed?: number;
  readonly rowWeights?: ArrayLike<number>;
}

export const sparseScores = (model: SparseSoftmax, indices: ArrayLike<number>, values?: ArrayLike<number>): Float64Array => {
  const { classes, weights, bias } = model;
  const scores = Float64Array.from(bias);
  for (let index = 0; index < indices.length; index += 1) {
    const from = indices[index]! * classes;
    const value = values?.[index] ?? 1;
    for (let label = 0; label < classes; label += 1) scores[label]! += value * weights[from + label]!;
  }
  return scores;
};

export const softmax = (scores: Float64Array): Float64Array => {
  let most = -Infinity;
  for (const score of scores) most = Math.max(most, score);
  let total = 0;
  for (let label = 0; label < scores.length; label += 1) total += scores[label] = Math.exp(scores[label]! - most);
  for (let label = 0; label < scores.length; label += 1) scores[label]! /= total;
  return scores;
};

/** Multinomial logistic regression by AdaGrad (Duchi et al. 2011), one pass over the rows an epoch. */
export const trainSparseSoftmax = (rows: SparseRows, labels: ArrayLike<number>, options: SparseOptions): SparseSoftmax => {
  const { classes, features, l2 = 1e-5, epochs = 12, rate = 0.25, seed = 1, rowWeights } = options;
  const weights = new Float32Array(features * classes);
  const squares = new Float32Array(features * classes).fill(1e-2);
  const bias = new Float32Array(classes);
  const biasSquares = new Float32Array(classes).fill(1);
  const model: SparseSoftmax = { classes, features, weights, bias };
  const random = seededRandom(seed);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const row of permutation(labels.length, random)) {
      const from = rows.starts[row]!;
      const to = rows.starts[row + 1]!;
      const indices = rows.indices.subarray(from, to);
      const values = rows.values?.subarray(from, to);
      const shares = softmax(sparseScores(model, indices, values));
      const weight = rowWeights?.[row] ?? 1;
      for (let label = 0; label < classes; label += 1) {
        const error = weight * (shares[label]! - (labels[row] === label ? 1 : 0));
        if (Math.abs(error) < 1e-6) continue;
        biasSquares[label]! += error * error;
        bias[label]! -= (rate * error) / Math.sqrt(biasSquares[label]!);
        for (let index = 0; index < indices.length; index += 1) {
          const at = indices[index]! * classes + label;
          const slope = error * (values?.[index] ?? 1) + l2 * weights[at]!;
          squares[at]! += slope * slope;
          weights[at]! -= (rate * slope) / Math.sqrt(squares[at]!);
        }
      }
    }
  }
  return model;
};
