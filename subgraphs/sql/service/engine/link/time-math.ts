/** Calendar arithmetic in UTC: periods begin at midnight, weeks on Monday. */
import type { RelativePeriod, TimeGrain } from '../tree';

export const dayText = (date: Date): string => date.toISOString().slice(0, 10);
export const momentText = (date: Date): string => (date.getTime() % 86_400_000 === 0 ? dayText(date) : date.toISOString().slice(0, 19));

export function startOf(date: Date, grain: TimeGrain): Date {
  const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (grain) {
    case 'hour':
      return new Date(Date.UTC(y, m, d, date.getUTCHours()));
    case 'day':
      return new Date(Date.UTC(y, m, d));
    case 'week':
      return new Date(Date.UTC(y, m, d - ((date.getUTCDay() + 6) % 7)));
    case 'month':
      return new Date(Date.UTC(y, m, 1));
    case 'quarter':
      return new Date(Date.UTC(y, m - (m % 3), 1));
    case 'year':
      return new Date(Date.UTC(y, 0, 1));
  }
}

export function shift(date: Date, grain: TimeGrain, by: number): Date {
  const next = new Date(date);
  if (grain === 'hour') next.setUTCHours(next.getUTCHours() + by);
  else if (grain === 'day') next.setUTCDate(next.getUTCDate() + by);
  else if (grain === 'week') next.setUTCDate(next.getUTCDate() + 7 * by);
  else {
    const months = by * (grain === 'month' ? 1 : grain === 'quarter' ? 3 : 12);
    const day = next.getUTCDate();
    next.setUTCDate(1);
    next.setUTCMonth(next.getUTCMonth() + months);
    // The 31st of a shorter month is its last day.
    const last = new Date(Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 0)).getUTCDate();
    next.setUTCDate(Math.min(day, last));
  }
  return next;
}

/** Bounds of a period counted from `now`; the end is exclusive. */
export function resolvePeriod(period: RelativePeriod, now: Date): { from: string; to: string } {
  const { unit, count, offset, style } = period;
  if (style === 'rolling') {
    // The last 7 days are seven, today among them.
    const end = unit === 'hour' ? now : shift(startOf(now, 'day'), 'day', 1);
    const from = unit === 'hour' ? shift(now, 'hour', -count) : shift(end, unit, -count);
    return { from: momentText(from), to: momentText(end) };
  }
  const start = shift(startOf(now, unit), unit, offset);
  if (style === 'toDate') return { from: momentText(start), to: momentText(shift(startOf(now, 'day'), 'day', 1)) };
  return { from: momentText(start), to: momentText(shift(start, unit, count)) };
}

const iso = (year: number, month: number, day = 1): string => dayText(new Date(Date.UTC(year, month - 1, day)));
export const yearRange = (year: number, until = year) => ({ from: iso(year, 1), to: iso(until + 1, 1) });
export const monthRange = (year: number, month: number) => ({ from: iso(year, month), to: iso(year, month + 1) });
export const quarterRange = (year: number, quarter: number) => ({ from: iso(year, quarter * 3 - 2), to: iso(year, quarter * 3 + 1) });
export const dayRange = (year: number, month: number, day: number) => ({ from: iso(year, month, day), to: iso(year, month, day + 1) });
