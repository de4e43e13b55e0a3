/** A column of numbers (NaN where missing) or of categories (null where missing). */
export type FeatureColumn = Float32Array | Float64Array | readonly number[] | readonly (string | null)[];

export interface Dataset {
  readonly names?: readonly string[];
  readonly columns: readonly FeatureColumn[];
  /** Numbers for regression and relevance for ranking; class numbers 0 … k−1 otherwise. */
  readonly target: ArrayLike<number>;
  readonly weights?: ArrayLike<number>;
  /** Ranking only: the rows of one list are adjacent, and this holds each list's length. */
  readonly groups?: ArrayLike<number>;
}

/** True where the column holds text: its first known cell decides. */
export const isCategorical = (column: FeatureColumn): column is readonly (string | null)[] => {
  if (column instanceof Float32Array || column instanceof Float64Array) return false;
  for (const cell of column as readonly unknown[]) {
    if (typeof cell === 'string') return true;
    if (typeof cell === 'number') return false;
  }
  return false;
};

/** Splits a row-major matrix into the columns that training reads. */
export const columnsOf = (matrix: Float32Array, features: number): Float32Array[] => {
  const rows = matrix.length / features;
  return Array.from({ length: features }, (_, feature) => {
    const column = new Float32Array(rows);
    for (let row = 0; row < rows; row += 1) column[row] = matrix[row * features + feature]!;
    return column;
  });
};
