/**
 * Aggregates of several fact tables in one query (returns over orders): each fact is grouped on its own, and the groups are joined
 * by their keys afterwards, so that no fact multiplies another.
 */
import type { SchemaTable } from '../schema/types';
import type { Aggregate, Condition, Expression, QueryTree } from '../tree';
import { allOf, canonical, columnsIn, conjuncts, hasAggregate } from '../tree-walk';
import { groupKeys } from './group';
import { renderOuter } from './outer';
import type { Renderer } from './renderer';
import { factTables, homeOf, multiplies, safeTree, tablesOf } from './safe';

export interface Fact {
  name: string;
  tree: QueryTree;
  /** canonical aggregate → its column in the fact */
  columns: Map<string, string>;
}

/** Undefined where one SELECT is enough. */
export function splitByFact(renderer: Renderer, tree: QueryTree): Fact[] | undefined {
  const { schema } = renderer;
  const homes = factTables(schema, tree);
  if (homes.length < 2) return undefined;
  if (!homes.some((a) => homes.some((b) => a !== b && multiplies(schema, a, b)))) return undefined;
  const keys = groupKeys(tree);
  return homes.map((home, index) => {
    const columns = new Map<string, string>();
    const show: QueryTree['show'] = keys.map((expression, i) => ({ expression, label: `key_${i + 1}` }));
    for (const aggregate of allAggregates(tree)) {
      if (homeOf(schema, aggregate) !== home || columns.has(canonical(aggregate))) continue;
      const label = `value_${index + 1}_${columns.size + 1}`;
      columns.set(canonical(aggregate), label);
      show.push({ expression: aggregate, label });
    }
    const where = allOf(conjuncts(tree.where).filter((condition) => applies(renderer, condition, home)));
    const part: QueryTree = {
      show,
      ...(where ? { where } : {}),
      ...(tree.per ? { per: keys } : {}),
      sort: [],
      distinct: false,
      through: [],
      root: home.name,
      fanOut: 'safe',
    };
    return { name: `fact_${index + 1}`, tree: safeTree(renderer, part), columns };
  });
}

/** A filter on another fact's own table says nothing about this one. */
function applies(renderer: Renderer, condition: Condition, home: SchemaTable): boolean {
  if (condition.kind === 'has') {
    const of = renderer.schema.tableByName.get(condition.of.toLowerCase());
    return of === home || (of !== undefined && !multiplies(renderer.schema, home, of));
  }
  return tablesOf(renderer.schema, condition).every((table) => table === home || !multiplies(renderer.schema, home, table));
}

function allAggregates(tree: QueryTree): Aggregate[] {
  const found: Aggregate[] = [];
  const visit = (expression: Expression): void => {
    if (expression.kind === 'aggregate') found.push(expression);
    if (expression.kind === 'arithmetic') [expression.left, expression.right].forEach(visit);
  };
  for (const item of [...tree.show, ...tree.sort]) visit(item.expression);
  for (const condition of conjuncts(tree.having)) if (condition.kind === 'compare') [condition.left, condition.right].forEach(visit);
  return found;
}

export function renderSplit(renderer: Renderer, tree: QueryTree, facts: readonly Fact[], depth: number): string {
  const { dialect } = renderer;
  const pad = '  '.repeat(depth);
  const keys = groupKeys(tree);
  const parts = facts.map((fact) => `${dialect.identifier(fact.name)} AS (\n${pad}  ${renderer.select(fact.tree, depth + 1)}\n${pad})`);
  // Rows whose key is null are a group as well, and must find their own facts.
  const joined = (key: Expression, left: string, right: string): string =>
    mayBeNull(renderer, key) ? dialect.same(left, right) : `${left} = ${right}`;
  const keyNames = keys.map((_, i) => dialect.identifier(`key_${i + 1}`));
  let from = facts.map((fact) => dialect.identifier(fact.name)).join(' CROSS JOIN ');
  if (keys.length > 0) {
    parts.push(
      `all_keys AS (\n${pad}  ${facts.map((fact) => `SELECT ${keyNames.join(', ')} FROM ${fact.name}`).join(` UNION ${dialect.name === 'bigquery' || dialect.name === 'clickhouse' ? 'DISTINCT ' : ''}`)}\n${pad})`,
    );
    from = `all_keys${facts.map((fact) => `\n${pad}LEFT JOIN ${fact.name} ON ${keyNames.map((key, i) => joined(keys[i]!, `${fact.name}.${key}`, `all_keys.${key}`)).join(' AND ')}`).join('')}`;
  }
  const columnOf = new Map<string, string>(keys.map((key, i) => [canonical(key), `${keys.length > 0 ? 'all_keys.' : ''}${keyNames[i]!}`]));
  for (const fact of facts) for (const [key, column] of fact.columns) columnOf.set(key, `${fact.name}.${dialect.identifier(column)}`);
  // A group without rows of a counted fact has none of them, which is 0 and not unknown.
  const zero = (expression: Expression, sql: string) =>
    expression.kind === 'aggregate' && (expression.fn === 'count' || expression.fn === 'sum') && keys.length > 0
      ? `COALESCE(${sql}, 0)`
      : sql;
  const lookup = (expression: Expression) => {
    const column = columnOf.get(canonical(expression));
    return column && (hasAggregate(expression) ? zero(expression, column) : column);
  };
  return `WITH ${parts.join(`,\n${pad}`)}\n${pad}${renderOuter(renderer, tree, { lookup, from, depth })}`;
}

/** Unless the catalog says otherwise. */
const mayBeNull = ({ schema }: Renderer, key: Expression): boolean =>
  columnsIn(key).some(({ table, column }) => {
    const found = schema.tableByName.get(table.toLowerCase())?.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    return found?.source.nullable !== false && !found?.isKey;
  });
