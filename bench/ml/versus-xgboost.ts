import { Scorer, train } from '#platform/boosting';

import { features, names, seconds, shown, synthetic, type Figure } from './synthetic';

interface Booster {
  train(rows: number[][], target: number[]): void;
  predict(rows: number[][]): number[];
  free(): void;
}

const accuracy = (scores: readonly number[], target: readonly number[]): number =>
  scores.filter((score, row) => (score > 0.5 ? 1 : 0) === target[row]).length / target.length;

/** Both learn the same rows with the same trees, depth and rate, one after the other, and answer the same unseen rows. */
export async function versusXgboost(rows: number): Promise<Figure[]> {
  const { matrix, target } = synthetic(rows, 1);
  const held = synthetic(10_000, 2);
  const columns = names.map((_, place) => Float32Array.from(matrix, (row) => row[place]!));
  let started = performance.now();
  const model = train({ names, columns, target }, { objective: 'binary', trees: 100, depth: 6, learningRate: 0.1, seed: 1 });
  const ours = seconds(started);
  const scorer = new Scorer(model);
  const ourScores = held.matrix.map((row) => scorer.predict(scorer.encode(row)).at(-1)!);
  const Xgboost = (await (require('ml-xgboost') as Promise<unknown>)) as new (options: object) => Booster;
  const options = { booster: 'gbtree', objective: 'binary:logistic', max_depth: 6, eta: 0.1, lambda: 1, subsample: 1, iterations: 100, silent: 1 }; // prettier-ignore
  const booster = new Xgboost(options);
  started = performance.now();
  booster.train(matrix, target);
  const theirs = seconds(started);
  const theirScores = booster.predict(held.matrix);
  booster.free();
  const [right, theirRight] = [accuracy(ourScores, held.target) * 100, accuracy(theirScores, held.target) * 100];
  return [
    {
      what: `${rows} × ${features}, 100 trees of depth 6: seconds, ours and ml-xgboost`,
      wanted: 'at least 3 times as fast',
      measured: `${shown(ours)} and ${shown(theirs)}: ${shown(theirs / ours, 1)} times`,
      met: theirs >= 3 * ours,
    },
    {
      what: 'accuracy on 10,000 unseen rows, ours and ml-xgboost',
      wanted: 'within 0.5 points',
      measured: `${shown(right)} % and ${shown(theirRight)} %`,
      met: right >= theirRight - 0.5,
    },
  ];
}
