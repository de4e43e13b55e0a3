import { profileColumns, toNumber } from '#platform/charts';

import type { DataRows } from '../ports';

const mostTold = 3;
const mostColumns = 3;
const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

function show(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || /^-?\d{1,15}(?:\.\d+)?$/.test(String(value));
  const number = isNumber ? toNumber(value) : null;
  if (number === null) return typeof value === 'object' ? JSON.stringify(value) : String(value).replace(/[T ]00:00:00(?:\.0+)?Z?$/, '');
  // A bare year is a name and takes no thousands separator.
  if (Number.isInteger(number) && number >= 1900 && number <= 2100) return String(number);
  return Math.abs(number) >= 1 || number === 0 ? plain.format(number) : precise.format(number);
}

const told = (row: readonly unknown[]): string => row.slice(0, mostColumns).map(show).join(': ');

/** Rows in a few words whose numbers are all theirs: one row whole, a series by its end, anything else by its beginning. */
export function rowsInWords({ columns, rows, rowCount, truncated }: DataRows): string {
  if (rows.length === 0) return 'no rows match';
  if (rowCount === 1)
    return columns.length === 1
      ? show(rows[0]![0])
      : rows[0]!.map((value, i) => `${columns[i]!.name.replaceAll('_', ' ')} ${show(value)}`).join(', ');
  const count = `${plain.format(rowCount)}${truncated ? ' or more' : ''} rows`;
  const time = profileColumns(columns, rows).find(({ role }) => role === 'time');
  const isSeries =
    time && rows.length > mostTold && rows.every((row, i) => i === 0 || String(rows[i - 1]![time.index]) < String(row[time.index]));
  return isSeries && !truncated
    ? `${count}; latest ${told(rows.at(-1)!)}`
    : `${count}; first ${rows.slice(0, mostTold).map(told).join(', ')}`;
}
