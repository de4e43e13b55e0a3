/** FROM: which tables a query needs and how they join. */
import { joinTree, type EdgeCost } from '../schema/join-tree';
import type { Schema, SchemaEdge, SchemaTable } from '../schema/types';
import type { Expression, QueryTree } from '../tree';
import { walkQuery } from '../tree-walk';
import { NotConnectedError } from './errors';

/** One use of a table; `role` tells several uses of the same table apart. */
export interface Instance {
  table: SchemaTable;
  role?: string;
  alias: string;
}

export interface JoinStep {
  instance: Instance;
  /** Absent for the first table. */
  edge?: SchemaEdge;
  /** The instance that the edge's other side belongs to. */
  against?: Instance;
}

const keyOf = (table: SchemaTable, role?: string) => (role ? `${table.id}:${role}` : `${table.id}`);

export class FromClause {
  readonly steps: JoinStep[] = [];
  readonly #byKey = new Map<string, Instance>();

  constructor(
    private readonly schema: Schema,
    tree: QueryTree,
    edgeCost?: EdgeCost,
  ) {
    const { plain, roles } = this.#wanted(tree);
    for (const { table, role } of roles) {
      const edge = this.#roleEdge(table, role);
      const parent = edge.from[0]!.table;
      if (!plain.includes(parent)) plain.push(parent);
    }
    if (plain.length === 0) return;
    const tables = joinTree(
      schema,
      plain.map((table) => table.id),
      edgeCost,
    );
    if (!tables) throw new NotConnectedError(plain.map((table) => table.name));
    this.#add(schema.tables[tables.tables[0]!]!);
    for (const edge of tables.edges) this.#attach(edge);
    for (const { table, role } of roles) this.#attachRole(table, role);
  }

  instance(table: SchemaTable, role?: string): Instance | undefined {
    return this.#byKey.get(keyOf(table, role)) ?? (role ? undefined : [...this.#byKey.values()].find((item) => item.table === table));
  }

  get single(): boolean {
    return this.steps.length <= 1;
  }

  #wanted(tree: QueryTree) {
    const plain: SchemaTable[] = [];
    const roles: { table: SchemaTable; role: string }[] = [];
    const need = (name: string, role?: string) => {
      const table = this.schema.tableByName.get(name.toLowerCase());
      if (!table) throw new NotConnectedError([name]);
      if (role) {
        if (!roles.some((item) => item.table === table && item.role === role)) roles.push({ table, role });
      } else if (!plain.includes(table)) plain.push(table);
    };
    if (tree.root) need(tree.root);
    const visit = (expression: Expression) => {
      if (expression.kind === 'column') need(expression.table, expression.role);
      else if (expression.kind === 'all' && expression.table) need(expression.table);
      else if (expression.kind === 'aggregate' && expression.rows) need(expression.rows);
    };
    walkQuery(tree, { expression: visit, condition: (condition) => condition.kind === 'has' && need(condition.of) });
    for (const name of tree.through) need(name);
    return { plain, roles };
  }

  #roleEdge(table: SchemaTable, role: string): SchemaEdge {
    const edge = this.schema.edges.find((item) => item.to[0]!.table === table && item.role.toLowerCase() === role.toLowerCase());
    if (!edge) throw new NotConnectedError([`${table.name} (${role})`]);
    return edge;
  }

  #add(table: SchemaTable, role?: string): Instance {
    const taken = new Set([...this.#byKey.values()].map((item) => item.alias.toLowerCase()));
    let alias = table.name;
    if (taken.has(alias.toLowerCase())) alias = `${role ?? table.name}_${table.name}`;
    while (taken.has(alias.toLowerCase())) alias += '_2';
    const instance: Instance = { table, alias, ...(role ? { role } : {}) };
    this.#byKey.set(keyOf(table, role), instance);
    if (this.steps.length === 0) this.steps.push({ instance });
    return instance;
  }

  #attach(edge: SchemaEdge): void {
    const [from, to] = [edge.from[0]!.table, edge.to[0]!.table];
    const known = this.#byKey.get(keyOf(from));
    const fresh = known ? to : from;
    if (this.#byKey.has(keyOf(fresh))) return;
    const against = known ?? this.#byKey.get(keyOf(to))!;
    this.steps.push({ instance: this.#add(fresh), edge, against });
  }

  #attachRole(table: SchemaTable, role: string): void {
    const edge = this.#roleEdge(table, role);
    const against = this.#byKey.get(keyOf(edge.from[0]!.table))!;
    this.steps.push({ instance: this.#add(table, role), edge, against });
  }
}

/** The columns of an edge on the side of `instance`, and those on the other side. */
export function edgeSides(step: JoinStep): { own: SchemaEdge['from']; other: SchemaEdge['from'] } {
  const edge = step.edge!;
  const ownIsFrom =
    edge.from[0]!.table === step.instance.table && !(edge.to[0]!.table === step.instance.table && step.instance.role === edge.role);
  return ownIsFrom ? { own: edge.from, other: edge.to } : { own: edge.to, other: edge.from };
}
