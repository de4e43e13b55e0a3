import type { Dialect } from '../engine';
import { sqlDialect } from '../engine/render/dialect';
import type { QueryColumn } from '../sandbox';

import { periodOf } from './period';
import type { Filter, FilterValue } from './types';

/**
 * Filters around a statement that a person wrote: `SELECT * FROM (…) AS filtered WHERE …`. Only columns of its result can be meant. The
 * values become literals of the dialect's own quoting, and the whole passes the guard like any statement.
 */
export function filterSql(sql: string, { filters, columns, dialect, now }: { filters: readonly Filter[]; columns: readonly QueryColumn[]; dialect: Dialect; now: Date }): { sql: string; ignored: readonly string[] } {
  const ignored: string[] = [];
  const writer = sqlDialect(dialect);
  const parts = filters.flatMap((filter) => {
    const name = filter.field.split('.').at(-1)!.toLowerCase();
    const column = columns.find((candidate) => candidate.name.toLowerCase() === name);
    if (!column) {
      ignored.push(filter.field);
      return [];
    }
    return [predicate(filter, { quoted: writer.identifier(column.name), numeric: column.kind === 'integer' || column.kind === 'number', now })];
  });
  if (parts.length === 0) return { sql, ignored };
  return { sql: `SELECT * FROM (${sql.trim().replace(/;\s*$/, '')}\n) AS filtered WHERE ${parts.join(' AND ')}`, ignored };
}

const text = (value: FilterValue): string => `'${String(value).replaceAll("'", "''")}'`;
const pattern = (value: FilterValue): string => String(value).replace(/[!%_]/g, '!$&');

function predicate({ operator, values }: Filter, { quoted, numeric, now }: { quoted: string; numeric: boolean; now: Date }): string {
  const literal = (value: FilterValue): string => (numeric && Number.isFinite(Number(value)) ? String(Number(value)) : text(value));
  const like = (before: string, after: string): string => `${quoted} LIKE ${text(`${before}${pattern(values[0]!)}${after}`)} ESCAPE '!'`;
  const first = values[0] === undefined ? '' : literal(values[0]);
  const compare: Partial<Record<typeof operator, string>> = { equals: '=', not_equals: '<>', greater_than: '>', greater_or_equal: '>=', less_than: '<', less_or_equal: '<=', before: '<', after: '>' };
  if (compare[operator]) return `${quoted} ${compare[operator]} ${first}`;
  switch (operator) {
    case 'in':
      return `${quoted} IN (${values.map(literal).join(', ')})`;
    case 'not_in':
      return `${quoted} NOT IN (${values.map(literal).join(', ')})`;
    case 'between':
      return `${quoted} BETWEEN ${first} AND ${literal(values[1]!)}`;
    case 'contains':
      return like('%', '%');
    case 'not_contains':
      return `NOT (${like('%', '%')})`;
    case 'starts_with':
      return like('', '%');
    case 'ends_with':
      return like('%', '');
    case 'is_null':
      return `${quoted} IS NULL`;
    case 'is_not_null':
      return `${quoted} IS NOT NULL`;
    case 'on': {
      const from = String(values[0]).slice(0, 10);
      return `${quoted} >= ${text(from)} AND ${quoted} < ${text(new Date(Date.parse(from) + 86_400_000).toISOString().slice(0, 10))}`;
    }
    default: {
      const { from, to } = periodOf(operator as 'last' | 'this' | 'previous', values, now);
      return `${quoted} >= ${text(from)} AND ${quoted} < ${text(to)}`;
    }
  }
}
