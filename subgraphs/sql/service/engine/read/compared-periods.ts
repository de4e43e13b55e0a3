import type { TimeRange } from '../tree';
import { canonical } from '../tree-walk';
import type { Reading } from './reading';

/** "this year vs last year": periods that exclude each other are compared, side by side. */
export function comparePeriods(reading: Reading): void {
  const periods = reading.conditions.filter((condition): condition is TimeRange => condition.kind === 'time' && !condition.negated);
  const [first, second] = periods;
  if (!first?.from || !second?.from || canonical(first.of) !== canonical(second.of)) return;
  const [early, late] = first.from < second.from ? [first, second] : [second, first];
  if (!early.to || early.to > late.from!) return;
  reading.conditions = [
    ...reading.conditions.filter((condition) => !periods.includes(condition as TimeRange)),
    { kind: 'or', conditions: periods, tokens: periods.flatMap((period) => period.tokens ?? []) },
  ];
  const grain = first.phrase?.unit ?? (first.from.endsWith('-01-01') && second.from.endsWith('-01-01') ? 'year' : 'month');
  if (!reading.groups.some((group) => group.grain))
    reading.groups.unshift({ expression: { kind: 'bucket', grain, of: first.of }, tokens: [...(first.tokens ?? [])], grain, each: false });
  for (const name of ['compare', 'growth']) reading.use(...reading.cues(name));
}
