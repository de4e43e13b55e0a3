import { seededRandom } from './random';

// Quantiles are estimated from at most this many rows of a column.
const SAMPLE_ROWS = 200_000;

export interface BinnedFeature {
  /** Upper edges, exact 32-bit floats: bin b (from 1) holds values above edge b−2 and up to edge b−1; bin 0 is "missing". */
  readonly edges: Float32Array;
  readonly bins: Uint8Array;
  readonly hasMissing: boolean;
}

const sortedSample = (column: ArrayLike<number>): Float32Array => {
  const random = seededRandom(column.length);
  const stride = Math.max(1, column.length / SAMPLE_ROWS);
  const sample = new Float32Array(Math.min(column.length, SAMPLE_ROWS));
  let used = 0;
  for (let index = 0; index < sample.length; index += 1) {
    const row = Math.min(column.length - 1, Math.floor((index + (stride > 1 ? random() : 0)) * stride));
    const value = column[row]!;
    if (!Number.isNaN(value)) sample[used++] = value;
  }
  return sample.subarray(0, used).sort();
};

/** A 32-bit float t with low ≤ t < high, so that training and scoring in single precision take the same branch. */
const between = (low: number, high: number): number => {
  const middle = Math.fround(low / 2 + high / 2);
  return middle >= low && middle < high ? middle : low;
};

const edgesOf = (sorted: Float32Array, bins: number): Float32Array => {
  const distinct: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    if (distinct.length > 0 && distinct[distinct.length - 1] === value) counts[counts.length - 1]! += 1;
    else {
      distinct.push(value);
      counts.push(1);
    }
  }
  const edges: number[] = [];
  if (distinct.length <= bins) {
    for (let index = 0; index + 1 < distinct.length; index += 1) edges.push(between(distinct[index]!, distinct[index + 1]!));
    return Float32Array.from(edges);
  }
  // Greedy quantiles: heavy values get a bin of their own, and the rest share what remains.
  let remaining = sorted.length;
  let held = 0;
  for (let index = 0; index + 1 < distinct.length && edges.length < bins - 1; index += 1) {
    held += counts[index]!;
    const share = remaining / (bins - edges.length);
    if (held >= share || held + counts[index + 1]! / 2 > share) {
      edges.push(between(distinct[index]!, distinct[index + 1]!));
      remaining -= held;
      held = 0;
    }
  }
  return Float32Array.from(edges);
};

export const binOf = (edges: Float32Array, value: number): number => {
  if (Number.isNaN(value)) return 0;
  const single = Math.fround(value);
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (single <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low + 1;
};

export const binColumn = (column: ArrayLike<number>, maxBins: number): BinnedFeature => {
  const edges = edgesOf(sortedSample(column), maxBins);
  return binWith(column, edges);
};

/** Bins further rows (validation) with edges that exist. */
export const binWith = (column: ArrayLike<number>, edges: Float32Array): BinnedFeature => {
  const bins = new Uint8Array(column.length);
  let hasMissing = false;
  for (let row = 0; row < column.length; row += 1) {
    const bin = binOf(edges, column[row]!);
    bins[row] = bin;
    hasMissing ||= bin === 0;
  }
  return { edges, bins, hasMissing };
};
