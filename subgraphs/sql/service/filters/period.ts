import { errors } from '#platform/errors';

const units = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type PeriodUnit = (typeof units)[number];

export interface Period {
  /** ISO 8601 day, inclusive. */
  readonly from: string;
  /** ISO 8601 day, exclusive. */
  readonly to: string;
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

function unitOf(value: unknown): PeriodUnit {
  const name = String(value).toLowerCase().replace(/s$/, '');
  if ((units as readonly string[]).includes(name)) return name as PeriodUnit;
  throw errors.INVALID_REQUEST(
    { what: 'the unit of a relative date', hint: `it must be one of ${units.join(', ')}` },
    { field: 'filters' },
  );
}

/** The first day of the period that holds `date`; weeks begin on Monday (ISO 8601). */
function startOf(date: Date, unit: PeriodUnit): Date {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (unit === 'year') return new Date(Date.UTC(year, 0, 1));
  if (unit === 'quarter') return new Date(Date.UTC(year, month - (month % 3), 1));
  if (unit === 'month') return new Date(Date.UTC(year, month, 1));
  const start = new Date(Date.UTC(year, month, date.getUTCDate()));
  if (unit === 'week') start.setUTCDate(start.getUTCDate() - ((start.getUTCDay() + 6) % 7));
  return start;
}

function shift(date: Date, unit: PeriodUnit, by: number): Date {
  const shifted = new Date(date);
  if (unit === 'day' || unit === 'week') shifted.setUTCDate(shifted.getUTCDate() + by * (unit === 'week' ? 7 : 1));
  else {
    // A month back from the 31st ends on the last day that the shorter month has.
    shifted.setUTCDate(1);
    shifted.setUTCMonth(shifted.getUTCMonth() + by * { month: 1, quarter: 3, year: 12 }[unit]);
    const length = new Date(Date.UTC(shifted.getUTCFullYear(), shifted.getUTCMonth() + 1, 0)).getUTCDate();
    shifted.setUTCDate(Math.min(date.getUTCDate(), length));
  }
  return shifted;
}

/** `last 30 day` ends with today; `this month` and `previous month` are whole periods. UTC. */
export function periodOf(operator: 'last' | 'this' | 'previous', values: readonly unknown[], now: Date): Period {
  if (operator === 'last') {
    const length = Number(values[0]);
    if (!Number.isInteger(length) || length < 1 || length > 10_000) {
      throw errors.INVALID_REQUEST(
        { what: 'the number of a relative date', hint: 'it must be a whole number from 1 to 10,000' },
        { field: 'filters' },
      );
    }
    const end = shift(startOf(now, 'day'), 'day', 1);
    return { from: day(shift(end, unitOf(values[1]), -length)), to: day(end) };
  }
  const unit = unitOf(values[0]);
  const start = startOf(now, unit);
  const from = operator === 'this' ? start : shift(start, unit, -1);
  return { from: day(from), to: day(shift(from, unit, 1)) };
}
