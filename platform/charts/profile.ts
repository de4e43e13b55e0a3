import type { ChartColumn } from './types';

export type Role = 'time' | 'measure' | 'category' | 'identifier' | 'latitude' | 'longitude';

/** One column as a chart sees it. */
export interface ColumnProfile {
  readonly name: string;
  readonly index: number;
  readonly role: Role;
  readonly distinct: number;
  readonly nulls: number;
  /** Measures only. */
  readonly min: number | null;
  readonly max: number | null;
  /** Longest label in characters. Categories only. */
  readonly longest: number;
  /** True where time is a bare year, so that it is drawn as a label and not as an instant. */
  readonly isYear: boolean;
  /** True where a moment has a time of the day besides midnight. */
  readonly hasTime: boolean;
}

const numericType = /int|decimal|numeric|double|float|real|number|money/i;
const timeType = /date|time/i;
const isoTime = /^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/;
const yearName = /(^|_|\s)year($|_|\s)/i;
const orderedPartName = /(^|_|\s)(month|quarter|week|day|hour|weekday|dow)($|_|\s)/i;
const identifierName = /(^|_|\s)(id|uuid|guid|zip|zipcode|postcode|phone|code)$/i;

/** A number where the value is one, also in the string form that keeps big and exact numbers exact; otherwise null. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

export function profileColumns(columns: readonly ChartColumn[], rows: readonly (readonly unknown[])[]): readonly ColumnProfile[] {
  return columns.map((column, index) =>
    profile(
      column,
      index,
      rows.map((row) => row[index]),
    ),
  );
}

function profile(column: ChartColumn, index: number, values: readonly unknown[]): ColumnProfile {
  const present = values.filter((value) => value !== null && value !== undefined);
  const distinct = new Set(present.map(String)).size;
  const role = roleOf(column, present);
  const numbers =
    role === 'measure' || role === 'latitude' || role === 'longitude' ? present.map(toNumber).filter((value) => value !== null) : [];
  return {
    name: column.name,
    index,
    role,
    distinct,
    nulls: values.length - present.length,
    min: extreme(numbers, Math.min),
    max: extreme(numbers, Math.max),
    longest: role === 'category' ? present.reduce<number>((longest, value) => Math.max(longest, String(value).length), 0) : 0,
    hasTime:
      role === 'time' && present.some((value) => /[T ]\d\d:\d\d/.test(String(value)) && !/[T ]00:00(:00(\.0+)?)?(Z|$)/.test(String(value))),
    isYear: role === 'time' && present.every((value) => /^\d{4}$/.test(String(value))),
  };
}

const extreme = (numbers: readonly number[], pick: (a: number, b: number) => number): number | null =>
  numbers.length === 0 ? null : numbers.reduce((a, b) => pick(a, b));

function roleOf({ name, type }: ChartColumn, present: readonly unknown[]): Role {
  const isNumeric = numericType.test(type) && !/interval/i.test(type);
  if (isNumeric) {
    if (yearName.test(name) && present.every((value) => isBetween(toNumber(value), 1000, 2999))) return 'time';
    if (/^(lat|latitude)$/i.test(name) && present.every((value) => isBetween(toNumber(value), -90, 90))) return 'latitude';
    if (/^(lon|lng|long|longitude)$/i.test(name) && present.every((value) => isBetween(toNumber(value), -180, 180))) return 'longitude';
    if (identifierName.test(name)) return 'identifier';
    if (orderedPartName.test(name) && present.every((value) => isBetween(toNumber(value), 0, 53))) return 'category';
    return 'measure';
  }
  if (timeType.test(type) && !/interval/i.test(type)) return 'time';
  if (present.length > 0 && present.every((value) => typeof value === 'string' && isoTime.test(value))) return 'time';
  if (identifierName.test(name) && !/code$/i.test(name)) return 'identifier';
  return 'category';
}

const isBetween = (value: number | null, low: number, high: number): boolean => value !== null && value >= low && value <= high;
