/** Moving averages and totals: each value with those of the periods before it. */
import type { Expression, Window } from '../tree';
import type { MeasureReading, Reading } from './reading';

/** Periods where the question does not say how many. */
const USUAL = 3;

/** The windows that are shown beside the measure; undefined where none is asked for. Adds the time that they run over. */
export function readMoving(reading: Reading, measure: MeasureReading): Expression[] | undefined {
  const { moving } = reading;
  if (!moving) return undefined;
  const timed = reading.groups.find((group) => group.grain);
  const grain = moving.grain ?? timed?.grain ?? 'month';
  const size = moving.size ?? USUAL;
  // "7 day moving average by month": what each month would show of its days is not said.
  if (timed && timed.grain !== grain) reading.unanswered += 1;
  if (!timed) {
    if (!measure.time) return undefined;
    reading.groups.unshift({ expression: { kind: 'bucket', grain, of: measure.time }, tokens: [], grain, each: false });
  }
  reading.use(...moving.spans);
  if (moving.size === undefined) reading.warnings.push(`Taken over ${size} ${grain}s: say “over 6 ${grain}s” for another number.`);
  reading.warnings.push(`Only ${grain}s that have rows are counted; the first ${size - 1} have too few before them and show nothing.`);
  const within = reading.groups.filter((group) => !group.grain).map((group) => group.expression);
  const window: Window = {
    kind: 'window',
    fn: 'moving',
    of: measure.expression,
    size,
    ...(moving.isTotal ? { isTotal: true } : {}),
    ...(within.length > 0 ? { within } : {}),
  };
  return [measure.expression, window];
}
