/** Conditions that an entity carries by default hold unless the query itself speaks of the same column. */
import { resolveCondition } from '../semantic-model/expression/resolve';
import type { Schema } from './schema/types';
import type { Condition, QueryTree } from './tree';
import { allOf, columnsIn, conjuncts, walkQuery } from './tree-walk';

export function applyDefaultFilters(schema: Schema, tree: QueryTree): QueryTree {
  const filtered = schema.model.entities.filter((entity) => (entity.filters ?? []).length > 0);
  if (filtered.length === 0) return tree;
  const tables = new Set<string>([...(tree.root ? [tree.root.toLowerCase()] : []), ...tree.through.map((name) => name.toLowerCase())]);
  walkQuery(tree, {
    expression: (part) =>
      part.kind === 'column'
        ? tables.add(part.table.toLowerCase())
        : part.kind === 'aggregate' && part.rows
          ? tables.add(part.rows.toLowerCase())
          : undefined,
  });
  const spoken = new Set(
    conjuncts(tree.where)
      .flatMap(columnsIn)
      .map((column) => `${column.table}.${column.column}`.toLowerCase()),
  );
  const added: Condition[] = [];
  for (const entity of filtered) {
    if (!tables.has(entity.table.toLowerCase())) continue;
    for (const filter of entity.filters ?? []) {
      const condition = resolveCondition(filter, { catalog: schema.catalog, model: schema.model, table: entity.table });
      if (!columnsIn(condition).some((column) => spoken.has(`${column.table}.${column.column}`.toLowerCase()))) added.push(condition);
    }
  }
  if (added.length === 0) return tree;
  return { ...tree, where: allOf([...conjuncts(tree.where), ...added])! };
}
