import type { Dataset } from './dataset';
import type { ResolvedOptions } from './options';

/** How raw scores become predictions. */
export type Link = 'identity' | 'sigmoid' | 'softmax' | 'share';

export interface Loss {
  readonly outputs: number;
  readonly link: Link;
  readonly base: readonly number[];
  /** Writes derivatives of the loss by the scores of one output (row-major by output: `scores[output][row]`). */
  gradients(scores: readonly Float64Array[], output: number, into: { gradient: Float32Array; hessian: Float32Array }): void;
  mean(scores: readonly Float64Array[]): number;
}

export const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));

const classCount = (target: ArrayLike<number>): number => {
  let most = 0;
  for (let row = 0; row < target.length; row += 1) most = Math.max(most, target[row]!);
  return most + 1;
};

export const rowWeights = (data: Dataset, options: ResolvedOptions): Float32Array => {
  const rows = data.target.length;
  const weights = Float32Array.from({ length: rows }, (_, row) => data.weights?.[row] ?? 1);
  if (!options.classWeights || options.objective === 'regression' || options.objective === 'rank') return weights;
  const classes = classCount(data.target);
  const counts = new Float64Array(classes);
  for (let row = 0; row < rows; row += 1) counts[data.target[row]!]! += 1;
  const factors =
    options.classWeights === 'balanced' ? Array.from(counts, (count) => rows / (classes * Math.max(1, count))) : options.classWeights;
  for (let row = 0; row < rows; row += 1) weights[row]! *= factors[data.target[row]!] ?? 1;
  return weights;
};

const weightedMean = (value: (row: number) => number, weights: Float32Array): number => {
  let total = 0;
  let sum = 0;
  for (let row = 0; row < weights.length; row += 1) {
    total += weights[row]! * value(row);
    sum += weights[row]!;
  }
  return sum > 0 ? total / sum : 0;
};

const regression = ({ target }: Dataset, weights: Float32Array): Loss => ({
  outputs: 1,
  link: 'identity',
  base: [Math.fround(weightedMean((row) => target[row]!, weights))],
  gradients: ([scores], _output, { gradient, hessian }) => {
    for (let row = 0; row < gradient.length; row += 1) {
      gradient[row] = weights[row]! * (scores![row]! - target[row]!);
      hessian[row] = weights[row]!;
    }
  },
  mean: ([scores]) => weightedMean((row) => (scores![row]! - target[row]!) ** 2, weights),
});

const logLoss = (probability: number): number => -Math.log(Math.max(1e-15, probability));

const binary = ({ target }: Dataset, weights: Float32Array): Loss => {
  const rate = Math.min(
    1 - 1e-6,
    Math.max(
      1e-6,
      weightedMean((row) => target[row]!, weights),
    ),
  );
  return {
    outputs: 1,
    link: 'sigmoid',
    base: [Math.fround(Math.log(rate / (1 - rate)))],
    gradients: ([scores], _output, { gradient, hessian }) => {
      for (let row = 0; row < gradient.length; row += 1) {
        const probability = sigmoid(scores![row]!);
        gradient[row] = weights[row]! * (probability - target[row]!);
        hessian[row] = weights[row]! * Math.max(1e-9, probability * (1 - probability));
      }
    },
    mean: ([scores]) => weightedMean((row) => logLoss(target[row]! > 0.5 ? sigmoid(scores![row]!) : 1 - sigmoid(scores![row]!)), weights),
  };
};

/** Softmax of one row over the outputs, in place of `into`. */
export const softmaxInto = (score: (output: number) => number, into: Float64Array): void => {
  let most = -Infinity;
  for (let output = 0; output < into.length; output += 1) most = Math.max(most, score(output));
  let total = 0;
  for (let output = 0; output < into.length; output += 1) total += into[output] = Math.exp(score(output) - most);
  for (let output = 0; output < into.length; output += 1) into[output]! /= total;
};

const multiclass = ({ target }: Dataset, weights: Float32Array, classes: number): Loss => {
  const probabilities = Array.from({ length: classes }, () => new Float64Array(target.length));
  const row1 = new Float64Array(classes);
  const refresh = (scores: readonly Float64Array[]): void => {
    for (let row = 0; row < target.length; row += 1) {
      softmaxInto((output) => scores[output]![row]!, row1);
      for (let output = 0; output < classes; output += 1) probabilities[output]![row] = row1[output]!;
    }
  };
  return {
    outputs: classes,
    link: 'softmax',
    base: Array.from({ length: classes }, (_, output) =>
      Math.fround(
        Math.log(
          Math.max(
            1e-6,
            weightedMean((row) => (target[row] === output ? 1 : 0), weights),
          ),
        ),
      ),
    ),
    gradients: (scores, output, { gradient, hessian }) => {
      // All trees of one round are fitted to the probabilities before the round.
      if (output === 0) refresh(scores);
      const own = probabilities[output]!;
      for (let row = 0; row < gradient.length; row += 1) {
        gradient[row] = weights[row]! * (own[row]! - (target[row] === output ? 1 : 0));
        hessian[row] = weights[row]! * Math.max(1e-9, 2 * own[row]! * (1 - own[row]!));
      }
    },
    mean: (scores) => {
      refresh(scores);
      return weightedMean((row) => logLoss(probabilities[target[row]!]![row]!), weights);
    },
  };
};

/** A forest fits class shares by squared error, which splits as the Gini index does; leaves are then shares. */
const shares = ({ target }: Dataset, weights: Float32Array, classes: number): Loss => {
  const outputs = classes === 2 ? 1 : classes;
  const is = (row: number, output: number): number => (outputs === 1 ? target[row]! : target[row] === output ? 1 : 0);
  return {
    outputs,
    link: 'share',
    base: Array.from({ length: outputs }, (_, output) => Math.fround(weightedMean((row) => is(row, output), weights))),
    gradients: (scores, output, { gradient, hessian }) => {
      for (let row = 0; row < gradient.length; row += 1) {
        gradient[row] = weights[row]! * (scores[output]![row]! - is(row, output));
        hessian[row] = weights[row]!;
      }
    },
    mean: (scores) => {
      let total = 0;
      for (let output = 0; output < outputs; output += 1)
        total += weightedMean((row) => (scores[output]![row]! - is(row, output)) ** 2, weights);
      return total;
    },
  };
};

const listStarts = (groups: ArrayLike<number>): Uint32Array => {
  const starts = new Uint32Array(groups.length + 1);
  for (let index = 0; index < groups.length; index += 1) starts[index + 1] = starts[index]! + groups[index]!;
  return starts;
};

/** −log of the probability that the softmax over a list gives to its relevant rows together. Lists without one teach nothing. */
const rankSoftmax = ({ target, groups }: Dataset, weights: Float32Array): Loss => {
  const starts = listStarts(groups ?? [target.length]);
  const share = new Float64Array(target.length);
  const eachList = (scores: Float64Array, visit: (from: number, to: number, relevant: number) => void): void => {
    for (let list = 0; list + 1 < starts.length; list += 1) {
      const from = starts[list]!;
      const to = starts[list + 1]!;
      let most = -Infinity;
      for (let row = from; row < to; row += 1) most = Math.max(most, scores[row]!);
      let total = 0;
      let relevant = 0;
      for (let row = from; row < to; row += 1) {
        share[row] = Math.exp(scores[row]! - most);
        total += share[row]!;
        if (target[row]! > 0) relevant += share[row]! * target[row]!;
      }
      for (let row = from; row < to; row += 1) share[row]! /= total;
      visit(from, to, relevant / total);
    }
  };
  return {
    outputs: 1,
    link: 'identity',
    base: [0],
    gradients: ([scores], _output, { gradient, hessian }) =>
      eachList(scores!, (from, to, relevant) => {
        for (let row = from; row < to; row += 1) {
          const own = share[row]!;
          const wanted = relevant > 0 && target[row]! > 0 ? (own * target[row]!) / Math.max(relevant, 1e-12) : 0;
          gradient[row] = relevant > 0 ? weights[row]! * (own - wanted) : 0;
          hessian[row] = relevant > 0 ? weights[row]! * Math.max(1e-6, own * (1 - own)) : 0;
        }
      }),
    mean: ([scores]) => {
      let total = 0;
      let lists = 0;
      eachList(scores!, (_from, _to, relevant) => {
        if (relevant <= 0) return;
        total += logLoss(relevant);
        lists += 1;
      });
      return lists > 0 ? total / lists : 0;
    },
  };
};

/** LambdaRank (Burges 2010) on NDCG. */
const rankLambda = ({ target, groups }: Dataset, weights: Float32Array): Loss => {
  const starts = listStarts(groups ?? [target.length]);
  const discount = (rank: number): number => 1 / Math.log2(rank + 2);
  const eachPair = (scores: Float64Array, visit: (better: number, worse: number, change: number) => void): void => {
    for (let list = 0; list + 1 < starts.length; list += 1) {
      const order = Array.from({ length: starts[list + 1]! - starts[list]! }, (_, index) => starts[list]! + index).sort(
        (a, b) => scores[b]! - scores[a]! || a - b,
      );
      const ideal = order
        .map((row) => 2 ** target[row]! - 1)
        .sort((a, b) => b - a)
        .reduce((sum, gain, rank) => sum + gain * discount(rank), 0);
      if (ideal <= 0) continue;
      for (let first = 0; first < order.length; first += 1) {
        for (let second = 0; second < order.length; second += 1) {
          const [better, worse] = [order[first]!, order[second]!];
          if (target[better]! <= target[worse]!) continue;
          visit(better, worse, (Math.abs(discount(first) - discount(second)) * (2 ** target[better]! - 2 ** target[worse]!)) / ideal);
        }
      }
    }
  };
  return {
    outputs: 1,
    link: 'identity',
    base: [0],
    gradients: ([scores], _output, { gradient, hessian }) => {
      gradient.fill(0);
      hessian.fill(0);
      eachPair(scores!, (better, worse, change) => {
        const wrong = sigmoid(scores![worse]! - scores![better]!);
        gradient[better]! -= weights[better]! * wrong * change;
        gradient[worse]! += weights[worse]! * wrong * change;
        hessian[better]! += weights[better]! * wrong * (1 - wrong) * change;
        hessian[worse]! += weights[worse]! * wrong * (1 - wrong) * change;
      });
    },
    mean: ([scores]) => {
      let total = 0;
      eachPair(scores!, (better, worse, change) => (total += change * Math.log1p(Math.exp(scores![worse]! - scores![better]!))));
      return total / Math.max(1, starts.length - 1);
    },
  };
};

export const lossOf = (data: Dataset, options: ResolvedOptions, classes?: number): Loss => {
  const weights = rowWeights(data, options);
  if (options.objective === 'regression') return regression(data, weights);
  if (options.objective === 'rank') return options.rankLoss === 'lambda' ? rankLambda(data, weights) : rankSoftmax(data, weights);
  const count = Math.max(2, classes ?? classCount(data.target));
  if (options.mode === 'forest') return shares(data, weights, count);
  return options.objective === 'binary' ? binary(data, weights) : multiclass(data, weights, count);
};
