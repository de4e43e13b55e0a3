/** One tree in preorder: the left child of node n is n+1, its right child `right[n]`; `feature[n]` is −1 in a leaf. */
export interface Tree {
  readonly feature: Int16Array;
  /** Rows whose value is at most this go left. Exact 32-bit floats. */
  readonly threshold: Float32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  /** Output at a leaf; at an inner node what it would be without its splits, which contributions are differences of. */
  readonly value: Float32Array;
}

export interface GrowingNode {
  feature: number;
  threshold: number;
  bin: number;
  missingLeft: boolean;
  value: number;
  gain: number;
  left?: GrowingNode;
  right?: GrowingNode;
}

export const packTree = (root: GrowingNode): Tree => {
  const nodes: GrowingNode[] = [];
  const rightOf: number[] = [];
  const visit = (node: GrowingNode): void => {
    const index = nodes.push(node) - 1;
    rightOf.push(-1);
    if (!node.left || !node.right) return;
    visit(node.left);
    rightOf[index] = nodes.length;
    visit(node.right);
  };
  visit(root);
  return {
    feature: Int16Array.from(nodes, (node) => (node.left ? node.feature : -1)),
    threshold: Float32Array.from(nodes, (node) => node.threshold),
    right: Int32Array.from(rightOf),
    missingLeft: Uint8Array.from(nodes, (node) => (node.missingLeft ? 1 : 0)),
    value: Float32Array.from(nodes, (node) => node.value),
  };
};
