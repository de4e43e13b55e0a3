/** Result comparison: the same multiset of rows (the same sequence where the gold query orders), in any order of columns. */
export type Rows = readonly (readonly unknown[])[];

const text = (cell: unknown): string => {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'bigint') return String(cell);
  if (typeof cell === 'number') {
    const rounded = Number(cell.toFixed(4));
    return Number.isInteger(rounded) && Math.abs(rounded) >= 1e21 ? BigInt(rounded).toString() : String(rounded === 0 ? 0 : rounded);
  }
  if (Buffer.isBuffer(cell)) return cell.toString('utf8');
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell === 'boolean') return cell ? '1' : '0';
  return String(cell);
};

const joined = (row: readonly string[], order: readonly number[]): string => order.map((index) => row[index]).join('\u0001');

const permutations = (length: number): number[][] => {
  if (length === 0) return [[]];
  return permutations(length - 1).flatMap((rest) =>
    Array.from({ length }, (_, at) => [...rest.slice(0, at), length - 1, ...rest.slice(at)]),
  );
};

const column = (rows: readonly string[][], index: number): string =>
  rows
    .map((row) => row[index]!)
    .sort()
    .join('\u0001');

/** Gold rows in the form that comparing needs. */
export class Expected {
  private readonly cells: string[][];
  private readonly columns: string[];
  private readonly wanted: string[];

  constructor(
    rows: Rows,
    private readonly ordered: boolean,
  ) {
    this.cells = rows.map((row) => row.map(text));
    const width = this.cells[0]?.length ?? 0;
    this.columns = Array.from({ length: width }, (_, index) => column(this.cells, index));
    this.wanted = this.normal(
      this.cells,
      Array.from({ length: width }, (_, index) => index),
    );
  }

  get size(): number {
    return this.cells.length;
  }

  private normal(rows: readonly string[][], order: readonly number[]): string[] {
    const lines = rows.map((row) => joined(row, order));
    return this.ordered ? lines : lines.sort();
  }

  matches(rows: Rows): boolean {
    if (rows.length !== this.cells.length) return false;
    if (rows.length === 0) return true;
    const width = this.columns.length;
    if (rows[0]!.length !== width) return false;
    const got = rows.map((row) => row.map(text));
    const same = (order: readonly number[]): boolean => this.normal(got, order).every((line, index) => line === this.wanted[index]);
    if (width > 6) return same(Array.from({ length: width }, (_, index) => index));
    const columns = Array.from({ length: width }, (_, index) => column(got, index));
    return permutations(width).some((order) => order.every((from, index) => columns[from] === this.columns[index]) && same(order));
  }
}
