/** A tree of XGBoost: rows go left below the threshold; `feature` is −1 in a leaf. */
export interface XgboostTree {
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** What a leaf adds; of an inner node the mean of its leaves, each counted by the rows that were learned from. */
  readonly value: Float64Array;
}

export interface XgboostTrees {
  readonly base: number;
  readonly trees: readonly XgboostTree[];
}

/** Bytes of the parts of XGBoost's binary format: of the learner, the booster, and each tree with its nodes and their statistics. */
const [learnerBytes, boosterBytes, treeBytes, nodeBytes, statisticsBytes] = [136, 160, 148, 20, 16];

/** Reads what the library keeps of a booster, which does not tell what each feature adds by itself. */
export function treesOf(booster: unknown): XgboostTrees {
  const bytes = Buffer.from((booster as { readonly model: readonly number[] }).model);
  let at = learnerBytes;
  // Names of the objective and of the booster, each after its length.
  for (let name = 0; name < 2; name += 1) at += 8 + Number(bytes.readBigUInt64LE(at));
  const count = bytes.readInt32LE(at);
  at += boosterBytes;
  const trees = Array.from({ length: count }, () => {
    const nodes = bytes.readInt32LE(at + 4);
    const tree = readTree(bytes.subarray(at + treeBytes), nodes);
    at += treeBytes + nodes * (nodeBytes + statisticsBytes);
    return tree;
  });
  return { base: bytes.readFloatLE(0), trees };
}

function readTree(bytes: Buffer, nodes: number): XgboostTree {
  const tree = {
    feature: new Int32Array(nodes),
    threshold: new Float32Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    value: new Float64Array(nodes),
  };
  for (let node = 0; node < nodes; node += 1) {
    const at = node * nodeBytes;
    tree.left[node] = bytes.readInt32LE(at + 4);
    tree.right[node] = bytes.readInt32LE(at + 8);
    // The highest bit says where missing values go; rows are encoded, so that none are missing.
    tree.feature[node] = tree.left[node]! < 0 ? -1 : bytes.readUInt32LE(at + 12) & 0x7fff_ffff;
    tree.threshold[node] = bytes.readFloatLE(at + 16);
  }
  const weightOf = (node: number): number => bytes.readFloatLE(nodes * nodeBytes + node * statisticsBytes + 4);
  const fill = (node: number): number => {
    if (tree.feature[node]! < 0) return (tree.value[node] = tree.threshold[node]!);
    const [left, right] = [tree.left[node]!, tree.right[node]!];
    const [fromLeft, fromRight] = [weightOf(left) * fill(left), weightOf(right) * fill(right)];
    return (tree.value[node] = (fromLeft + fromRight) / Math.max(weightOf(left) + weightOf(right), 1e-12));
  };
  fill(0);
  return tree;
}

/** What each encoded number adds to the score, by the changes of the means along each tree's path (Saabas 2014): with `bias` they sum to it. */
export function contributionsOf({ base, trees }: XgboostTrees, row: readonly number[]): { bias: number; parts: number[] } {
  const parts = new Array<number>(row.length).fill(0);
  let bias = base;
  for (const { feature, threshold, left, right, value } of trees) {
    let node = 0;
    bias += value[0]!;
    while (feature[node]! >= 0) {
      const split = feature[node]!;
      const next = Math.fround(row[split]!) < threshold[node]! ? left[node]! : right[node]!;
      parts[split]! += value[next]! - value[node]!;
      node = next;
    }
  }
  return { bias, parts };
}
