import { errors, nearestName } from '#platform/errors';

/** A table in columns. Numbers are numbers, everything else is text; null is missing. */
export interface Frame {
  readonly names: readonly string[];
  readonly columns: readonly (readonly (string | number | null)[])[];
  readonly rowCount: number;
}

export interface ColumnReport {
  readonly name: string;
  readonly kind: 'number' | 'category';
  readonly missing: number;
  readonly distinct: number;
}

const cell = (value: unknown): string | number | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Decimals and large integers travel as text.
  return text !== '' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : text === '' ? null : text;
};

/** Rows of a query as a frame. NaN and infinities are missing. A column with any text is text throughout. */
export function toFrame(names: readonly string[], rows: readonly (readonly unknown[])[]): Frame {
  const columns = names.map((_, place) => {
    const values = rows.map((row) => cell(row[place]));
    const isText = values.some((value) => typeof value === 'string');
    return isText ? values.map((value, row) => (value === null ? null : String(rows[row]![place]))) : values;
  });
  return { names, columns, rowCount: rows.length };
}

export function columnOf(frame: Frame, name: string, role: string): readonly (string | number | null)[] {
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

export const isNumeric = (column: readonly (string | number | null)[]): boolean =>
  column.every((value) => value === null || typeof value === 'number');

export const pick = (frame: Frame, rows: readonly number[]): Frame => ({
  names: frame.names,
  columns: frame.columns.map((column) => rows.map((row) => column[row]!)),
  rowCount: rows.length,
});

export const report = (frame: Frame): ColumnReport[] =>
  frame.names.map((name, place) => {
    const column = frame.columns[place]!;
    return {
      name,
      kind: isNumeric(column) ? 'number' : 'category',
      missing: column.filter((value) => value === null).length,
      distinct: new Set(column).size,
    };
  });
