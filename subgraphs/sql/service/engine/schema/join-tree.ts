/** The smallest tree of joins that connects some tables; edges that the question favours cost less. */
import type { Schema, SchemaEdge } from './types';

export interface JoinTree {
  /** Table ids, in the order of joining; the first is where the tree starts. */
  tables: number[];
  edges: SchemaEdge[];
  cost: number;
}

/** Extra cost of an edge, such as a penalty for a parallel join that the question did not name. */
export type EdgeCost = (edge: SchemaEdge) => number;

const tableOf = (side: SchemaEdge['from']) => side[0]!.table.id;
const memo = new WeakMap<Schema, Map<string, JoinTree | null>>();

/** Undefined when the tables are not connected. */
export function joinTree(schema: Schema, wanted: readonly number[], edgeCost?: EdgeCost): JoinTree | undefined {
  const terminals = [...new Set(wanted)];
  if (terminals.length === 0) return undefined;
  if (edgeCost) return build(schema, terminals, edgeCost);
  let trees = memo.get(schema);
  if (!trees) memo.set(schema, (trees = new Map()));
  const key = terminals.join(',');
  let tree = trees.get(key);
  if (tree === undefined) {
    tree = build(schema, terminals, () => 0) ?? null;
    if (trees.size > 20_000) trees.clear();
    trees.set(key, tree);
  }
  return tree ?? undefined;
}

/** Grows the tree by the nearest missing table (Takahashi and Matsuyama, 1980), once from each terminal, and keeps the cheapest. */
function build(schema: Schema, terminals: number[], edgeCost: EdgeCost): JoinTree | undefined {
  let best: JoinTree | undefined;
  const starts = terminals.length <= 2 ? terminals.slice(0, 1) : terminals;
  for (const start of starts) {
    const tree = grow(schema, start, terminals, edgeCost);
    if (tree && (!best || tree.cost < best.cost - 1e-9)) best = tree;
  }
  return best && reorder(best, terminals[0]!);
}

function grow(schema: Schema, start: number, terminals: readonly number[], edgeCost: EdgeCost): JoinTree | undefined {
  const inside = new Set([start]);
  const edges: SchemaEdge[] = [];
  let cost = 0;
  const missing = new Set(terminals.filter((id) => id !== start));
  while (missing.size > 0) {
    const path = nearest(schema, inside, missing, edgeCost);
    if (!path) return undefined;
    for (const edge of path.edges) {
      edges.push(edge);
      inside.add(tableOf(edge.from)).add(tableOf(edge.to));
    }
    for (const id of inside) missing.delete(id);
    cost += path.cost;
  }
  return { tables: [...inside], edges, cost };
}

function nearest(
  schema: Schema,
  inside: ReadonlySet<number>,
  targets: ReadonlySet<number>,
  edgeCost: EdgeCost,
): { edges: SchemaEdge[]; cost: number } | undefined {
  const distance = new Map<number, number>([...inside].map((id) => [id, 0]));
  const via = new Map<number, { edge: SchemaEdge; before: number }>();
  const done = new Set<number>();
  for (;;) {
    let current = -1;
    let least = Infinity;
    for (const [id, value] of distance) if (!done.has(id) && value < least) [current, least] = [id, value];
    if (current < 0) return undefined;
    if (targets.has(current)) return { edges: unwind(current, via), cost: least };
    done.add(current);
    for (const edge of adjacent(schema, current)) {
      const other = tableOf(edge.from) === current ? tableOf(edge.to) : tableOf(edge.from);
      if (other === current || inside.has(other)) continue;
      const next = least + edge.cost + edgeCost(edge) + (schema.tables[other]!.hidden ? 0.5 : 0);
      if (next < (distance.get(other) ?? Infinity)) {
        distance.set(other, next);
        via.set(other, { edge, before: current });
      }
    }
  }
}

function unwind(target: number, via: ReadonlyMap<number, { edge: SchemaEdge; before: number }>): SchemaEdge[] {
  const edges: SchemaEdge[] = [];
  for (let step = via.get(target); step; step = via.get(step.before)) edges.unshift(step.edge);
  return edges;
}

const adjacency = new WeakMap<Schema, SchemaEdge[][]>();
export function adjacent(schema: Schema, table: number): SchemaEdge[] {
  let lists = adjacency.get(schema);
  if (!lists) {
    lists = schema.tables.map(() => []);
    for (const edge of schema.edges) {
      lists[tableOf(edge.from)]!.push(edge);
      if (tableOf(edge.to) !== tableOf(edge.from)) lists[tableOf(edge.to)]!.push(edge);
    }
    adjacency.set(schema, lists);
  }
  return lists[table]!;
}

/** Joins are written from the first table outwards, each attached to a table that is already there. */
function reorder(tree: JoinTree, first: number): JoinTree {
  const start = tree.tables.includes(first) ? first : tree.tables[0]!;
  const tables = [start];
  const edges: SchemaEdge[] = [];
  const left = [...tree.edges];
  while (left.length > 0) {
    const index = left.findIndex((edge) => tables.includes(tableOf(edge.from)) || tables.includes(tableOf(edge.to)));
    if (index < 0) break;
    const [edge] = left.splice(index, 1);
    edges.push(edge!);
    for (const id of [tableOf(edge!.from), tableOf(edge!.to)]) if (!tables.includes(id)) tables.push(id);
  }
  return { tables, edges, cost: tree.cost };
}
