import { seeded } from '../data/random';

/** Isolation forest (Liu, Ting, Zhou 2008) on encoded rows. Flat trees: a leaf has feature −1 and its number of rows as threshold. */
export interface IsolationForest {
  readonly trees: readonly {
    readonly feature: readonly number[];
    readonly threshold: readonly number[];
    readonly left: readonly number[];
    readonly right: readonly number[];
  }[];
  readonly sampleSize: number;
  /** Scores from here on are anomalies. */
  readonly threshold: number;
}

const sampleMax = 256;

/** Average path length of an unsuccessful search in a binary tree of n keys. */
export const averagePath = (n: number): number => (n <= 1 ? 0 : n === 2 ? 1 : 2 * (Math.log(n - 1) + 0.577_215_664_9) - (2 * (n - 1)) / n);

export function fitIsolation(
  rows: readonly (readonly number[])[],
  { trees, contamination, seed }: { trees: number; contamination: number; seed: number },
): IsolationForest {
  const random = seeded(seed);
  const sampleSize = Math.min(sampleMax, rows.length);
  const depth = Math.ceil(Math.log2(Math.max(2, sampleSize)));
  const grown = Array.from({ length: trees }, () => {
    const sample = Array.from({ length: sampleSize }, () => rows[Math.floor(random() * rows.length)]!);
    const tree = { feature: [] as number[], threshold: [] as number[], left: [] as number[], right: [] as number[] };
    grow(tree, sample, { depth, random });
    return tree;
  });
  const forest = { trees: grown, sampleSize, threshold: 1 };
  const scores = rows.map((row) => isolationScore(forest, row)).sort((a, b) => b - a);
  return { ...forest, threshold: scores[Math.min(scores.length - 1, Math.max(0, Math.round(contamination * scores.length) - 1))]! };
}

type Growing = { feature: number[]; threshold: number[]; left: number[]; right: number[] };

function grow(tree: Growing, rows: readonly (readonly number[])[], { depth, random }: { depth: number; random: () => number }): number {
  const node = tree.feature.length;
  tree.feature.push(-1);
  tree.threshold.push(rows.length);
  tree.left.push(0);
  tree.right.push(0);
  const width = rows[0]?.length ?? 0;
  if (depth === 0 || rows.length <= 1 || width === 0) return node;
  const feature = Math.floor(random() * width);
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) [low, high] = [Math.min(low, row[feature]!), Math.max(high, row[feature]!)];
  if (low === high) return node;
  const cut = low + random() * (high - low);
  tree.feature[node] = feature;
  tree.threshold[node] = cut;
  tree.left[node] = grow(
    tree,
    rows.filter((row) => row[feature]! < cut),
    { depth: depth - 1, random },
  );
  tree.right[node] = grow(
    tree,
    rows.filter((row) => row[feature]! >= cut),
    { depth: depth - 1, random },
  );
  return node;
}

/** 0 to 1; near 1 is unusual, 0.5 and less is ordinary. */
export function isolationScore({ trees, sampleSize }: Pick<IsolationForest, 'trees' | 'sampleSize'>, row: readonly number[]): number {
  let total = 0;
  for (const { feature, threshold, left, right } of trees) {
    let [node, length] = [0, 0];
    while (feature[node]! >= 0) {
      node = row[feature[node]!]! < threshold[node]! ? left[node]! : right[node]!;
      length += 1;
    }
    total += length + averagePath(threshold[node]!);
  }
  return 2 ** (-total / trees.length / Math.max(averagePath(sampleSize), 1e-9));
}
