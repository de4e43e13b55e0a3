import { DOUBLE, FLOAT, floats, int, ints, text, texts, type Graph } from './graph';

/** A tree whose rows go left below the threshold; `feature` is −1 in a leaf. */
export interface ExportedTree {
  readonly feature: ArrayLike<number>;
  readonly threshold: ArrayLike<number>;
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  /** What a leaf adds. */
  readonly value: ArrayLike<number>;
  /** The output that it adds to. */
  readonly output: number;
}

/** Sums of the leaves that each row falls into, a column an output, from an encoded matrix. */
export function treeSums(
  graph: Graph,
  encoded: string,
  { trees, base }: { trees: readonly ExportedTree[]; base: readonly number[] },
): string {
  const nodes = trees.flatMap((tree, id) => Array.from({ length: tree.feature.length }, (_, node) => ({ id, node, tree, isLeaf: tree.feature[node]! < 0 }))); // prettier-ignore
  const leaves = nodes.filter(({ isLeaf }) => isLeaf);
  const single = graph.add('Cast', [encoded], int('to', FLOAT));
  const sums = graph.add(
    'TreeEnsembleRegressor',
    [single],
    ints('nodes_treeids', nodes.map(({ id }) => id)),
    ints('nodes_nodeids', nodes.map(({ node }) => node)),
    ints('nodes_featureids', nodes.map(({ tree, node, isLeaf }) => (isLeaf ? 0 : tree.feature[node]!))),
    floats('nodes_values', nodes.map(({ tree, node, isLeaf }) => (isLeaf ? 0 : tree.threshold[node]!))),
    texts('nodes_modes', nodes.map(({ isLeaf }) => (isLeaf ? 'LEAF' : 'BRANCH_LT'))),
    ints('nodes_truenodeids', nodes.map(({ tree, node, isLeaf }) => (isLeaf ? 0 : tree.left[node]!))),
    ints('nodes_falsenodeids', nodes.map(({ tree, node, isLeaf }) => (isLeaf ? 0 : tree.right[node]!))),
    ints('target_treeids', leaves.map(({ id }) => id)),
    ints('target_nodeids', leaves.map(({ node }) => node)),
    ints('target_ids', leaves.map(({ tree }) => tree.output)),
    floats('target_weights', leaves.map(({ tree, node }) => tree.value[node]!)),
    floats('base_values', base),
    int('n_targets', base.length),
    text('post_transform', 'NONE'),
  ); // prettier-ignore
  return graph.add('Cast', [sums], int('to', DOUBLE));
}
