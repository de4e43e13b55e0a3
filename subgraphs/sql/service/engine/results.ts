/** What comparing readings needs of their rows. */
export type ResultRows = readonly (readonly unknown[])[];

export interface ResultSummary {
  /** Equal for the same rows in any order, columns in any order, numbers to four places. */
  readonly key: string;
  readonly rows: number;
  /** No row, or a single one of nulls or zeros. */
  readonly isNothing: boolean;
  /** Distinct rows among all, 0 to 1. */
  readonly distinctShare: number;
  readonly nullShare: number;
}

const COMPARED_ROWS = 2_000;

const cellText = (value: unknown): string => (typeof value === 'number' ? String(Math.round(value * 1e4) / 1e4) : String(value));
const isNull = (value: unknown): boolean => value === null || value === undefined || value === '';

/** @param index tells results apart that are too long to be compared */
export const summarise = (rows: ResultRows, index: number): ResultSummary => {
  const lines = rows.slice(0, COMPARED_ROWS).map((row) => row.map(cellText).sort().join('\u0001'));
  const cells = rows.slice(0, COMPARED_ROWS).flat();
  const nulls = cells.filter(isNull).length;
  const zeros = cells.filter((cell) => cell === 0 || cell === 0n || cell === '0').length;
  return {
    key: rows.length > COMPARED_ROWS ? `#${index}` : `${rows.length}:${lines.sort().join('\u0002')}`,
    rows: rows.length,
    isNothing: rows.length === 0 || (rows.length === 1 && (nulls === cells.length || zeros === cells.length)),
    distinctShare: lines.length > 0 ? new Set(lines).size / lines.length : 1,
    nullShare: cells.length > 0 ? nulls / cells.length : 0,
  };
};
