import type { CatalogTable } from '../engine/catalog';
import { fromItems, visit, type Analysis, type Expression, type FromItem, type Select } from '../guard';

/** What stands in FROM, with the catalog's table where it is one. */
export interface Relation {
  readonly alias: string;
  readonly table?: CatalogTable;
  /** At most one row: an aggregate without groups, a row of values. */
  readonly single: boolean;
}

export interface Edge {
  readonly left: { readonly relation: Relation; readonly column: string };
  readonly right: { readonly relation: Relation; readonly column: string };
}

const lower = (text: string): string => text.toLowerCase();

export function relationsOf(select: Select, analysis: Analysis): Relation[] {
  const relations: Relation[] = [];
  for (const item of fromItems(select.from)) {
    if (item.kind === 'join') continue;
    relations.push({
      alias: lower(('alias' in item ? item.alias : undefined) ?? nameOf(item)),
      table: tableOf(item, analysis),
      single: isSingle(item),
    });
  }
  return relations;
}

const nameOf = (item: FromItem): string => (item.kind === 'table' ? item.name : item.kind === 'function' ? item.call.name : '');

const tableOf = (item: FromItem, { tables }: Analysis): CatalogTable | undefined =>
  item.kind === 'table' ? tables.find(({ table, at }) => lower(table.name) === lower(item.name) && at === item.at)?.table : undefined;

function isSingle(item: FromItem): boolean {
  // A function in FROM belongs to the row beside it, or makes a series on purpose.
  if (item.kind === 'function') return true;
  if (item.kind === 'values') return item.rows.length <= 1;
  if (item.kind !== 'subquery') return false;
  const { body, limit } = item.query;
  if (limit?.kind === 'constant' && limit.value === 1) return true;
  return (
    body.kind === 'select' &&
    body.group.length === 0 &&
    body.groupKind === undefined &&
    body.items.every(({ expression }) => hasAggregate(expression))
  );
}

const aggregates = new Set(
  'sum avg count min max median mode stddev stddev_pop stddev_samp variance var_pop var_samp string_agg group_concat array_agg any_value count_if countif sumif uniq uniqexact quantile percentile_cont approx_count_distinct list first last arg_max arg_min max_by min_by'.split(
    ' ',
  ),
);

export const isAggregate = (expression: Expression): boolean =>
  expression.kind === 'call' && expression.window === undefined && aggregates.has(expression.name);

export function hasAggregate(expression: Expression): boolean {
  let found = false;
  visit(expression, (part) => (found ||= isAggregate(part)));
  return found;
}

const conjuncts = (expression: Expression | undefined): readonly Expression[] =>
  expression === undefined
    ? []
    : expression.kind === 'operator' && expression.name === 'and'
      ? expression.arguments.flatMap(conjuncts)
      : [expression];

/** Pairs of columns of different relations that must be equal. */
export function edgesOf(select: Select, relations: readonly Relation[]): Edge[] {
  const edges: Edge[] = [];
  const joins = [...fromItems(select.from)].filter((item) => item.kind === 'join');
  const conditions = [...conjuncts(select.where), ...joins.flatMap(({ on }) => conjuncts(on))];
  for (const condition of conditions) {
    if (condition.kind !== 'operator' || condition.name !== '=') continue;
    const [left, right] = condition.arguments.map((side) => ownerOf(side, relations));
    if (left && right && left.relation !== right.relation) edges.push({ left, right });
  }
  for (const join of joins) {
    const sides = [join.left, join.right].map((side) => aliasesOf(side));
    for (const column of join.using) {
      const [left, right] = sides.map(
        (aliases) =>
          relations.find(({ alias, table }) => aliases.has(alias) && has(table, column)) ??
          relations.find(({ alias }) => aliases.has(alias)),
      );
      if (left && right) edges.push({ left: { relation: left, column: lower(column) }, right: { relation: right, column: lower(column) } });
    }
  }
  return edges;
}

const aliasesOf = (item: FromItem): ReadonlySet<string> =>
  new Set(
    [...fromItems(item)].flatMap((part) =>
      part.kind === 'join' ? [] : [lower(('alias' in part ? part.alias : undefined) ?? nameOf(part))],
    ),
  );

const has = (table: CatalogTable | undefined, column: string): boolean =>
  table?.columns.some(({ name }) => lower(name) === lower(column)) ?? false;

/** The relation and column that an expression is, casts and a truncation aside. */
export function ownerOf(expression: Expression, relations: readonly Relation[]): { relation: Relation; column: string } | undefined {
  if (expression.kind === 'cast') return ownerOf(expression.argument, relations);
  if (expression.kind !== 'column') return undefined;
  const column = lower(expression.path.at(-1)!);
  if (expression.path.length > 1) {
    const relation = relations.find(({ alias }) => alias === lower(expression.path.at(-2)!));
    return relation ? { relation, column } : undefined;
  }
  const owners = relations.filter(({ table }) => has(table, column));
  return owners.length === 1 ? { relation: owners[0]!, column } : undefined;
}

export function isUnique({ table }: Relation, column: string): boolean {
  if (!table) return false;
  if (table.primaryKey.length === 1 && lower(table.primaryKey[0]!) === column) return true;
  const known = table.columns.find(({ name }) => lower(name) === column);
  return (
    known?.distinctCount !== undefined && table.rowCount !== undefined && known.distinctCount === table.rowCount && known.nullCount === 0
  );
}

/** Relations whose rows a join repeats, with the one that repeats them. */
export function multiplied(relations: readonly Relation[], edges: readonly Edge[]): Map<Relation, Relation> {
  const result = new Map<Relation, Relation>();
  for (const start of relations) {
    const seen = new Set([start]);
    const queue = [start];
    for (let from = queue.shift(); from; from = queue.shift()) {
      for (const [near, far] of edges.flatMap(({ left, right }) => [[left, right] as const, [right, left] as const])) {
        if (near.relation !== from || seen.has(far.relation)) continue;
        seen.add(far.relation);
        queue.push(far.relation);
        // A subquery's rows per key are not known: only tables are blamed.
        if (far.relation.table && !isUnique(far.relation, far.column) && !result.has(start)) result.set(start, far.relation);
      }
    }
  }
  return result;
}
