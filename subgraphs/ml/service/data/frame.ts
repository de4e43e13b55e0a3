import { setImmediate } from 'node:timers/promises';

import { errors, nearestName } from '#platform/errors';

/** Numbers, with NaN for what is missing, or texts, with null for it. Numbers lie in shared memory: a thread gets them without a copy. */
export type Column = Float64Array | readonly (string | null)[];

/** A table in columns. */
export interface Frame {
  readonly names: readonly string[];
  readonly columns: readonly Column[];
  readonly rowCount: number;
}

export interface ColumnReport {
  readonly name: string;
  readonly kind: 'number' | 'category';
  readonly missing: number;
  readonly distinct: number;
}

const numeral = /^\s*-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
/** How engines write what is no number; missing among numbers, a text like any other among texts. */
const noNumber = /^[+-]?(nan|inf|infinity)$/i;

/** NaN for what is missing or infinite; null for a text. */
function numberIn(value: unknown): number | null {
  if (value === null || value === undefined || value === '') return NaN;
  if (typeof value === 'number') return Number.isFinite(value) ? value : NaN;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return null;
  // Decimals and large integers travel as text.
  if (numeral.test(value)) return finite(Number(value));
  return noNumber.test(value) ? NaN : null;
}

const finite = (value: number): number => (Number.isFinite(value) ? value : NaN);

const textIn = (value: unknown): string | null =>
  value === null || value === undefined || value === ''
    ? null
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value as string | number | boolean);

export const numbers = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(length * 8));

type Rows = readonly (readonly unknown[])[];

/** A column with any text is text throughout. */
function toColumn(rows: Rows, place: number, asText: boolean): Column {
  const column = numbers(asText ? 0 : rows.length);
  for (let row = 0; row < rows.length; row += 1) {
    const value = asText ? null : numberIn(rows[row]![place]);
    if (value === null) return rows.map((each) => textIn(each[place]));
    column[row] = value;
  }
  return column;
}

/** Rows of a query as a frame; columns in `texts`, such as classes, are text even where they could be numbers. */
export const toFrame = (names: readonly string[], rows: Rows, texts: readonly string[] = []): Frame => ({
  names,
  columns: names.map((name, place) => toColumn(rows, place, texts.includes(name))),
  rowCount: rows.length,
});

/** As `toFrame`, of many rows: others of this process have their turn between the columns. */
export async function toFrameInTurns(names: readonly string[], rows: Rows, texts: readonly string[]): Promise<Frame> {
  const columns: Column[] = [];
  for (const [place, name] of names.entries()) {
    columns.push(toColumn(rows, place, texts.includes(name)));
    await setImmediate();
  }
  return { names, columns, rowCount: rows.length };
}

/** One cell; null where it is missing. */
export function cellAt(column: Column, row: number): string | number | null {
  const value = column[row]!;
  return typeof value === 'number' && Number.isNaN(value) ? null : value;
}

export const isMissing = (column: Column, row: number): boolean => cellAt(column, row) === null;

export function columnOf(frame: Frame, name: string, role: string): Column {
  const place = frame.names.indexOf(name);
  if (place >= 0) return frame.columns[place]!;
  const nearest = nearestName(name, frame.names);
  throw errors.INVALID_REQUEST(
    {
      what: role,
      hint: nearest
        ? `there is no column ${name}; did you mean ${nearest}?`
        : `there is no column ${name}; known are ${frame.names.slice(0, 20).join(', ')}`,
    },
    { field: role },
  );
}

export const isNumeric = (column: Column): column is Float64Array => ArrayBuffer.isView(column);

export const pick = (frame: Frame, rows: ArrayLike<number>): Frame => ({
  names: frame.names,
  columns: frame.columns.map((column) => pickColumn(column, rows)),
  rowCount: rows.length,
});

function pickColumn(column: Column, rows: ArrayLike<number>): Column {
  if (!isNumeric(column)) return Array.from(rows, (row) => column[row]!);
  const picked = numbers(rows.length);
  for (let place = 0; place < rows.length; place += 1) picked[place] = column[rows[place]!]!;
  return picked;
}

export const report = (frame: Frame): ColumnReport[] =>
  frame.names.map((name, place) => {
    const column = frame.columns[place]!;
    let missing = 0;
    const distinct = new Set<unknown>();
    for (let row = 0; row < frame.rowCount; row += 1) {
      if (isMissing(column, row)) missing += 1;
      // Past so many the number tells nothing more.
      else if (distinct.size < maxDistinct) distinct.add(column[row]);
    }
    return { name, kind: isNumeric(column) ? 'number' : 'category', missing, distinct: distinct.size };
  });

/** Values told apart in the report of a column at most. */
const maxDistinct = 100_000;
