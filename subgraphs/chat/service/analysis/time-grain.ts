export type Grain = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

const daysOf: readonly (readonly [Grain, number, number])[] = [
  ['hour', 0.01, 0.5],
  ['day', 0.9, 1.1],
  ['week', 6.9, 7.1],
  ['month', 27.9, 31.1],
  ['quarter', 89, 93],
  ['year', 364, 367],
];

/** How far apart the points are, from the middle of the distances; null where they follow no calendar step. */
export function grainOf(times: readonly string[]): Grain | null {
  const instants = times.map(instantOf);
  if (instants.length < 2 || instants.some(Number.isNaN)) return null;
  const days = instants
    .slice(1)
    .map((at, i) => (at - instants[i]!) / 86_400_000)
    .sort((a, b) => a - b);
  const middle = days[days.length >> 1]!;
  return daysOf.find(([, low, high]) => middle >= low && middle <= high)?.[0] ?? null;
}

/** Times without a zone are UTC, wherever the process runs. */
export function instantOf(time: string): number {
  if (/^\d{4}$/.test(time)) return Date.parse(`${time}-01-01`);
  if (/^\d{4}-\d{2}$/.test(time)) return Date.parse(`${time}-01`);
  const text = time.replace(' ', 'T');
  return Date.parse(/^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text) ? `${text}Z` : text);
}

/** When the period that begins at a point is over, by the calendar (UTC), in milliseconds. */
export function endOf(time: string, grain: Grain): number {
  const start = new Date(instantOf(time));
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth()];
  if (grain === 'month') return Date.UTC(year, month + 1, 1);
  if (grain === 'quarter') return Date.UTC(year, month + 3, 1);
  if (grain === 'year') return Date.UTC(year + 1, 0, 1);
  return start.getTime() + { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 }[grain];
}

/** Steps after which a pattern may repeat. */
export const periodOf = (grain: Grain | null): number | null =>
  grain === 'hour' ? 24 : grain === 'day' ? 7 : grain === 'week' ? 52 : grain === 'month' ? 12 : grain === 'quarter' ? 4 : null;
