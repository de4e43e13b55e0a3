import type { ColumnProfile } from './profile';
import { toNumber } from './profile';

type Rows = readonly (readonly unknown[])[];

/** d3-format for one number that stands alone: exact as far as it is read, never rounded to other digits than it shows. */
export function figureFormat(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e12) return '.4~s';
  if (Number.isInteger(value) || size >= 100_000) return ',.0f';
  if (size >= 1_000) return ',.1~f';
  return size >= 1 ? ',.2~f' : '.4~r';
}

/** d3-format for an axis of amounts; undefined leaves it to Vega. `G` for 10⁹ is the one letter of SI that nobody reads in money. */
export const axisFormat = ({ min, max }: ColumnProfile): string | undefined => {
  const size = Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0));
  return size >= 1e6 && size < 1e9 ? '~s' : undefined;
};

/** d3-time-format where all moments are first days: of years, quarters or months. Undefined where some are not. */
export function periodFormat(rows: Rows, index: number): string | undefined {
  const starts = rows.flatMap((row) =>
    row[index] == null ? [] : [/^\d{4}-(\d\d)-01(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$/.exec(String(row[index]))?.[1]],
  );
  if (starts.length === 0 || starts.includes(undefined)) return undefined;
  if (starts.every((month) => month === '01')) return '%Y';
  return starts.every((month) => (Number(month) - 1) % 3 === 0) ? 'Q%q %Y' : '%b %Y';
}

const monthsOf: Readonly<Record<string, number>> = { '%Y': 12, 'Q%q %Y': 3, '%b %Y': 1 };
const steps = [1, 2, 3, 4, 6, 12, 24, 60, 120, 240, 600] as const;

/** Where ticks stand that are labelled as whole periods: one a period at most, or it would be named twice, and about twelve in all. */
export function periodTicks(format: string, rows: Rows, index: number): { readonly interval: 'month' | 'year'; readonly step: number } {
  const starts = rows.flatMap((row) =>
    row[index] == null ? [] : [Number(String(row[index]).slice(0, 4)) * 12 + Number(String(row[index]).slice(5, 7))],
  );
  const span = starts.reduce((most, start) => Math.max(most, start), 0) - starts.reduce((least, start) => Math.min(least, start), Infinity);
  const step = steps.find((months) => months % monthsOf[format]! === 0 && span / months <= 12) ?? steps.at(-1)!;
  return step < 12 ? { interval: 'month', step } : { interval: 'year', step: step / 12 };
}

/** True where the rows rise or fall in a column, so that their order says something. */
export function isOrdered(rows: Rows, index: number): boolean {
  const values = rows.map((row) => row[index]);
  const numbers = values.map(toNumber);
  const keys: readonly (number | string)[] = numbers.every((number) => number !== null)
    ? numbers
    : values.map((value) => String(value ?? ''));
  const rises = keys.every((key, place) => place === 0 || keys[place - 1]! <= key);
  return rises || keys.every((key, place) => place === 0 || keys[place - 1]! >= key);
}
