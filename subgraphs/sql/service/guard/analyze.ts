import { nearestName } from '#platform/errors';

import type { Catalog, CatalogTable, Dialect } from '../engine/catalog';
import { calendarNames, sessionNames } from './functions';
import type { Call, Expression, FromItem, Query, Select } from './ir';
import { expressionsOf, fromItems, partsOf } from './walk';

export type ProblemType =
  'syntax_error' | 'invalid_table' | 'invalid_column' | 'ambiguous_column' | 'missing_join_condition' | 'security_violation';

export interface Problem {
  readonly type: ProblemType;
  readonly message: string;
  readonly suggestion?: string;
  /** Offset in characters. */
  readonly at?: number;
}

export interface TableUse {
  readonly table: CatalogTable;
  readonly alias?: string;
  /** Written with its schema. */
  readonly qualified: boolean;
  readonly at?: number;
}

export interface Analysis {
  readonly tables: readonly TableUse[];
  /** `table.column` as the catalog spells them; each once. */
  readonly columns: readonly string[];
  readonly calls: readonly Call[];
  readonly tableFunctions: readonly Call[];
  readonly problems: readonly Problem[];
}

interface Relation {
  readonly alias: string;
  /** Absent where the columns cannot be known: a table function, a star over one. */
  readonly columns?: readonly string[];
  readonly table?: CatalogTable;
}

interface Scope {
  readonly relations: readonly Relation[];
  readonly outer?: Scope;
  readonly common: ReadonlyMap<string, readonly string[] | undefined>;
  /** Names that select items give, and lambda parameters: both may be used as columns. */
  readonly names: ReadonlySet<string>;
  readonly using: ReadonlySet<string>;
}

const lower = (text: string): string => text.toLowerCase();
// Only where a file holds one schema of a fixed name. Elsewhere the schema of a connection is the search path, and the same table name in
// another schema is another table.
const fixedSchema: Readonly<Partial<Record<Dialect, string>>> = { duckdb: 'main', sqlite: 'main' };

/**
 * Follows every name of a query to the table that it comes from, and notes what cannot be followed. Without a catalog every table is
 * taken for what it says.
 */
export function analyze(query: Query, catalog?: Catalog): Analysis {
  const analyzer = new Analyzer(catalog);
  analyzer.query(query, { relations: [], common: new Map(), names: new Set(), using: new Set() });
  return {
    tables: analyzer.tables,
    columns: [...analyzer.columns],
    calls: analyzer.calls,
    tableFunctions: analyzer.tableFunctions,
    problems: analyzer.problems,
  };
}

class Analyzer {
  readonly tables: TableUse[] = [];
  readonly columns = new Set<string>();
  readonly calls: Call[] = [];
  readonly tableFunctions: Call[] = [];
  readonly problems: Problem[] = [];
  private readonly byName = new Map<string, CatalogTable[]>();

  constructor(private readonly catalog?: Catalog) {
    for (const table of this.known) {
      const key = lower(table.name);
      this.byName.set(key, [...(this.byName.get(key) ?? []), table]);
    }
  }

  private get known(): readonly CatalogTable[] {
    return this.catalog?.tables ?? [];
  }

  /** The names of the query's columns, or undefined where they cannot be known. */
  query(query: Query, outer: Scope): readonly string[] | undefined {
    const common = new Map(outer.common);
    for (const { name, columns, query: inner } of query.with) {
      if (query.recursive) common.set(lower(name), columns.length > 0 ? columns : undefined);
      const found = this.query(inner, { ...outer, common });
      common.set(lower(name), columns.length > 0 ? columns : found);
    }
    const scope: Scope = { ...outer, common };
    if (query.body.kind === 'set') {
      const left = this.query(query.body.left, scope);
      this.query(query.body.right, scope);
      // ORDER BY over a set operation sees the columns of the first part only.
      const after: Scope = { ...scope, relations: [{ alias: '', columns: left }], names: new Set(left?.map(lower)), using: new Set() };
      for (const { expression } of query.order) this.expression(expression, after);
      for (const part of [query.limit, query.offset]) if (part) this.expression(part, after);
      return left;
    }
    return this.select(query.body, query, scope);
  }

  private select(select: Select, query: Query, outer: Scope): readonly string[] | undefined {
    const relations: Relation[] = [];
    const using = new Set<string>();
    this.from(select.from, { relations, using, outer });
    const names = new Set(select.items.flatMap(({ alias }) => (alias ? [lower(alias)] : [])));
    const scope: Scope = { relations, outer, common: outer.common, names, using };
    for (const expression of expressionsOf(select)) this.expression(expression, scope);
    for (const item of fromItems(select.from)) if (item.kind === 'join') this.joinCondition(item, scope);
    for (const { expression } of query.order) this.expression(expression, scope);
    for (const part of [query.limit, query.offset]) if (part) this.expression(part, scope);
    return outputNames(select, relations);
  }

  private joinCondition(item: Extract<FromItem, { kind: 'join' }>, scope: Scope): void {
    if (item.on) this.expression(item.on, scope);
    const needs = ['inner', 'left', 'right', 'full', 'semi', 'anti'].includes(item.type);
    if (needs && !item.on && item.using.length === 0 && !item.natural) {
      this.problems.push({
        type: 'missing_join_condition',
        message: 'a join has no condition',
        suggestion: 'add ON with the columns that belong together, or write CROSS JOIN',
        at: item.at,
      });
    }
  }

  private from(item: FromItem | undefined, into: { relations: Relation[]; using: Set<string>; outer: Scope }): void {
    if (!item) return;
    const { relations, using, outer } = into;
    switch (item.kind) {
      case 'join':
        this.from(item.left, into);
        this.from(item.right, into);
        for (const column of item.using) using.add(lower(column));
        if (item.natural) for (const column of relations.flatMap((relation) => relation.columns ?? [])) using.add(lower(column));
        return;
      case 'table':
        relations.push(this.table(item, outer));
        return;
      case 'subquery': {
        const found = this.query(
          item.query,
          item.lateral ? { ...outer, relations: [...relations], outer, names: new Set(), using } : outer,
        );
        relations.push({ alias: lower(item.alias ?? ''), columns: renamed(found, item.columns) });
        return;
      }
      case 'function':
        this.tableFunctions.push(item.call);
        for (const part of item.call.arguments)
          this.expression(part, { relations: [...relations], outer, common: outer.common, names: new Set(), using });
        relations.push({ alias: lower(item.alias ?? item.call.name), columns: undefined });
        return;
      default:
        for (const part of item.rows.flat()) this.expression(part, outer);
        relations.push({ alias: lower(item.alias ?? ''), columns: item.columns.length > 0 ? item.columns : undefined });
    }
  }

  private table(item: Extract<FromItem, { kind: 'table' }>, outer: Scope): Relation {
    const alias = lower(item.alias ?? item.name);
    if (!item.schema && !item.catalog && outer.common.has(lower(item.name))) {
      return { alias, columns: renamed(outer.common.get(lower(item.name)), item.columns) };
    }
    const table = this.find(item);
    if (!table && !this.catalog) {
      const unknown: CatalogTable = {
        name: item.name,
        ...(item.schema ? { schema: item.schema } : {}),
        columns: [],
        primaryKey: [],
        foreignKeys: [],
      };
      this.tables.push({ table: unknown, alias: item.alias, qualified: item.schema !== undefined, at: item.at });
      return { alias, columns: undefined };
    }
    if (!table) {
      const bare = item.schema && this.byName.has(lower(item.name));
      const shown = [item.catalog, item.schema, item.name].filter(Boolean).join('.');
      const near = nearestName(
        item.name,
        this.known.map(({ name }) => name),
      );
      this.problems.push({
        type: 'invalid_table',
        message: `there is no table ${shown}`,
        suggestion: bare ? `write ${item.name} without its schema` : near ? `did you mean ${near}` : `the tables are ${this.someTables()}`,
        at: item.at,
      });
      return { alias, columns: undefined };
    }
    this.tables.push({ table, alias: item.alias, qualified: item.schema !== undefined || item.catalog !== undefined, at: item.at });
    return {
      alias,
      columns: renamed(
        table.columns.map(({ name }) => name),
        item.columns,
      ),
      table,
    };
  }

  private find(item: Extract<FromItem, { kind: 'table' }>): CatalogTable | undefined {
    const candidates = this.byName.get(lower(item.name)) ?? [];
    if (item.catalog) return undefined;
    if (item.schema === undefined)
      return candidates.find(({ schema }) => schema === undefined) ?? (candidates.length === 1 ? candidates[0] : undefined);
    const schema = item.schema;
    return candidates.find((table) => lower(table.schema ?? fixedSchema[this.catalog?.dialect ?? 'duckdb'] ?? '') === lower(schema));
  }

  private someTables(): string {
    const names = this.known.map(({ name }) => name);
    return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
  }

  private expression(expression: Expression, scope: Scope): void {
    if (expression.kind === 'column') {
      this.column(expression, scope);
      return;
    }
    if (expression.kind === 'star') this.star(expression, scope);
    if (expression.kind === 'call') this.calls.push(expression);
    if (expression.kind === 'subquery')
      this.query(expression.query, { relations: [], outer: scope, common: scope.common, names: new Set(), using: new Set() });
    const inner =
      expression.kind === 'lambda' ? { ...scope, names: new Set([...scope.names, ...expression.parameters.map(lower)]) } : scope;
    for (const part of partsOf(expression)) this.expression(part, inner);
  }

  private star(star: Extract<Expression, { kind: 'star' }>, scope: Scope): void {
    for (const relation of scope.relations) {
      if (star.table !== undefined && lower(star.table) !== relation.alias) continue;
      for (const column of relation.table?.columns ?? []) this.columns.add(`${relation.table!.name}.${column.name}`);
    }
  }

  private column(column: Extract<Expression, { kind: 'column' }>, scope: Scope): void {
    const path = column.path.map(lower);
    for (let level: Scope | undefined = scope; level; level = level.outer) {
      const found = this.inScope(path, level);
      if (found === 'ambiguous') {
        const owners = level.relations
          .filter((relation) => relation.columns?.some((name) => lower(name) === path[0]))
          .map(({ alias }) => alias);
        this.problems.push({
          type: 'ambiguous_column',
          message: `${column.path[0]!} could be a column of ${owners.join(' or ')}`,
          suggestion: `write ${owners[0]!}.${column.path[0]!}`,
          at: column.at,
        });
        return;
      }
      if (found) return;
    }
    if (path.length === 1 && calendarNames.has(path[0]!)) return;
    if (path.length === 1 && sessionNames.has(path[0]!)) {
      this.problems.push({ type: 'security_violation', message: `${path[0]!} is not allowed`, at: column.at });
      return;
    }
    this.unknownColumn(column, scope);
  }

  private inScope(path: readonly string[], scope: Scope): boolean | 'ambiguous' {
    if (path.length > 1) {
      // `table.column`, `schema.table.column`, or a field of a structured column.
      const relation =
        scope.relations.find(({ alias }) => alias === path[0]) ?? scope.relations.find(({ alias }) => alias === path[path.length - 2]);
      if (relation) {
        const name = relation.alias === path[0] ? path[1]! : path[path.length - 1]!;
        if (!relation.columns) return true;
        return this.note(relation, name);
      }
    }
    const owners = scope.relations.filter((relation) => relation.columns?.some((column) => lower(column) === path[0]));
    if (owners.length > 1 && !scope.using.has(path[0]!)) return scope.names.has(path[0]!) ? true : 'ambiguous';
    if (owners.length > 0) return this.note(owners[0]!, path[0]!);
    if (scope.names.has(path[0]!)) return true;
    // A whole row, or a column of a relation whose columns are not known.
    return scope.relations.some(({ alias, columns }) => alias === path[0] || columns === undefined) && !sessionNames.has(path[0]!);
  }

  private note(relation: Relation, name: string): boolean {
    const found = relation.columns?.find((column) => lower(column) === name);
    if (found === undefined) return false;
    if (relation.table) this.columns.add(`${relation.table.name}.${found}`);
    return true;
  }

  private unknownColumn(column: Extract<Expression, { kind: 'column' }>, scope: Scope): void {
    const wanted = column.path[column.path.length - 1]!;
    const known: string[] = [];
    for (let level: Scope | undefined = scope; level; level = level.outer)
      known.push(...level.relations.flatMap((relation) => relation.columns ?? []));
    const near = nearestName(wanted, known);
    const elsewhere = this.known.find((table) => table.columns.some(({ name }) => lower(name) === lower(wanted)));
    const suggestion = near ? `did you mean ${near}` : elsewhere ? `${wanted} is a column of ${elsewhere.name}` : undefined;
    this.problems.push({ type: 'invalid_column', message: `there is no column ${column.path.join('.')} here`, suggestion, at: column.at });
  }
}

const renamed = (found: readonly string[] | undefined, names: readonly string[]): readonly string[] | undefined =>
  names.length === 0 ? found : found && found.length > names.length ? [...names, ...found.slice(names.length)] : names;

function outputNames(select: Select, relations: readonly Relation[]): readonly string[] | undefined {
  const names: string[] = [];
  for (const { expression, alias } of select.items) {
    if (alias) names.push(alias);
    else if (expression.kind === 'column') names.push(expression.path[expression.path.length - 1]!);
    else if (expression.kind === 'star') {
      for (const relation of relations) {
        if (expression.table !== undefined && lower(expression.table) !== relation.alias) continue;
        if (!relation.columns) return undefined;
        names.push(...relation.columns);
      }
    } else if (expression.kind === 'call') names.push(expression.name);
    else if (expression.kind === 'operator' && expression.name === 'columns') return undefined;
    // An expression without a name gets one from the engine, which nobody refers to.
  }
  return names;
}
