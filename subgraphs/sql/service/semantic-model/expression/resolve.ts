/** Formula text → expressions and conditions of the query tree, every name looked up. */
import { nearestName } from '#platform/errors';
import type { Catalog, CatalogTable } from '../../engine/catalog';
import {
  aggregateFunctions,
  type Aggregate,
  type AggregateFunction,
  type ColumnRef,
  type Condition,
  type Expression,
  type Literal,
} from '../../engine/tree';
import type { SemanticModel } from '../types';
import { ExpressionError } from './lexer';
import { parseExpression } from './parse';
import type { Syntax } from './syntax';

export interface NameSpace {
  catalog: Catalog;
  model: SemanticModel;
  /** The table that names without a table belong to. */
  table?: string;
  /** Values of `user.…`; without it such names are refused. */
  user?: Readonly<Record<string, unknown>>;
}

export function resolveExpression(source: string, space: NameSpace): Expression {
  return new Resolver(source, space).expression(parseExpression(source));
}

/** A metric's formula with its filters, or a measure's (`entity.measure`) with its usual aggregate. */
export function resolveMetric(name: string, space: Omit<NameSpace, 'table'>, aggregate?: AggregateFunction): Expression {
  const metric = space.model.metrics.find((item) => item.name === name);
  if (metric) {
    const filters = (metric.filters ?? []).map((filter) => resolveCondition(filter, space));
    return withFilters(resolveExpression(metric.expression, space), filters, metric.name);
  }
  const [entityName, measureName] = name.split('.');
  const entity = space.model.entities.find((item) => item.name === entityName);
  const measure = entity?.measures.find((item) => item.name === measureName);
  if (!entity || !measure) throw new ExpressionError(name, 0, `there is no metric "${name}"`);
  const of = resolveExpression(measure.expression, { ...space, table: entity.table });
  return of.kind === 'aggregate' ? of : { kind: 'aggregate', fn: aggregate ?? measure.aggregate ?? 'sum', of };
}

export function resolveCondition(source: string, space: NameSpace): Condition {
  return new Resolver(source, space).condition(parseExpression(source));
}

const MAX_DEPTH = 8;

class Resolver {
  constructor(
    private readonly source: string,
    private readonly space: NameSpace,
    private readonly depth = 0,
  ) {}

  expression(syntax: Syntax): Expression {
    switch (syntax.kind) {
      case 'number':
        return { kind: 'literal', value: syntax.value, type: 'number' };
      case 'text':
        return { kind: 'literal', value: syntax.value, type: 'text' };
      case 'constant':
        return { kind: 'literal', value: syntax.value, type: syntax.value === null ? 'null' : 'boolean' };
      case 'arithmetic':
        return { kind: 'arithmetic', operator: syntax.operator, left: this.expression(syntax.left), right: this.expression(syntax.right) };
      case 'call':
        return this.#aggregate(syntax);
      case 'name':
        return this.#name(syntax.path, syntax.at);
      default:
        return {
          kind: 'case',
          when: this.condition(syntax),
          then: { kind: 'literal', value: 1, type: 'number' },
          otherwise: { kind: 'literal', value: 0, type: 'number' },
        };
    }
  }

  condition(syntax: Syntax): Condition {
    switch (syntax.kind) {
      case 'compare': {
        const [left, right] = [this.expression(syntax.left), this.expression(syntax.right)];
        return { kind: 'compare', operator: syntax.operator, left, right };
      }
      case 'in':
        return {
          kind: 'in',
          of: this.expression(syntax.of),
          values: syntax.values.flatMap((value) => this.#listed(value)),
          ...(syntax.negated ? { negated: true } : {}),
        };
      case 'null':
        return { kind: 'null', of: this.expression(syntax.of), ...(syntax.negated ? { negated: true } : {}) };
      case 'like': {
        const [starts, ends] = [syntax.pattern.startsWith('%'), syntax.pattern.endsWith('%')];
        const text = syntax.pattern.replace(/^%|%$/g, '');
        return {
          kind: 'like',
          of: this.expression(syntax.of),
          match: starts ? (ends ? 'contains' : 'ends') : 'starts',
          text,
          ...(syntax.negated ? { negated: true } : {}),
        };
      }
      case 'and':
      case 'or':
        return { kind: syntax.kind, conditions: syntax.parts.map((part) => this.condition(part)) };
      case 'not':
        return { kind: 'not', condition: this.condition(syntax.part) };
      default: {
        const left = this.expression(syntax);
        return { kind: 'compare', operator: '=', left, right: { kind: 'literal', value: true, type: 'boolean' } };
      }
    }
  }

  #listed(value: Syntax): Literal[] {
    if (value.kind === 'name' && value.path.startsWith('user.')) {
      const found = this.#attribute(value.path, value.at);
      return (Array.isArray(found) ? found : [found]).map(literalOf);
    }
    const expression = this.expression(value);
    if (expression.kind !== 'literal') throw new ExpressionError(this.source, 0, 'a list holds values only');
    return [expression];
  }

  #aggregate(syntax: Extract<Syntax, { kind: 'call' }>): Aggregate {
    const distinct = syntax.distinct || syntax.fn === 'count_distinct';
    const fn = (
      syntax.fn === 'average' || syntax.fn === 'mean' ? 'avg' : syntax.fn === 'count_distinct' ? 'count' : syntax.fn
    ) as AggregateFunction;
    if (!aggregateFunctions.some((name) => name === fn)) {
      const near = nearestName(syntax.fn, aggregateFunctions);
      throw new ExpressionError(
        this.source,
        syntax.at,
        `there is no function "${syntax.fn}"${near ? `; did you mean "${near}"` : `; known are ${aggregateFunctions.join(', ')}`}`,
      );
    }
    const result: Aggregate = { kind: 'aggregate', fn };
    const rows = syntax.argument?.kind === 'name' && fn === 'count' ? this.#table(syntax.argument.path) : undefined;
    if (rows) result.rows = rows.name;
    else if (syntax.argument) result.of = this.expression(syntax.argument);
    else if (this.space.table) result.rows = this.space.table;
    if (distinct && result.of) result.distinct = true;
    if (syntax.where) result.where = this.condition(syntax.where);
    return result;
  }

  #name(path: string, at: number): Expression {
    if (path.startsWith('user.')) return literalOf(this.#attribute(path, at));
    const dot = path.lastIndexOf('.');
    const table = dot < 0 ? (this.space.table ? this.#table(this.space.table) : undefined) : this.#table(path.slice(0, dot));
    const name = path.slice(dot + 1);
    const column = table && this.#column(table, name);
    if (column) return column;
    const metric = dot < 0 ? this.space.model.metrics.find((item) => item.name.toLowerCase() === name.toLowerCase()) : undefined;
    if (metric)
      return withFilters(
        this.#nested(metric.expression, metric.name, undefined),
        (metric.filters ?? []).map((filter) => this.#filter(filter)),
        metric.name,
      );
    const entity = table && this.space.model.entities.find((item) => item.table.toLowerCase() === table.name.toLowerCase());
    const measure = entity?.measures.find((item) => item.name.toLowerCase() === name.toLowerCase());
    if (measure && table) return this.#nested(measure.expression, measure.name, table.name);
    throw new ExpressionError(this.source, at, this.#unknown(path, table, dot));
  }

  #nested(source: string, name: string, table: string | undefined): Expression {
    if (this.depth >= MAX_DEPTH) throw new ExpressionError(this.source, 0, `"${name}" is defined by itself`);
    const space: NameSpace = { ...this.space };
    if (table) space.table = table;
    else delete space.table;
    return new Resolver(source, space, this.depth + 1).expression(parseExpression(source));
  }

  #filter(source: string): Condition {
    const { table: _table, ...space } = this.space;
    return new Resolver(source, space, this.depth + 1).condition(parseExpression(source));
  }

  #unknown(path: string, table: CatalogTable | undefined, dot: number): string {
    const known = table
      ? table.columns.map((column) => (dot < 0 ? column.name : `${table.name}.${column.name}`))
      : dot < 0
        ? this.space.model.metrics.map((metric) => metric.name)
        : this.space.catalog.tables.map((item) => item.name);
    const near = nearestName(table || dot < 0 ? path : path.slice(0, dot), known);
    return `${table || dot < 0 ? `there is no "${path}"` : `there is no table "${path.slice(0, dot)}"`}${near ? `; did you mean "${near}"` : ''}`;
  }

  #table(name: string): CatalogTable | undefined {
    const lower = name.toLowerCase();
    const entity = this.space.model.entities.find((item) => item.name.toLowerCase() === lower);
    return (
      this.space.catalog.tables.find((table) => table.name.toLowerCase() === lower) ??
      this.space.catalog.tables.find((table) => table.name.toLowerCase() === entity?.table.toLowerCase())
    );
  }

  #column(table: CatalogTable, name: string): ColumnRef | undefined {
    const entity = this.space.model.entities.find((item) => item.table.toLowerCase() === table.name.toLowerCase());
    const dimension = entity?.dimensions.find((item) => item.name.toLowerCase() === name.toLowerCase());
    const column =
      table.columns.find((item) => item.name.toLowerCase() === name.toLowerCase()) ??
      table.columns.find((item) => item.name.toLowerCase() === dimension?.column.toLowerCase());
    return column && { kind: 'column', table: table.name, column: column.name };
  }

  #attribute(path: string, at: number): unknown {
    if (!this.space.user) throw new ExpressionError(this.source, at, '"user." may only be used in row policies');
    const value = this.space.user[path.slice(5)];
    if (value === undefined || value === null) throw new MissingAttributeError(path.slice(5));
    return value;
  }
}

/** A metric's filters hold inside each of its aggregates, so that they stay apart from the filters of other metrics beside it. */
export function withFilters(expression: Expression, filters: readonly Condition[], metric?: string): Expression {
  const named = <Node extends Aggregate | Expression>(node: Node): Node =>
    metric && (node.kind === 'aggregate' || node.kind === 'arithmetic') ? { ...node, metric } : node;
  if (expression.kind === 'arithmetic')
    return named({ ...expression, left: withFilters(expression.left, filters), right: withFilters(expression.right, filters) });
  if (expression.kind !== 'aggregate' || filters.length === 0) return named(expression);
  const where: Condition[] = [...(expression.where ? [expression.where] : []), ...filters];
  return named({ ...expression, where: where.length === 1 ? where[0]! : { kind: 'and', conditions: where } });
}

/** The caller lacks an attribute that a policy asks for: the policy then shows nothing. */
export class MissingAttributeError extends Error {
  constructor(readonly attribute: string) {
    super(`the caller has no attribute "${attribute}"`);
    this.name = 'MissingAttributeError';
  }
}

function literalOf(value: unknown): Literal {
  if (typeof value === 'number') return { kind: 'literal', value, type: 'number' };
  if (typeof value === 'boolean') return { kind: 'literal', value, type: 'boolean' };
  return { kind: 'literal', value: String(value), type: 'text' };
}
