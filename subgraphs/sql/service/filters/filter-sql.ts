import type { ColumnType, Dialect } from '../engine';
import { sqlDialect } from '../engine/render/dialect';
import type { SqlDialect } from '../engine/render/sql-dialect';
import type { QueryColumn } from '../sandbox';

import { checkOperator, literal } from './condition';
import { periodOf } from './period';
import type { Filter, FilterValue } from './types';
import { nextDay, wholeDays } from './whole-days';

/**
 * Filters around a statement that a person wrote: `SELECT * FROM (…) AS filtered WHERE …`. Only columns of its result can be meant. The
 * values become literals of the dialect's own quoting, and the whole passes the guard like any statement.
 */
export function filterSql(
  sql: string,
  { filters, columns, dialect, now }: { filters: readonly Filter[]; columns: readonly QueryColumn[]; dialect: Dialect; now: Date },
): { sql: string; ignored: readonly string[] } {
  const ignored: string[] = [];
  const writer = sqlDialect(dialect);
  const parts = filters.flatMap((filter) => {
    const name = filter.field.split('.').at(-1)!.toLowerCase();
    const column = columns.find((candidate) => candidate.name.toLowerCase() === name);
    if (!column) {
      ignored.push(filter.field);
      return [];
    }
    const type = column.kind;
    checkOperator(filter, type);
    return (type === 'timestamp' ? wholeDays(filter) : [filter]).map((part) =>
      predicate(part, { quoted: writer.identifier(column.name), type, writer, now }),
    );
  });
  if (parts.length === 0) return { sql, ignored };
  return { sql: `SELECT * FROM (${sql.trim().replace(/[;\s]+$/, '')}\n) AS filtered WHERE ${parts.join(' AND ')}`, ignored };
}

interface Target {
  readonly quoted: string;
  readonly type: ColumnType;
  readonly writer: SqlDialect;
  readonly now: Date;
}

const comparisons: Readonly<Partial<Record<Filter['operator'], string>>> = {
  equals: '=',
  not_equals: '<>',
  greater_than: '>',
  greater_or_equal: '>=',
  less_than: '<',
  less_or_equal: '<=',
  before: '<',
  after: '>',
};

function predicate({ operator, values }: Filter, { quoted, type, writer, now }: Target): string {
  const write = (value: FilterValue): string => {
    const { value: checked } = literal(value, type);
    if (typeof checked === 'number') return String(checked);
    if (typeof checked === 'boolean') return writer.boolean(checked);
    return writer.text(String(checked));
  };
  const like = (before: string, after: string, negated = false): string =>
    writer.like(quoted, writer.text(`${before}${String(values[0]).replace(/[!%_]/g, '!$&')}${after}`), negated);
  const range = ({ from, to }: { from: string; to: string }): string =>
    `${quoted} >= ${writer.text(from)} AND ${quoted} < ${writer.text(to)}`;
  const comparison = comparisons[operator];
  if (comparison) return `${quoted} ${comparison} ${write(values[0]!)}`;
  switch (operator) {
    case 'in':
    case 'not_in':
      return `${quoted} ${operator === 'in' ? 'IN' : 'NOT IN'} (${values.map(write).join(', ')})`;
    case 'between':
      return `${quoted} BETWEEN ${write(values[0]!)} AND ${write(values[1]!)}`;
    case 'contains':
      return like('%', '%');
    case 'not_contains':
      return like('%', '%', true);
    case 'starts_with':
      return like('', '%');
    case 'ends_with':
      return like('%', '');
    case 'is_null':
      return `${quoted} IS NULL`;
    case 'is_not_null':
      return `${quoted} IS NOT NULL`;
    case 'on': {
      const from = String(literal(values[0]!, 'date').value).slice(0, 10);
      return range({ from, to: nextDay(from) });
    }
    default:
      return range(periodOf(operator as 'last' | 'this' | 'previous', values, now));
  }
}
