/**
 * "customers that have (never) ordered": a semi-join or anti-join through IN over a key, which multiplies no rows and needs no
 * correlation. NOT IN leaves out nulls, which would otherwise make it true for no row at all.
 */
import { joinTree } from '../schema/join-tree';
import type { SchemaEdge, SchemaTable } from '../schema/types';
import type { ColumnRef, ComparisonOperator, Has, QueryTree } from '../tree';
import { allOf } from '../tree-walk';
import { NotConnectedError } from './errors';
import type { Scope } from './renderer';

export function renderHas(scope: Scope, has: Has): string {
  const { schema } = scope.renderer;
  const [of, table] = [has.of, has.table].map((name) => {
    const found = schema.tableByName.get(name.toLowerCase());
    if (!found) throw new NotConnectedError([name]);
    return found;
  }) as [SchemaTable, SchemaTable];
  const link = namedStep(scope, { of, table, role: has.role }) ?? firstStep(scope, of, table);
  const { negated, count } = normalise(has);
  const keys = link.inner.map((column): ColumnRef => ({ kind: 'column', table: column.table.name, column: column.name }));
  const query: QueryTree = {
    show: keys.map((expression) => ({ expression })),
    sort: [],
    distinct: false,
    fanOut: 'plain',
    root: link.inner[0]!.table.name,
    through: link.inner[0]!.table === table ? [] : [table.name],
  };
  const notNull =
    negated && keys.length === 1 && link.inner[0]!.source.nullable !== false && !link.inner[0]!.isKey
      ? [{ kind: 'null' as const, of: keys[0]!, negated: true }]
      : [];
  const where = allOf([...(has.where ? [has.where] : []), ...notNull]);
  if (where) query.where = where;
  if (count) {
    query.per = keys;
    query.having = {
      kind: 'compare',
      operator: count.operator,
      left: { kind: 'aggregate', fn: 'count' },
      right: { kind: 'literal', value: count.value, type: 'number' },
    };
  }
  const left = link.outer.map((column) => scope.column(column.table.name, column.name));
  const inner = scope.renderer.query(query, scope.depth + 2);
  const test = `${left.length === 1 ? left[0]! : `(${left.join(', ')})`} ${negated ? 'NOT ' : ''}IN (${inner})`;
  // "orders without a campaign": a key that is missing leads nowhere, and NOT IN would be neither true nor false for it.
  const missing = negated && link.outer.length === 1 && !link.outer[0]!.isKey && (link.outer[0]!.source.nullCount ?? 0) > 0;
  return missing ? `(${left[0]!} IS NULL OR ${test})` : test;
}

/** The key that the condition names, where two tables have several. */
function namedStep(
  scope: Scope,
  { of, table, role }: { of: SchemaTable; table: SchemaTable; role: string | undefined },
): { outer: SchemaEdge['from']; inner: SchemaEdge['from'] } | undefined {
  if (!role) return undefined;
  const between = (edge: SchemaEdge) =>
    (edge.from[0]!.table === table && edge.to[0]!.table === of) || (edge.from[0]!.table === of && edge.to[0]!.table === table);
  const edge = scope.renderer.schema.edges.find(
    (item) => between(item) && (item.role.toLowerCase() === role.toLowerCase() || item.from[0]!.name.toLowerCase() === role.toLowerCase()),
  );
  if (!edge) return undefined;
  return edge.from[0]!.table === of ? { outer: edge.from, inner: edge.to } : { outer: edge.to, inner: edge.from };
}

/** The join that leads from `of` towards `table`: the key on each side of it. */
function firstStep(scope: Scope, of: SchemaTable, table: SchemaTable): { outer: SchemaEdge['from']; inner: SchemaEdge['from'] } {
  const tree = joinTree(scope.renderer.schema, [of.id, table.id], scope.renderer.options.edgeCost);
  const edge = tree?.edges.find((item) => item.from[0]!.table === of || item.to[0]!.table === of);
  if (!edge) throw new NotConnectedError([of.name, table.name]);
  return edge.from[0]!.table === of ? { outer: edge.from, inner: edge.to } : { outer: edge.to, inner: edge.from };
}

const opposite: Partial<Record<ComparisonOperator, ComparisonOperator>> = { '<': '>=', '<=': '>' };

/** Counts that include zero are the complement of those that do not: fewer than 2 is not 2 or more. */
function normalise(has: Has): { negated: boolean; count?: NonNullable<Has['count']> } {
  const negated = has.negated === true;
  const { count } = has;
  if (!count || (count.operator === '>=' && count.value === 1) || (count.operator === '>' && count.value === 0)) return { negated };
  if ((count.operator === '=' && count.value === 0) || (count.operator === '<' && count.value === 1)) return { negated: !negated };
  const turned = opposite[count.operator];
  return turned ? { negated: !negated, count: { operator: turned, value: count.value } } : { negated, count };
}
