/** Keeps joins from multiplying the rows of an aggregate: a filter on a "many" side becomes a semi-join, a count counts keys once. */
import { joinTree } from '../schema/join-tree';
import type { Schema, SchemaEdge, SchemaTable } from '../schema/types';
import type { Aggregate, Condition, Expression, QueryTree } from '../tree';
import { aggregatesIn, allOf, columnsIn, conjuncts } from '../tree-walk';
import { isAggregating } from './group';
import type { Renderer } from './renderer';

export function safeTree(renderer: Renderer, tree: QueryTree): QueryTree {
  const { schema } = renderer;
  if (!isAggregating(tree)) return safeListing(schema, tree);
  const homes = factTables(schema, tree);
  if (homes.length === 0) return tree;
  const home = homes[0]!;
  const kept: Condition[] = [];
  for (const condition of conjuncts(tree.where)) {
    const outside =
      condition.kind === 'has' ? [] : tablesOf(schema, condition).filter((table) => table !== home && multiplies(schema, home, table));
    const single = outside.length > 0 && tablesOf(schema, condition).every((table) => outside.includes(table));
    kept.push(
      single && !usedElsewhere(schema, tree, outside)
        ? { kind: 'has', of: home.name, table: outside[0]!.name, where: condition }
        : condition,
    );
  }
  const where = allOf(kept);
  const through = tree.through.filter((name) => {
    const table = schema.tableByName.get(name.toLowerCase());
    return !table || table === home || !multiplies(schema, home, table);
  });
  const dropped = tree.through.filter((name) => !through.includes(name));
  const semi: Condition[] = dropped.map((name) => ({ kind: 'has', of: home.name, table: name }));
  const next: QueryTree = { ...tree, through };
  const all = allOf([...(where ? [where] : []), ...semi]);
  if (all) next.where = all;
  else delete next.where;
  return homes.length === 1 ? countKeysOnce(renderer, next, home) : next;
}

/** A list of rows stays that list: what restricts it through a "many" side becomes one semi-join, so that no row comes twice. */
function safeListing(schema: Schema, tree: QueryTree): QueryTree {
  const home = tree.root && schema.tableByName.get(tree.root.toLowerCase());
  if (!home) return tree;
  const many = (part: Expression | Condition) => tablesOf(schema, part).filter((table) => multiplies(schema, home, table));
  if ([...tree.show, ...tree.sort].some((item) => many(item.expression).length > 0)) return tree;
  const kept: Condition[] = [];
  const inside: Condition[] = [];
  for (const condition of conjuncts(tree.where)) {
    const tables = condition.kind === 'has' ? [] : tablesOf(schema, condition);
    const moves = tables.length > 0 && tables.some((table) => multiplies(schema, home, table));
    if (!moves) kept.push(condition);
    else if (condition.kind === 'time' && condition.negated)
      kept.push({ kind: 'has', of: home.name, table: many(condition)[0]!.name, where: { ...condition, negated: false }, negated: true });
    else inside.push(condition);
  }
  if (inside.length === 0) return kept.length === conjuncts(tree.where).length && allOf(kept) ? { ...tree, where: allOf(kept)! } : tree;
  const [nearest] = inside
    .flatMap(many)
    .sort((a, b) => (joinTree(schema, [home.id, a.id])?.cost ?? 9) - (joinTree(schema, [home.id, b.id])?.cost ?? 9));
  // "have orders" says nothing more where the orders are described as well.
  const rest = kept.filter(
    (condition) =>
      !(
        condition.kind === 'has' &&
        !condition.negated &&
        !condition.where &&
        !condition.count &&
        onTheWay(schema, home, nearest!).has(condition.table.toLowerCase())
      ),
  );
  return { ...tree, where: allOf([...rest, { kind: 'has', of: home.name, table: nearest!.name, where: allOf(inside)! }])! };
}

const onTheWay = (schema: Schema, home: SchemaTable, table: SchemaTable): Set<string> =>
  new Set((joinTree(schema, [home.id, table.id])?.tables ?? []).map((id) => schema.tables[id]!.name.toLowerCase()));

/** The tables whose rows are added up, most used first. */
export function factTables(schema: Schema, tree: QueryTree): SchemaTable[] {
  const found: SchemaTable[] = [];
  const expressions = [...tree.show, ...tree.sort].map((item) => item.expression);
  const having = tree.having
    ? conjuncts(tree.having).flatMap((item) =>
        item.kind === 'compare' ? [item.left, item.right] : 'of' in item && typeof item.of === 'object' ? [item.of] : [],
      )
    : [];
  for (const aggregate of [...expressions, ...having].flatMap(aggregatesIn)) {
    const home = homeOf(schema, aggregate);
    if (home && !found.includes(home)) found.push(home);
  }
  return found;
}

/** The table whose rows one aggregate adds up: the "many" end of what its argument touches. */
export function homeOf(schema: Schema, aggregate: Aggregate): SchemaTable | undefined {
  if (!aggregate.of) return aggregate.rows ? schema.tableByName.get(aggregate.rows.toLowerCase()) : undefined;
  const tables = tablesOf(schema, aggregate.of);
  return tables.find((table) => tables.every((other) => other === table || !multiplies(schema, table, other))) ?? tables[0];
}

export const tablesOf = (schema: Schema, part: Expression | Condition): SchemaTable[] => [
  ...new Set(columnsIn(part).flatMap((column) => schema.tableByName.get(column.table.toLowerCase()) ?? [])),
];

/** Does joining `other` to `home` repeat rows of `home`? True if any join on the way goes from one to many. */
export function multiplies(schema: Schema, home: SchemaTable, other: SchemaTable): boolean {
  if (home === other) return false;
  const tree = joinTree(schema, [home.id, other.id]);
  if (!tree) return false;
  let current = home.id;
  const left = [...tree.edges];
  while (left.length > 0) {
    const index = left.findIndex((edge) => sideTable(edge.from) === current || sideTable(edge.to) === current);
    if (index < 0) return false;
    const [edge] = left.splice(index, 1);
    if (sideTable(edge!.to) === current && sideTable(edge!.from) !== current && !edge!.oneToOne) return true;
    current = sideTable(edge!.from) === current ? sideTable(edge!.to) : sideTable(edge!.from);
  }
  return false;
}

const sideTable = (side: SchemaEdge['from']) => side[0]!.table.id;

function usedElsewhere(schema: Schema, tree: QueryTree, tables: readonly SchemaTable[]): boolean {
  const shown = [...tree.show.map((item) => item.expression), ...tree.sort.map((item) => item.expression), ...(tree.per ?? [])];
  return shown.some((expression) => tablesOf(schema, expression).some((table) => tables.includes(table)));
}

/** Where a group key still multiplies rows, rows are counted by their key; a sum cannot be mended so, and is warned of. */
function countKeysOnce(renderer: Renderer, tree: QueryTree, home: SchemaTable): QueryTree {
  const { schema } = renderer;
  const touched = [...tree.show, ...tree.sort]
    .flatMap((item) => tablesOf(schema, item.expression))
    .concat(...(tree.per ?? []).map((item) => tablesOf(schema, item)), ...(tree.where ? [tablesOf(schema, tree.where)] : []));
  const via = touched.find((table) => multiplies(schema, home, table));
  if (!via) return tree;
  const key = home.primaryKey.length === 1 ? home.primaryKey[0]! : undefined;
  const fix = (expression: Expression): Expression => {
    if (expression.kind === 'arithmetic') return { ...expression, left: fix(expression.left), right: fix(expression.right) };
    if (expression.kind !== 'aggregate') return expression;
    if (!expression.of && key) return { ...expression, of: { kind: 'column', table: home.name, column: key.name }, distinct: true };
    if (expression.of && !expression.distinct && (expression.fn === 'sum' || expression.fn === 'avg')) {
      renderer.warnings.add(
        `One row of ${home.name} can belong to several rows of ${via.name}: its amounts are counted once for each of them, so the groups may add up to more than the total.`,
      );
    }
    return expression;
  };
  return {
    ...tree,
    show: tree.show.map((item) => ({ ...item, expression: fix(item.expression) })),
    sort: tree.sort.map((item) => ({ ...item, expression: fix(item.expression) })),
  };
}
