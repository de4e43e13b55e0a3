/** Linear and logistic models on encoded rows. Weights per output; the last of each is the intercept. */
export interface LinearWeights {
  readonly weights: readonly (readonly number[])[];
}

export interface LinearOptions {
  readonly kind: 'squares' | 'logistic';
  /** Ridge penalty. */
  readonly l2: number;
  /** Lasso penalty; squares only. */
  readonly l1: number;
  readonly maxIterations: number;
}

/** Squares: coordinate descent with soft thresholding (Friedman, Hastie, Tibshirani 2010). Logistic: Newton's method with a ridge, one against the rest. */
export function fitLinear(
  rows: readonly (readonly number[])[],
  targets: readonly ArrayLike<number>[],
  options: LinearOptions,
): LinearWeights {
  return {
    weights: targets.map((target) =>
      options.kind === 'squares' ? coordinateDescent(rows, target, options) : newton(rows, target, options),
    ),
  };
}

export const linearScore = (weights: readonly number[], row: readonly number[]): number => {
  let score = weights[row.length]!;
  for (let i = 0; i < row.length; i += 1) score += weights[i]! * row[i]!;
  return score;
};

function coordinateDescent(
  rows: readonly (readonly number[])[],
  target: ArrayLike<number>,
  { l1, l2, maxIterations }: LinearOptions,
): number[] {
  const [n, width] = [rows.length, rows[0]?.length ?? 0];
  const weights = new Array<number>(width + 1).fill(0);
  const residual = Float64Array.from(target);
  weights[width] = residual.reduce((sum, value) => sum + value, 0) / n;
  for (let i = 0; i < n; i += 1) residual[i]! -= weights[width]!;
  const squares = Array.from({ length: width }, (_, j) => rows.reduce((sum, row) => sum + row[j]! ** 2, 0) / n);
  for (let iteration = 0; iteration < maxIterations; iteration += 1) {
    let largest = 0;
    for (let j = 0; j < width; j += 1) {
      if (squares[j] === 0) continue;
      let rho = 0;
      for (let i = 0; i < n; i += 1) rho += rows[i]![j]! * residual[i]!;
      rho = rho / n + squares[j]! * weights[j]!;
      const next = (Math.sign(rho) * Math.max(Math.abs(rho) - l1, 0)) / (squares[j]! + l2);
      const change = next - weights[j]!;
      if (change !== 0) for (let i = 0; i < n; i += 1) residual[i]! -= change * rows[i]![j]!;
      weights[j] = next;
      largest = Math.max(largest, Math.abs(change));
    }
    const shift = residual.reduce((sum, value) => sum + value, 0) / n;
    weights[width]! += shift;
    for (let i = 0; i < n; i += 1) residual[i]! -= shift;
    if (Math.max(largest, Math.abs(shift)) < 1e-8) break;
  }
  return weights;
}

const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));

function newton(rows: readonly (readonly number[])[], target: ArrayLike<number>, { l2, maxIterations }: LinearOptions): number[] {
  const width = (rows[0]?.length ?? 0) + 1;
  const penalty = Math.max(l2, 1e-6);
  let weights = new Array<number>(width).fill(0);
  for (let iteration = 0; iteration < Math.min(maxIterations, 50); iteration += 1) {
    const gradient = new Array<number>(width).fill(0);
    const hessian = Array.from({ length: width }, () => new Array<number>(width).fill(0));
    for (const [i, row] of rows.entries()) {
      const p = sigmoid(linearScore(weights, row));
      const [error, curvature] = [p - target[i]!, Math.max(p * (1 - p), 1e-9)];
      for (let a = 0; a < width; a += 1) {
        const xa = a === width - 1 ? 1 : row[a]!;
        if (xa === 0) continue;
        gradient[a]! += error * xa;
        for (let b = 0; b <= a; b += 1) hessian[a]![b]! += curvature * xa * (b === width - 1 ? 1 : row[b]!);
      }
    }
    for (let a = 0; a < width; a += 1) {
      gradient[a]! += penalty * weights[a]!;
      hessian[a]![a]! += penalty;
      for (let b = a + 1; b < width; b += 1) hessian[a]![b] = hessian[b]![a]!;
    }
    const step = solve(hessian, gradient);
    weights = weights.map((value, place) => value - step[place]!);
    if (Math.max(...step.map(Math.abs)) < 1e-8) break;
  }
  return weights;
}

/** Gaussian elimination with partial pivoting; the matrix is positive definite, so it never divides by nothing. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const a = matrix.map((row, place) => [...row, right[place]!]);
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) if (Math.abs(a[row]![column]!) > Math.abs(a[pivot]![column]!)) pivot = row;
    [a[column], a[pivot]] = [a[pivot]!, a[column]!];
    for (let row = column + 1; row < size; row += 1) {
      const factor = a[row]![column]! / a[column]![column]!;
      if (factor !== 0) for (let k = column; k <= size; k += 1) a[row]![k]! -= factor * a[column]![k]!;
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = a[row]![size]!;
    for (let k = row + 1; k < size; k += 1) sum -= a[row]![k]! * solution[k]!;
    solution[row] = sum / a[row]![row]!;
  }
  return solution;
}
