import { encodeCell } from './categories';
import type { BoostedModel } from './model';
import { sigmoid, softmaxInto } from './objectives';

export type RawRow = ArrayLike<number | string | null>;

/** Places of one node in `links` and `numbers`, which are two views of the same bytes: what a step reads lies in one cache line. */
const NODE = 4;
const NUMBER = 1;
const RIGHT = 2;
const MISSING = 3;

/** Scores rows with all trees laid out in one flat block. */
export class Scorer {
  /** Per node the feature (below 0 at a leaf), a number, the other child and the child for missing values, both as places in this block. */
  private readonly links: Int32Array;
  /** The number of a node: its threshold, or a leaf's value. The child for values at most the threshold is the next node. */
  private readonly numbers: Float32Array;
  /** Values of all nodes, inner ones too, for contributions. */
  private readonly value: Float32Array;
  private readonly roots: Int32Array;

  constructor(readonly model: BoostedModel) {
    const nodes = model.trees.reduce((sum, tree) => sum + tree.feature.length, 0);
    this.links = new Int32Array(nodes * NODE);
    this.numbers = new Float32Array(this.links.buffer);
    this.value = new Float32Array(nodes);
    this.roots = new Int32Array(model.trees.length);
    let from = 0;
    model.trees.forEach((tree, index) => {
      this.roots[index] = from * NODE;
      this.value.set(tree.value, from);
      for (let node = 0; node < tree.feature.length; node += 1) {
        const at = (from + node) * NODE;
        const right = (from + tree.right[node]!) * NODE;
        this.links[at] = tree.feature[node]!;
        this.numbers[at + NUMBER] = tree.feature[node]! < 0 ? tree.value[node]! : tree.threshold[node]!;
        this.links[at + RIGHT] = right;
        this.links[at + MISSING] = tree.missingLeft[node] ? at + NODE : right;
      }
      from += tree.feature.length;
    });
  }

  /** The numbers that the trees read: categories encoded, everything in single precision. */
  encode(row: RawRow, into = new Float32Array(this.model.featureNames.length)): Float32Array {
    let at = 0;
    let encoder = 0;
    for (let index = 0; at < into.length; index += 1) {
      const next = this.model.encoders[encoder];
      const cell = row[index];
      if (next?.feature !== index) into[at++] = cell === null || cell === undefined ? Number.NaN : Number(cell);
      else {
        for (const value of encodeCell(next, cell)) into[at++] = value;
        encoder += 1;
      }
    }
    return into;
  }

  /** Raw score of an encoded row that begins at `offset`. The hot path of single-output models. */
  score(row: Float32Array, offset = 0, output = 0): number {
    const { links, numbers, roots } = this;
    const { outputs } = this.model;
    let sum = 0;
    for (let tree = output; tree < roots.length; tree += outputs) {
      let node = roots[tree]!;
      let split = links[node]!;
      while (split >= 0) {
        const cell = row[offset + split]!;
        if (cell <= numbers[node + NUMBER]!) node += NODE;
        else node = cell === cell ? links[node + RIGHT]! : links[node + MISSING]!;
        split = links[node]!;
      }
      sum += numbers[node + NUMBER]!;
    }
    if (this.model.average) sum /= Math.max(1, roots.length / outputs);
    return sum + this.model.base[output]!;
  }

  /** Raw scores of `count` encoded rows that lie one after the other: tree by tree, so that each stays in the processor's cache. Equal to `score`. */
  scoreRows(rows: Float32Array, count: number, output = 0): Float64Array {
    const { links, numbers, roots } = this;
    const { outputs, average, base } = this.model;
    const width = this.model.featureNames.length;
    const sums = new Float64Array(count);
    for (let tree = output; tree < roots.length; tree += outputs) {
      const root = roots[tree]!;
      for (let row = 0, offset = 0; row < count; row += 1, offset += width) {
        let node = root;
        let split = links[node]!;
        while (split >= 0) {
          const cell = rows[offset + split]!;
          if (cell <= numbers[node + NUMBER]!) node += NODE;
          else node = cell === cell ? links[node + RIGHT]! : links[node + MISSING]!;
          split = links[node]!;
        }
        sums[row]! += numbers[node + NUMBER]!;
      }
    }
    for (let row = 0; row < count; row += 1) {
      if (average) sums[row]! /= Math.max(1, roots.length / outputs);
      sums[row]! += base[output]!;
    }
    return sums;
  }

  /** One number for regression and ranking; the probability of each class otherwise. */
  predict(row: Float32Array, offset = 0): number[] {
    const { outputs, link } = this.model;
    const scores = Array.from({ length: outputs }, (_, output) => this.score(row, offset, output));
    if (link === 'identity') return scores;
    if (link === 'sigmoid') return [1 - sigmoid(scores[0]!), sigmoid(scores[0]!)];
    if (link === 'softmax') {
      const shares = new Float64Array(outputs);
      softmaxInto((output) => scores[output]!, shares);
      return Array.from(shares);
    }
    const clipped = scores.map((score) => Math.min(1, Math.max(0, score)));
    if (outputs === 1) return [1 - clipped[0]!, clipped[0]!];
    const total = clipped.reduce((sum, share) => sum + share, 0);
    return clipped.map((share) => (total > 0 ? share / total : 1 / outputs));
  }

  /**
   * What each feature added to the raw score of one output: the changes of the node values along each tree's path (Saabas 2014).
   * `bias` and the contributions sum to the score.
   */
  contributions(row: Float32Array, output = 0): { bias: number; contributions: Float64Array; score: number } {
    const contributions = new Float64Array(this.model.featureNames.length);
    const scale = this.model.average ? this.model.outputs / Math.max(1, this.roots.length) : 1;
    let bias = this.model.base[output]!;
    for (let tree = output; tree < this.roots.length; tree += this.model.outputs) {
      let node = this.roots[tree]!;
      bias += scale * this.value[node / NODE]!;
      let split = this.links[node]!;
      while (split >= 0) {
        const cell = row[split]!;
        const other = cell === cell ? this.links[node + RIGHT]! : this.links[node + MISSING]!;
        const next = cell <= this.numbers[node + NUMBER]! ? node + NODE : other;
        contributions[split]! += scale * (this.value[next / NODE]! - this.value[node / NODE]!);
        node = next;
        split = this.links[node]!;
      }
    }
    return { bias, contributions, score: this.score(row, 0, output) };
  }
}
