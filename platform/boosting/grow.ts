import type { BinnedFeature } from './binning';
import type { ResolvedOptions } from './options';
import type { GrowingNode } from './tree';

export interface Growth {
  readonly root: GrowingNode;
  /** Leaf value of every row that the tree was grown on, written into the caller's scores. */
  readonly gains: Float64Array;
}

interface Leaf {
  readonly node: GrowingNode;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly gradient: number;
  readonly hessian: number;
  histogram?: Float64Array;
  split?: Split;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly leftGradient: number;
  readonly leftHessian: number;
}

export interface Gradients {
  readonly gradient: Float32Array;
  readonly hessian: Float32Array;
}

/** Grows trees over one binned data set; buffers are kept between trees. */
export class TreeGrower {
  private readonly offsets: Int32Array;
  private readonly size: number;
  private readonly pool: Float64Array[] = [];
  private readonly spare: Uint32Array;
  private readonly orderedGradient: Float32Array;
  private readonly orderedHessian: Float32Array;

  constructor(
    private readonly features: readonly BinnedFeature[],
    private readonly options: ResolvedOptions,
    rows: number,
  ) {
    this.offsets = new Int32Array(features.length + 1);
    features.forEach((feature, index) => (this.offsets[index + 1] = this.offsets[index]! + 2 * (feature.edges.length + 2)));
    this.size = this.offsets[features.length]!;
    this.spare = new Uint32Array(rows);
    this.orderedGradient = new Float32Array(rows);
    this.orderedHessian = new Float32Array(rows);
  }

  /** `rows` is reordered so that each leaf's rows are adjacent; `onLeaf` gets each leaf's rows and value. */
  grow(
    { gradient, hessian }: Gradients,
    rows: Uint32Array,
    how: { columns: readonly number[]; random: () => number; gains: Float64Array; onLeaf(rows: Uint32Array, value: number): void },
  ): GrowingNode {
    let totalGradient = 0;
    let totalHessian = 0;
    for (let index = 0; index < rows.length; index += 1) {
      totalGradient += gradient[rows[index]!]!;
      totalHessian += hessian[rows[index]!]!;
    }
    const pick = (): readonly number[] => {
      const wanted = Math.max(1, Math.round(how.columns.length * this.options.columnFractionPerSplit));
      if (wanted >= how.columns.length) return how.columns;
      const chosen = [...how.columns];
      for (let index = 0; index < wanted; index += 1) {
        const other = index + Math.floor(how.random() * (chosen.length - index));
        [chosen[index], chosen[other]] = [chosen[other]!, chosen[index]!];
      }
      return chosen.slice(0, wanted);
    };
    const root = this.leaf(totalGradient, totalHessian, { from: 0, to: rows.length, depth: 0 });
    const open: Leaf[] = [];
    const closed: Leaf[] = [];
    const consider = (leaf: Leaf): void => {
      if (leaf.histogram) leaf.split = this.bestSplit(leaf, pick());
      if (leaf.split) open.push(leaf);
      else {
        this.release(leaf);
        closed.push(leaf);
      }
    };
    if (this.options.depth > 0) root.histogram = this.fill(root, { gradient, hessian, rows, columns: how.columns });
    consider(root);
    while (open.length > 0 && open.length + closed.length < this.options.leaves) {
      let best = 0;
      for (let index = 1; index < open.length; index += 1) if (open[index]!.split!.gain > open[best]!.split!.gain) best = index;
      const parent = open.splice(best, 1)[0]!;
      const [left, right] = this.divide(parent, rows);
      how.gains[parent.split!.feature]! += parent.split!.gain;
      if (left.depth < this.options.depth) {
        const [small, large] = left.to - left.from <= right.to - right.from ? [left, right] : [right, left];
        small.histogram = this.fill(small, { gradient, hessian, rows, columns: how.columns });
        const histogram = parent.histogram!;
        for (let index = 0; index < this.size; index += 1) histogram[index]! -= small.histogram[index]!;
        large.histogram = histogram;
        parent.histogram = undefined;
      } else this.release(parent);
      consider(left);
      consider(right);
    }
    for (const leaf of [...closed, ...open]) {
      this.release(leaf);
      how.onLeaf(rows.subarray(leaf.from, leaf.to), leaf.node.value);
    }
    return root.node;
  }

  private leaf(gradient: number, hessian: number, place: { from: number; to: number; depth: number }): Leaf {
    const value = Math.fround((-gradient / (hessian + this.options.l2 + 1e-12)) * this.options.learningRate);
    return { ...place, gradient, hessian, node: { feature: -1, threshold: 0, bin: 0, missingLeft: false, gain: 0, value } };
  }

  private release(leaf: Leaf): void {
    if (leaf.histogram) this.pool.push(leaf.histogram);
    leaf.histogram = undefined;
  }

  private fill(leaf: Leaf, data: Gradients & { rows: Uint32Array; columns: readonly number[] }): Float64Array {
    const histogram = this.pool.pop()?.fill(0) ?? new Float64Array(this.size);
    const count = leaf.to - leaf.from;
    const { orderedGradient, orderedHessian } = this;
    const rows = data.rows.subarray(leaf.from, leaf.to);
    for (let index = 0; index < count; index += 1) {
      const row = rows[index]!;
      orderedGradient[index] = data.gradient[row]!;
      orderedHessian[index] = data.hessian[row]!;
    }
    for (const feature of data.columns)
      accumulate(
        histogram.subarray(this.offsets[feature]!, this.offsets[feature + 1]!),
        this.features[feature]!.bins,
        rows,
        orderedGradient,
        orderedHessian,
      );
    return histogram;
  }

  private bestSplit(leaf: Leaf, columns: readonly number[]): Split | undefined {
    const { l2, minChildWeight, minGain } = this.options;
    const histogram = leaf.histogram!;
    const { gradient: total, hessian: weight } = leaf;
    const parentScore = (total * total) / (weight + l2 + 1e-12);
    let bestGain = Math.max(minGain, 1e-9);
    let best: Split | undefined;
    for (const feature of columns) {
      const from = this.offsets[feature]!;
      const last = this.features[feature]!.edges.length;
      const missingGradient = histogram[from]!;
      const missingHessian = histogram[from + 1]!;
      const hasMissing = this.features[feature]!.hasMissing && missingHessian > 1e-9;
      for (let side = 0; side < (hasMissing ? 2 : 1); side += 1) {
        let leftGradient = side === 1 ? missingGradient : 0;
        let leftHessian = side === 1 ? missingHessian : 0;
        for (let bin = 1; bin <= last; bin += 1) {
          leftGradient += histogram[from + 2 * bin]!;
          leftHessian += histogram[from + 2 * bin + 1]!;
          if (leftHessian < minChildWeight) continue;
          const rightHessian = weight - leftHessian;
          if (rightHessian < minChildWeight) break;
          const rightGradient = total - leftGradient;
          const gain =
            (leftGradient * leftGradient) / (leftHessian + l2) + (rightGradient * rightGradient) / (rightHessian + l2) - parentScore;
          if (gain > bestGain) {
            bestGain = gain;
            // A feature that had no missing value in training sends a later one to the heavier side.
            best = { gain, feature, bin, missingLeft: hasMissing ? side === 1 : leftHessian >= rightHessian, leftGradient, leftHessian };
          }
        }
      }
    }
    return best;
  }

  private divide(parent: Leaf, rows: Uint32Array): [Leaf, Leaf] {
    const split = parent.split!;
    const feature = this.features[split.feature]!;
    const { bins } = feature;
    let left = parent.from;
    let held = 0;
    for (let index = parent.from; index < parent.to; index += 1) {
      const row = rows[index]!;
      const bin = bins[row]!;
      if (bin === 0 ? split.missingLeft : bin <= split.bin) rows[left++] = row;
      else this.spare[held++] = row;
    }
    rows.set(this.spare.subarray(0, held), left);
    const depth = parent.depth + 1;
    const leaves: [Leaf, Leaf] = [
      this.leaf(split.leftGradient, split.leftHessian, { from: parent.from, to: left, depth }),
      this.leaf(parent.gradient - split.leftGradient, parent.hessian - split.leftHessian, { from: left, to: parent.to, depth }),
    ];
    Object.assign(parent.node, {
      feature: split.feature,
      threshold: feature.edges[split.bin - 1]!,
      bin: split.bin,
      missingLeft: split.missingLeft,
      gain: split.gain,
      left: leaves[0].node,
      right: leaves[1].node,
    });
    return leaves;
  }
}

// The inner loop of training, kept as one small monomorphic function for the optimising compiler. Gradients and second
// derivatives are in the order of `rows`, so that only the bins are read at random.
// eslint-disable-next-line max-params
const accumulate = (histogram: Float64Array, bins: Uint8Array, rows: Uint32Array, gradient: Float32Array, hessian: Float32Array): void => {
  const count = rows.length;
  for (let index = 0; index < count; index += 1) {
    const slot = bins[rows[index]!]! << 1;
    histogram[slot]! += gradient[index]!;
    histogram[slot + 1]! += hessian[index]!;
  }
};
