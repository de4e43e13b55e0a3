/** Query tree → SQL of one dialect. Every piece of text is made here from nodes: nothing of the question is copied into SQL unescaped. */
import type { ColumnType, Dialect } from '../catalog';
import type { EdgeCost } from '../schema/join-tree';
import type { Schema } from '../schema/types';
import type { Condition, Expression, QueryTree } from '../tree';
import { hasAggregate, windowsIn } from '../tree-walk';
import { renderCondition } from './conditions';
import { sqlDialect } from './dialect';
import type { SqlDialect } from './sql-dialect';
import { renderExpression } from './expressions';
import { groupKeys } from './group';
import { hoistFilters } from './hoist';
import { edgeSides, FromClause, type Instance } from './joins';
import { labelOf } from './labels';
import { renderSplit, splitByFact } from './split';
import { renderWindowed } from './windowed';
import { safeTree } from './safe';

/** A condition on every scan of a table, by lower-case table name: row policies. */
export type Guards = ReadonlyMap<string, Condition>;

export interface RenderOptions {
  dialect?: Dialect;
  guards?: Guards;
  edgeCost?: EdgeCost;
}

export interface Rendered {
  sql: string;
  tables: string[];
  warnings: string[];
}

export function renderTree(schema: Schema, tree: QueryTree, options: RenderOptions = {}): Rendered {
  const renderer = new Renderer(schema, options);
  const sql = renderer.query(tree, 0);
  return { sql, tables: [...renderer.tables], warnings: [...renderer.warnings] };
}

export class Renderer {
  readonly dialect: SqlDialect;
  readonly tables = new Set<string>();
  readonly warnings = new Set<string>();

  constructor(
    readonly schema: Schema,
    readonly options: RenderOptions,
  ) {
    this.dialect = sqlDialect(options.dialect ?? schema.dialect);
  }

  /** A whole query; `depth` is the indentation of its clauses. */
  query(asked: QueryTree, depth: number): string {
    const tree = hoistFilters(asked);
    if (tree.set) return this.#setOperation(tree, depth);
    if (windowsIn(tree) || tree.topPer) return renderWindowed(this, tree, depth);
    const safe = tree.fanOut === 'safe' ? safeTree(this, tree) : tree;
    const facts = tree.fanOut === 'safe' ? splitByFact(this, safe) : undefined;
    if (facts) return renderSplit(this, safe, facts, depth);
    return this.select(safe, depth);
  }

  /** One SELECT without set operators or windows. */
  select(tree: QueryTree, depth: number): string {
    const from = new FromClause(this.schema, tree, this.options.edgeCost);
    const scope = new Scope(this, from, depth);
    const line = `\n${'  '.repeat(depth)}`;
    const items = tree.show.map((item) => {
      const sql = scope.expression(item.expression);
      const label = item.label ?? labelOf(item.expression);
      return label && item.expression.kind !== 'all' ? `${sql} AS ${this.dialect.identifier(label)}` : sql;
    });
    let sql = `SELECT ${tree.distinct ? 'DISTINCT ' : ''}${items.join(', ')}`;
    if (from.steps.length > 0) sql += `${line}FROM ${this.#from(from, scope, line)}`;
    if (tree.where) sql += `${line}WHERE ${scope.condition(tree.where)}`;
    const keys = groupKeys(tree);
    if (keys.length > 0) sql += `${line}GROUP BY ${keys.map((key) => scope.expression(key)).join(', ')}`;
    if (tree.having) sql += `${line}HAVING ${scope.condition(tree.having)}`;
    if (tree.sort.length > 0) sql += `${line}ORDER BY ${tree.sort.map((item) => this.#sortItem(tree, item, scope)).join(', ')}`;
    if (tree.limit !== undefined) sql += `${line}LIMIT ${Math.max(0, Math.trunc(tree.limit))}`;
    return sql;
  }

  #sortItem(tree: QueryTree, item: QueryTree['sort'][number], scope: Scope): string {
    const sql = scope.expression(item.expression);
    const nullsLast =
      item.direction === 'desc' && hasAggregate(item.expression) && ['postgresql', 'snowflake', 'trino'].includes(this.dialect.name);
    return `${sql} ${item.direction.toUpperCase()}${nullsLast ? ' NULLS LAST' : ''}`;
  }

  #from(from: FromClause, scope: Scope, line: string): string {
    return from.steps
      .map((step) => {
        const table = this.scan(step.instance);
        if (!step.edge) return table;
        const { own, other } = edgeSides(step);
        const on = own.map(
          (column, i) => `${scope.qualified(step.instance, column.name)} = ${scope.qualified(step.against!, other[i]!.name)}`,
        );
        return `${line}JOIN ${table} ON ${on.join(' AND ')}`;
      })
      .join('');
  }

  /** The only place where a table is named in FROM; a guarded table is always read through its guard. */
  scan(instance: Instance): string {
    const { table, alias } = instance;
    this.tables.add(table.name);
    const name = [table.source.schema, table.name]
      .filter((part) => part !== undefined)
      .map((part) => this.dialect.identifier(part))
      .join('.');
    const guard = this.options.guards?.get(table.name.toLowerCase());
    const as = this.dialect.identifier(alias);
    if (!guard) return alias === table.name ? name : `${name} AS ${as}`;
    return `(SELECT * FROM ${name} WHERE ${new GuardScope(this).condition(guard)}) AS ${as}`;
  }

  #setOperation(tree: QueryTree, depth: number): string {
    const { set, sort, limit, ...left } = tree;
    const line = `\n${'  '.repeat(depth)}`;
    const side = (part: QueryTree) =>
      part.limit === undefined && part.sort.length === 0 && !part.set
        ? this.query(part, depth)
        : `SELECT * FROM (${this.query(part, depth + 1)}) AS part`;
    const sql = `${side({ ...left, sort: [], fanOut: tree.fanOut })}${line}${set!.operator.toUpperCase()}${line}${side(set!.right)}`;
    if (sort.length === 0 && limit === undefined) return sql;
    const outer = sort.map((item) => {
      const position = tree.show.findIndex((shown) => JSON.stringify(shown.expression) === JSON.stringify(item.expression));
      return `${position < 0 ? 1 : position + 1} ${item.direction.toUpperCase()}`;
    });
    return `${sql}${outer.length > 0 ? `${line}ORDER BY ${outer.join(', ')}` : ''}${limit === undefined ? '' : `${line}LIMIT ${limit}`}`;
  }
}

/** Names of one SELECT. */
export class Scope {
  constructor(
    readonly renderer: Renderer,
    readonly from: FromClause,
    readonly depth: number,
  ) {}

  expression(expression: Expression): string {
    return renderExpression(this, expression);
  }

  condition(condition: Condition): string {
    return renderCondition(this, condition);
  }

  column(table: string, column: string, role?: string): string {
    const source = this.renderer.schema.tableByName.get(table.toLowerCase());
    const instance = source && this.from.instance(source, role);
    const name = source?.columns.find((item) => item.name.toLowerCase() === column.toLowerCase())?.name ?? column;
    return instance ? this.qualified(instance, name) : this.renderer.dialect.identifier(name);
  }

  qualified(instance: Instance, column: string): string {
    const name = this.renderer.dialect.identifier(column);
    return this.from.single ? name : `${this.renderer.dialect.identifier(instance.alias)}.${name}`;
  }

  typeOf(expression: Expression): ColumnType {
    if (expression.kind !== 'column')
      return expression.kind === 'aggregate' && expression.of && expression.fn !== 'count' ? this.typeOf(expression.of) : 'number';
    const table = this.renderer.schema.tableByName.get(expression.table.toLowerCase());
    return table?.columns.find((item) => item.name.toLowerCase() === expression.column.toLowerCase())?.type ?? 'other';
  }
}

/** Inside a guard only the guarded table's own columns exist. */
class GuardScope extends Scope {
  constructor(renderer: Renderer) {
    super(renderer, new FromClause(renderer.schema, { show: [], sort: [], distinct: false, through: [], fanOut: 'plain' }), 0);
  }
}
