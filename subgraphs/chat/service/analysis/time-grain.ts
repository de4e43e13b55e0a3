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

export const instantOf = (time: string): number =>
  Date.parse(/^\d{4}$/.test(time) ? `${time}-01-01` : /^\d{4}-\d{2}$/.test(time) ? `${time}-01` : time.replace(' ', 'T'));

/** Steps after which a pattern may repeat. */
export const periodOf = (grain: Grain | null): number | null =>
  grain === 'hour' ? 24 : grain === 'day' ? 7 : grain === 'week' ? 52 : grain === 'month' ? 12 : grain === 'quarter' ? 4 : null;
