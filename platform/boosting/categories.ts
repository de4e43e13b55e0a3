import { permutation, seededRandom } from './random';

/** What a category is worth: the smoothed mean of the target over its rows, one column an output. */
export interface CategoryEncoder {
  readonly feature: number;
  readonly prior: readonly number[];
  readonly values: Readonly<Record<string, readonly number[]>>;
}

export interface CategoryTarget {
  readonly rows: number;
  readonly outputs: number;
  /** The quantity whose mean is taken, for one row and output. */
  at(row: number, output: number): number;
}

// Weight of the prior, in rows. One row's own target must not leak into its encoding (Prokhorenkova et al., CatBoost, 2018, §3.2):
// in training a row sees only the rows before it in a random order; afterwards, all of them.
const PRIOR_ROWS = 1;

/** Learns an encoder, and returns with it the ordered encoding of the training rows. */
export const encodeOrdered = (
  feature: number,
  column: readonly (string | null)[],
  { target, seed }: { target: CategoryTarget; seed: number },
) => {
  const { rows, outputs } = target;
  const prior = Array.from({ length: outputs }, (_, output) => {
    let total = 0;
    for (let row = 0; row < rows; row += 1) total += target.at(row, output);
    return total / Math.max(1, rows);
  });
  const sums = new Map<string, { count: number; totals: number[] }>();
  const encoded = Array.from({ length: outputs }, () => new Float32Array(rows));
  for (const row of permutation(rows, seededRandom(seed * 7919 + feature))) {
    const category = column[row];
    if (category === null || category === undefined) {
      for (const values of encoded) values[row] = Number.NaN;
      continue;
    }
    const seen = sums.get(category) ?? { count: 0, totals: new Array<number>(outputs).fill(0) };
    sums.set(category, seen);
    for (let output = 0; output < outputs; output += 1) {
      encoded[output]![row] = (seen.totals[output]! + PRIOR_ROWS * prior[output]!) / (seen.count + PRIOR_ROWS);
      seen.totals[output]! += target.at(row, output);
    }
    seen.count += 1;
  }
  const values: Record<string, readonly number[]> = Object.create(null) as Record<string, readonly number[]>;
  for (const [category, seen] of sums) {
    values[category] = seen.totals.map((total, output) => Math.fround((total + PRIOR_ROWS * prior[output]!) / (seen.count + PRIOR_ROWS)));
  }
  return { encoder: { feature, prior: prior.map(Math.fround), values } satisfies CategoryEncoder, encoded };
};

/** The learned encoding of one cell; a category never seen is worth the prior. */
export const encodeCell = (encoder: CategoryEncoder, cell: unknown): readonly number[] => {
  if (cell === null || cell === undefined) return encoder.prior.map(() => Number.NaN);
  return Object.hasOwn(encoder.values, String(cell)) ? encoder.values[String(cell)]! : encoder.prior;
};
