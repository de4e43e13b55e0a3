import type { Condition, QueryTree } from '../engine';
import type { Schema, SchemaColumn } from '../engine/schema/types';

import { checkOperator, conditionOf } from './condition';
import type { Filter } from './types';
import { wholeDays } from './whole-days';

export interface FilteredTree {
  readonly tree: QueryTree;
  /** Fields that this source does not have; the filter says nothing about it. */
  readonly ignored: readonly string[];
}

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[\s_]+/g, ' ')
    .trim();

/** The column that a filter's field means: `table.column`, a column's name, or a dimension's. Columns of tables in the query come first. */
export function columnFor(schema: Schema, field: string, inQuery: ReadonlySet<string>): SchemaColumn | undefined {
  const [table, column] = field.includes('.') ? field.split('.', 2) : [undefined, field];
  const wanted = plain(column!);
  const fits = schema.columns.filter(
    (candidate) =>
      (table === undefined || plain(candidate.table.name) === plain(table)) &&
      (plain(candidate.name) === wanted || candidate.aliases.some(({ words }) => words.join(' ') === wanted)),
  );
  return fits.find(({ table: owner }) => inQuery.has(owner.name)) ?? fits[0];
}

/** Adds filters to a query before its aggregation: joins that they need are derived when the tree is rendered. */
export function filterTree(
  schema: Schema,
  tree: QueryTree,
  { filters, tables, now }: { filters: readonly Filter[]; tables: readonly string[]; now: Date },
): FilteredTree {
  const ignored: string[] = [];
  const conditions: Condition[] = [];
  for (const filter of filters) {
    const column = columnFor(schema, filter.field, new Set(tables));
    if (!column) {
      ignored.push(filter.field);
      continue;
    }
    checkOperator(filter, column.type);
    const target = { of: { kind: 'column' as const, table: column.table.name, column: column.name }, type: column.type, now };
    for (const part of column.type === 'timestamp' ? wholeDays(filter) : [filter]) conditions.push(conditionOf(part, target));
  }
  if (conditions.length === 0) return { tree, ignored };
  const where = [...(tree.where ? [tree.where] : []), ...conditions];
  const filtered: QueryTree = { ...tree, where: where.length === 1 ? where[0]! : { kind: 'and', conditions: where } };
  const set = tree.set ? { ...tree.set, right: filterTree(schema, tree.set.right, { filters, tables, now }).tree } : undefined;
  return { tree: set ? { ...filtered, set } : filtered, ignored };
}
