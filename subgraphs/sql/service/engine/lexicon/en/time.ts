import type { TimeGrain } from '../../tree';

export const monthNames: Readonly<Record<string, number>> = { __proto__: null as never,
  january: 1, february: 2, march: 3, april: 4, may: 5, june: 6, july: 7, august: 8, september: 9, october: 10, november: 11, december: 12,
  jan: 1, feb: 2, mar: 3, apr: 4, jun: 6, jul: 7, aug: 8, sep: 9, sept: 9, oct: 10, nov: 11, dec: 12,
};
export const unitWords: Readonly<Record<string, TimeGrain>> = { __proto__: null as never,
  hour: 'hour', hours: 'hour', day: 'day', days: 'day', week: 'week', weeks: 'week', month: 'month', months: 'month', quarter: 'quarter', quarters: 'quarter', year: 'year', years: 'year',
};
export const grainWords: Readonly<Record<string, TimeGrain>> = { __proto__: null as never, hourly: 'hour', daily: 'day', weekly: 'week', monthly: 'month', quarterly: 'quarter', yearly: 'year', annually: 'year', annual: 'year' };
/** A word before a unit that says "for every one of them". */
export const grainOpeners: ReadonlySet<string> = new Set(['by', 'per', 'each', 'every', 'a', 'which', 'what', 'of', 'the']);
