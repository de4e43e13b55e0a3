/** Shares, growth, running totals, the value before: windows over the grouped rows; and shares of rows that meet a condition. */
import type { Aggregate, Condition, Expression, Window } from '../tree';
import { allOf, canonical, columnsIn, conjuncts } from '../tree-walk';
import { readMoving } from './moving';
import type { MeasureReading, Reading } from './reading';

/** Turns what is shown of a measure into what was asked of it. Call after groups and conditions are read. */
export function applyWindows(reading: Reading): Expression[] {
  const shown = reading.measures.map((item) => item.expression);
  const [first] = reading.measures;
  if (!first) return shown;
  const share = reading.cues('share')[0] ?? reading.cues('shareOfTotal')[0];
  if (share && shown.length === 1 && !reading.used.has(share.from) && !insideMetric(reading, share)) {
    const ratio = reading.cues('shareOfTotal').length === 0 ? conditionalShare(reading, first) : undefined;
    const use = (): number[] => reading.use(share, ...reading.cues('shareOfTotal'));
    if (ratio) return use() && [ratio, ...shown.slice(1)];
    const whole = wholeOf(first.expression);
    if (whole && reading.cues('shareOfTotal').length === 0)
      return use() && [{ kind: 'arithmetic', operator: '/', left: first.expression, right: whole, metric: 'share' }, ...shown.slice(1)];
    // "returns as a share of sales" is a share of something else.
    if (reading.groups.length > 0) return use() && [...shown, window('share', first.expression)];
  }
  const moving = shown.length === 1 ? readMoving(reading, first) : undefined;
  if (moving) return moving;
  const timed = reading.groups.some((group) => group.grain);
  const over = (name: string, fn: Window['fn']): Expression[] | undefined => {
    const [cue] = reading.cues(name);
    if (!cue || insideMetric(reading, cue)) return undefined;
    if (!timed) addPeriods(reading, first);
    reading.use(...reading.cues(name), ...reading.cues('change'), ...reading.cues('growth'));
    return [...shown, window(fn, first.expression, others(reading))];
  };
  return over('growth', 'growth') ?? over('running', 'running') ?? over('change', 'change') ?? over('previous', 'previous') ?? shown;
}

const window = (fn: Window['fn'], of: Expression, within: Expression[] = []): Window => ({
  kind: 'window',
  fn,
  of,
  ...(within.length > 0 ? { within } : {}),
});

/** Growth of each region is computed within the region. */
const others = (reading: Reading): Expression[] => reading.groups.filter((group) => !group.grain).map((group) => group.expression);

/** Months; years where whole years are asked about, which would each be twelve of them. */
function addPeriods(reading: Reading, { time }: MeasureReading): void {
  if (!time) return;
  const spans = reading.conditions.flatMap((condition) => (condition.kind === 'time' && condition.from && condition.to ? [condition] : []));
  const isYears = (from: string, to: string): boolean =>
    from.slice(4, 10) === '-01-01' && to.slice(4, 10) === '-01-01' && Number(to.slice(0, 4)) - Number(from.slice(0, 4)) > 1;
  const grain = spans.some((span) => isYears(span.from!, span.to!)) ? 'year' : 'month';
  reading.groups.unshift({ expression: { kind: 'bucket', grain, of: time }, tokens: [], grain, each: false });
}

const insideMetric = (reading: Reading, cue: { from: number; to: number }): boolean =>
  reading.mentions.some((mention) => mention.metric && mention.from <= cue.from && mention.to >= cue.to);

/** "share of flights delayed": a count with a condition of its own, of the count without it. */
function wholeOf(expression: Expression): Expression | undefined {
  if (expression.kind !== 'aggregate' || expression.fn !== 'count' || !expression.where) return undefined;
  const { where: _where, metric: _metric, ...whole } = expression;
  return whole;
}

/** "share of cancelled orders": those that meet the conditions said right after it, of all. */
function conditionalShare(reading: Reading, measure: MeasureReading): Expression | undefined {
  const parts: Condition[] = reading.conditions.filter((condition) => condition.kind !== 'time');
  const { expression } = measure;
  if (parts.length === 0 || expression.kind !== 'aggregate' || (expression.fn !== 'count' && expression.fn !== 'sum')) return undefined;
  reading.conditions = reading.conditions.filter((condition) => condition.kind === 'time');
  // "delayed more than 30 minutes": who says how much sets aside what "delayed" means by itself, and the whole is all of them.
  const said = new Set(parts.flatMap((part) => columnsIn(part).map(canonical)));
  const own = conjuncts(expression.where);
  const kept = own.filter((condition) => !columnsIn(condition).some((column) => said.has(canonical(column))));
  const { where: _where, metric, ...bare } = expression;
  const whole: Aggregate = { ...bare, ...(kept.length === own.length && metric ? { metric } : {}), ...whereOf(kept) };
  return { kind: 'arithmetic', operator: '/', left: { ...whole, ...whereOf([...kept, ...parts]) }, right: whole, metric: 'share' };
}

const whereOf = (conditions: readonly Condition[]): Pick<Aggregate, 'where'> => {
  const where = allOf(conditions);
  return where ? { where } : {};
};
