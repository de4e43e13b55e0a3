/** Conditions of a follow-up meet those of the last query: the same column is replaced or widened, another one is added. */
import { shift as shiftDate } from '../link/time-math';
import type { Condition, Expression, Literal, QueryTree, TimeGrain, TimeRange } from '../tree';
import { allOf, canonical, columnsIn, conjuncts } from '../tree-walk';
import { comparePeriods } from '../read/compared-periods';
import type { Reading } from '../read/reading';
import type { Signals } from './signals';

const keyOf = (condition: Condition): string =>
  columnsIn(condition)
    .map((column) => `${column.table}.${column.column}.${column.role ?? ''}`.toLowerCase())
    .join('|');
const valuesOf = (condition: Condition): Literal[] | undefined =>
  condition.kind === 'compare' && condition.operator === '=' && condition.right.kind === 'literal'
    ? [condition.right]
    : condition.kind === 'in' && !condition.negated
      ? condition.values
      : undefined;

export function mergeConditions(tree: QueryTree, added: readonly Condition[], signals: Signals): QueryTree {
  let conditions = conjuncts(tree.where);
  for (const condition of added) conditions = mergeOne(conditions, condition, signals);
  return withWhere(tree, conditions);
}

function mergeOne(existing: Condition[], added: Condition, signals: Signals): Condition[] {
  const key = keyOf(added);
  const time = isPeriod(added);
  const at = existing.findIndex((item) => (time ? isPeriod(item) : key !== '' && keyOf(item) === key));
  if (at < 0) return [...existing, added];
  const before = existing[at]!;
  const [old, fresh] = [valuesOf(before), valuesOf(added)];
  if (signals.adds && !signals.replaces && old && fresh) {
    const values = [...old, ...fresh.filter((value) => !old.some((item) => item.value === value.value))];
    const of = before.kind === 'in' ? before.of : before.kind === 'compare' ? before.left : undefined;
    if (of) return existing.map((item, i) => (i === at ? { kind: 'in', of, values } : item));
  }
  const kept = added.kind === 'time' && before.kind === 'time' ? { ...added, of: before.of } : added;
  return existing.map((item, i) => (i === at ? kept : item));
}

/** "compare 2023 with 2024": two periods are kept side by side, where the last query has a time axis or none is needed. */
export function pairPeriods(reading: Reading, tree: QueryTree): Condition[] {
  const hasAxis = tree.show.some((item) => item.expression.kind === 'bucket');
  comparePeriods(reading);
  if (hasAxis && reading.conditions.some((condition) => condition.kind === 'or'))
    reading.groups = reading.groups.filter((group) => !group.grain || reading.question.grains.length > 0);
  return reading.conditions;
}

export const saidPeriod = (tree: QueryTree): boolean => conjuncts(tree.where).some((condition) => condition.kind === 'time');

const isPeriod = (condition: Condition): boolean =>
  condition.kind === 'time' || (condition.kind === 'or' && condition.conditions.every((item) => item.kind === 'time'));

/** Takes away the conditions on these columns; all of them where none is named. */
export function dropConditions(tree: QueryTree, columns: readonly Expression[], periods: boolean): QueryTree {
  const named = new Set(columns.map((item) => (item.kind === 'column' ? `${item.table}.${item.column}`.toLowerCase() : '')));
  const kept = conjuncts(tree.where).filter((condition) => {
    if (periods && isPeriod(condition)) return false;
    if (named.size === 0) return periods;
    return !columnsIn(condition).some((column) => named.has(`${column.table}.${column.column}`.toLowerCase()));
  });
  return withWhere(tree, kept);
}

export function withWhere(tree: QueryTree, conditions: readonly Condition[]): QueryTree {
  const { where: _where, ...rest } = tree;
  const where = allOf(conditions);
  return where ? { ...rest, where } : rest;
}

/** "the year before": every period moves by one of its own units. */
export function shiftPeriods(tree: QueryTree, by: number, unit: TimeGrain | undefined): QueryTree {
  const move = (range: TimeRange): TimeRange => {
    const grain = unit ?? range.phrase?.unit ?? spanUnit(range);
    const moved = (iso: string | undefined) =>
      iso === undefined
        ? undefined
        : shiftDate(new Date(iso.length === 10 ? `${iso}T00:00:00Z` : `${iso}Z`), grain, by)
            .toISOString()
            .slice(0, iso.length);
    const { phrase: _phrase, ...rest } = range;
    return { ...rest, ...(range.from ? { from: moved(range.from)! } : {}), ...(range.to ? { to: moved(range.to)! } : {}) };
  };
  return withWhere(
    tree,
    conjuncts(tree.where).map((condition) => (condition.kind === 'time' ? move(condition) : condition)),
  );
}

function spanUnit(range: TimeRange): TimeGrain {
  if (!range.from || !range.to) return 'year';
  const days = (Date.parse(range.to) - Date.parse(range.from)) / 86_400_000;
  return days > 360 ? 'year' : days > 85 ? 'quarter' : days > 27 ? 'month' : days > 6 ? 'week' : 'day';
}

export const sameExpression = (a: Expression, b: Expression): boolean => canonical(a) === canonical(b);
