import { binColumn, binWith } from './binning';
import type { BinnedFeature } from './binning';
import { encodeCell, encodeOrdered } from './categories';
import type { CategoryEncoder, CategoryTarget } from './categories';
import { isCategorical } from './dataset';
import type { Dataset, FeatureColumn } from './dataset';
import { TreeGrower } from './grow';
import type { BoostedModel } from './model';
import { lossOf } from './objectives';
import type { Loss } from './objectives';
import { resolveOptions } from './options';
import type { Progress, ResolvedOptions, TrainOptions } from './options';
import { permutation, seededRandom } from './random';
import { packTree } from './tree';
import type { GrowingNode, Tree } from './tree';

export interface TrainControl {
  readonly validation?: Dataset;
  readonly onProgress?: (progress: Progress) => void;
  /** Looked at between trees; an aborted run throws the signal's reason. */
  readonly signal?: AbortSignal;
}

interface Prepared {
  readonly features: readonly BinnedFeature[];
  readonly names: readonly string[];
  readonly encoders: readonly CategoryEncoder[];
  readonly validation?: readonly BinnedFeature[];
}

const categoryTarget = ({ target }: Dataset, options: ResolvedOptions): CategoryTarget => {
  let classes = 1;
  if (options.objective === 'multiclass') for (let row = 0; row < target.length; row += 1) classes = Math.max(classes, target[row]! + 1);
  const outputs = classes > 2 ? classes : 1;
  return { rows: target.length, outputs, at: outputs === 1 ? (row) => target[row]! : (row, output) => (target[row] === output ? 1 : 0) };
};

const prepare = (data: Dataset, options: ResolvedOptions, validation?: Dataset): Prepared => {
  const features: BinnedFeature[] = [];
  const held: BinnedFeature[] = [];
  const names: string[] = [];
  const encoders: CategoryEncoder[] = [];
  const add = (name: string, column: ArrayLike<number>, other?: ArrayLike<number>): void => {
    const binned = binColumn(column, options.bins);
    features.push(binned);
    names.push(name);
    if (other) held.push(binWith(other, binned.edges));
  };
  data.columns.forEach((column: FeatureColumn, index) => {
    const name = data.names?.[index] ?? `f${index}`;
    if (!isCategorical(column)) return add(name, column as ArrayLike<number>, validation?.columns[index] as ArrayLike<number> | undefined);
    const { encoder, encoded } = encodeOrdered(index, column, { target: categoryTarget(data, options), seed: options.seed });
    encoders.push(encoder);
    encoded.forEach((values, output) => {
      const other =
        validation && Float32Array.from(validation.columns[index] as readonly unknown[], (cell) => encodeCell(encoder, cell)[output]!);
      add(encoded.length === 1 ? name : `${name}#${output}`, values, other);
    });
  });
  if (features.length > 32_767) throw new RangeError(`At most 32767 feature columns can be trained on, not ${features.length}`);
  return { features, names, encoders, validation: validation && held };
};

const addTree = (root: GrowingNode, features: readonly BinnedFeature[], into: { scores: Float64Array; rows?: ArrayLike<number> }): void => {
  const count = into.rows?.length ?? into.scores.length;
  for (let index = 0; index < count; index += 1) {
    const row = into.rows?.[index] ?? index;
    let node = root;
    while (node.left) {
      const bin = features[node.feature]!.bins[row]!;
      node = (bin === 0 ? node.missingLeft : bin <= node.bin) ? node.left : node.right!;
    }
    into.scores[row]! += node.value;
  }
};

const startScores = (loss: Loss, rows: number): Float64Array[] => loss.base.map((base) => new Float64Array(rows).fill(base));

/** Trains in this thread without a pause; see `trainInWorker` for long runs. */
export const train = (data: Dataset, options: TrainOptions, control: TrainControl = {}): BoostedModel => {
  const resolved = resolveOptions(options, data.columns.length);
  const rows = data.target.length;
  if (rows === 0 || data.columns.length === 0) throw new RangeError('Training needs at least one row and one feature');
  const prepared = prepare(data, resolved, control.validation);
  const loss = lossOf(data, resolved);
  const heldLoss = control.validation && lossOf(control.validation, resolved, loss.outputs);
  const scores = startScores(loss, rows);
  const heldScores = control.validation && startScores(loss, control.validation.target.length);
  const grower = new TreeGrower(prepared.features, resolved, rows);
  const random = seededRandom(resolved.seed);
  const gains = new Float64Array(prepared.features.length);
  const derivatives = { gradient: new Float32Array(rows), hessian: new Float32Array(rows) };
  const forest = resolved.mode === 'forest';
  const trees: Tree[] = [];
  let best = { round: 0, validationLoss: Infinity };
  let trainLoss = loss.mean(scores);
  // A forest's trees don't see each other: their sum is kept apart, and every tree is fitted to the start scores.
  const sums = forest ? loss.base.map(() => new Float64Array(rows)) : undefined;
  const heldSums = forest && heldScores ? loss.base.map(() => new Float64Array(heldScores[0]!.length)) : undefined;

  for (let round = 1; round <= resolved.trees; round += 1) {
    control.signal?.throwIfAborted();
    const sample = drawRows(rows, resolved, random);
    const columns = drawColumns(prepared.features.length, resolved.columnFraction, random);
    const roots: GrowingNode[] = [];
    for (let output = 0; output < loss.outputs; output += 1) {
      loss.gradients(scores, output, derivatives);
      if (sample.counts) reweigh(derivatives, sample.counts);
      const into = forest ? sums![output]! : scores[output]!;
      // With several outputs, scores may change only after all of the round's gradients are taken; multiclass keeps a copy.
      const root = grower.grow(derivatives, sample.rows.slice(), {
        columns,
        random,
        gains,
        onLeaf: (leafRows, value) => {
          for (let index = 0; index < leafRows.length; index += 1) into[leafRows[index]!]! += value;
        },
      });
      if (sample.rest.length > 0) addTree(root, prepared.features, { scores: into, rows: sample.rest });
      roots.push(root);
      trees.push(packTree(root));
    }
    const shown = forest ? blend(loss, sums!, round) : scores;
    const lastRound = round === resolved.trees;
    const wanted = control.onProgress !== undefined || lastRound;
    if (wanted) trainLoss = loss.mean(shown);
    if (heldScores && heldLoss) {
      roots.forEach((root, output) => addTree(root, prepared.validation!, { scores: forest ? heldSums![output]! : heldScores[output]! }));
      const validationLoss = heldLoss.mean(forest ? blend(loss, heldSums!, round) : heldScores);
      if (validationLoss < best.validationLoss - 1e-12) best = { round, validationLoss };
      control.onProgress?.({ round, rounds: resolved.trees, trainLoss, validationLoss });
      if (resolved.earlyStoppingRounds && round - best.round >= resolved.earlyStoppingRounds) break;
    } else control.onProgress?.({ round, rounds: resolved.trees, trainLoss });
  }
  const rounds = heldScores && resolved.earlyStoppingRounds ? Math.max(1, best.round) : trees.length / loss.outputs;
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  return {
    objective: resolved.objective,
    link: loss.link,
    outputs: loss.outputs,
    featureNames: prepared.names,
    base: loss.base,
    trees: trees.slice(0, rounds * loss.outputs),
    average: forest,
    encoders: prepared.encoders,
    importance: Array.from(gains, (gain) => (total > 0 ? gain / total : 0)),
    rounds,
    trainLoss,
    validationLoss: heldScores ? best.validationLoss : undefined,
  };
};

const blend = (loss: Loss, sums: readonly Float64Array[], round: number): Float64Array[] =>
  sums.map((sum, output) => sum.map((value) => loss.base[output]! + value / round));

const reweigh = ({ gradient, hessian }: { gradient: Float32Array; hessian: Float32Array }, counts: Uint8Array): void => {
  for (let row = 0; row < counts.length; row += 1) {
    gradient[row]! *= counts[row]!;
    hessian[row]! *= counts[row]!;
  }
};

const drawRows = (
  rows: number,
  options: ResolvedOptions,
  random: () => number,
): { rows: Uint32Array; rest: Uint32Array; counts?: Uint8Array } => {
  if (options.mode === 'boost' && options.rowFraction >= 1)
    return { rows: Uint32Array.from({ length: rows }, (_, row) => row), rest: new Uint32Array(0) };
  const counts = new Uint8Array(rows);
  const wanted = Math.max(1, Math.round(rows * options.rowFraction));
  if (options.mode === 'forest') for (let index = 0; index < wanted; index += 1) counts[Math.floor(random() * rows)]! += 1;
  else for (const row of permutation(rows, random).subarray(0, wanted)) counts[row] = 1;
  const chosen: number[] = [];
  const rest: number[] = [];
  for (let row = 0; row < rows; row += 1) (counts[row]! > 0 ? chosen : rest).push(row);
  return { rows: Uint32Array.from(chosen), rest: Uint32Array.from(rest), counts: options.mode === 'forest' ? counts : undefined };
};

const drawColumns = (features: number, fraction: number, random: () => number): readonly number[] => {
  const all = Array.from({ length: features }, (_, feature) => feature);
  if (fraction >= 1) return all;
  return Array.from(permutation(features, random).subarray(0, Math.max(1, Math.round(features * fraction)))).sort((a, b) => a - b);
};
