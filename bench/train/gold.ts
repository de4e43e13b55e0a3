/** What a gold query consists of, in the words that the learned heads use: a label per sketch decision and the columns of each role. */
import { sketchLabels } from '../../subgraphs/sql/service/engine/heads/types';
import type { SketchHead } from '../../subgraphs/sql/service/engine/heads/types';
import type { Schema, SchemaColumn, SchemaTable } from '../../subgraphs/sql/service/engine/schema/types';
import { parseSql } from './sql-parser';
import type { Select, Sql } from './sql-parser';

export const columnRoles = ['select', 'aggregate', 'where', 'group', 'order'] as const;
export type ColumnRole = (typeof columnRoles)[number];
export const queryKinds = ['single table', 'join', 'group', 'nested', 'set operation'] as const;
export type QueryKind = (typeof queryKinds)[number];

export interface GoldSummary {
  sketch: Record<SketchHead, number>;
  roles: Record<ColumnRole, Set<number>>;
  /** Tables of the outer FROM (and of the set operand's). */
  from: Set<number>;
  /** Tables that only a nested query reads. */
  inner: Set<number>;
  kind: QueryKind;
  /** Comparable text of each part, for error analysis. */
  parts: Record<string, string>;
}

type Scope = Map<string, SchemaTable>;

const scopeOf = (schema: Schema, select: Select): Scope => {
  const scope: Scope = new Map();
  for (const source of select.from) {
    const table = source.table ? schema.tableByName.get(source.table.toLowerCase()) : undefined;
    if (table) scope.set(source.alias.toLowerCase(), table);
    if (source.query) for (const [alias, inner] of scopeOf(schema, source.query)) if (!scope.has(alias)) scope.set(alias, inner);
  }
  return scope;
};

const columnOf = (scope: Scope, expression: Sql): SchemaColumn | undefined => {
  if (expression.kind !== 'column') return undefined;
  const name = expression.name.toLowerCase();
  const tables = expression.table ? [scope.get(expression.table.toLowerCase())] : [...scope.values()];
  for (const table of tables) {
    const column = table?.columns.find((item) => item.name.toLowerCase() === name);
    if (column) return column;
  }
  return undefined;
};

const children = (expression: Sql): Sql[] => {
  switch (expression.kind) {
    case 'binary':
      return [expression.left, expression.right];
    case 'between':
      return [expression.of, expression.low, expression.high];
    case 'in':
      return [expression.of, ...expression.list];
    case 'not':
    case 'null':
      return [expression.of];
    case 'call':
      return expression.args;
    case 'case':
      return expression.parts;
    default:
      return [];
  }
};

const aggregates = new Set(['count', 'sum', 'avg', 'min', 'max']);
const callsIn = (expression: Sql): Extract<Sql, { kind: 'call' }>[] => {
  const own = expression.kind === 'call' && aggregates.has(expression.name) ? [expression] : [];
  return [...own, ...children(expression).flatMap(callsIn)];
};
const columnsIn = (scope: Scope, expression: Sql): SchemaColumn[] => {
  const own = columnOf(scope, expression);
  return [...(own ? [own] : []), ...children(expression).flatMap((child) => columnsIn(scope, child))];
};

const conjuncts = (expression: Sql | undefined): Sql[] =>
  expression === undefined
    ? []
    : expression.kind === 'binary' && (expression.operator === 'and' || expression.operator === 'or')
      ? [...conjuncts(expression.left), ...conjuncts(expression.right)]
      : [expression];
const hasOr = (expression: Sql | undefined): boolean =>
  expression?.kind === 'binary' &&
  (expression.operator === 'or' || (expression.operator === 'and' && (hasOr(expression.left) || hasOr(expression.right))));

const queryIn = (condition: Sql): Select | undefined => {
  if (condition.kind === 'exists') return condition.query;
  for (const child of children(condition)) if (child.kind === 'query') return child.query;
  return condition.kind === 'not' ? queryIn(condition.of) : undefined;
};

class Summary {
  readonly roles: Record<ColumnRole, Set<number>> = {
    select: new Set(),
    aggregate: new Set(),
    where: new Set(),
    group: new Set(),
    order: new Set(),
  };
  readonly from = new Set<number>();
  readonly inner = new Set<number>();
  nested: 'none' | 'never' | 'compare' | 'in' = 'none';
  conditions = 0;
  conditionTexts: string[] = [];

  constructor(private readonly schema: Schema) {}

  private add(role: ColumnRole, columns: readonly SchemaColumn[]): void {
    for (const column of columns) this.roles[role].add(column.id);
  }

  outer(select: Select, main: boolean): Scope {
    const scope = scopeOf(this.schema, select);
    for (const table of scope.values()) this.from.add(table.id);
    if (main) {
      for (const { expression } of select.items) this.value(scope, expression, 'select');
      for (const expression of select.group) this.add('group', columnsIn(scope, expression));
      for (const { expression } of select.order) this.value(scope, expression, 'order');
      for (const call of conjuncts(select.having).flatMap(callsIn))
        this.add(
          'aggregate',
          call.args.flatMap((argument) => columnsIn(scope, argument)),
        );
    }
    this.where(scope, select.where, main);
    for (const condition of conjuncts(select.having)) this.nestedIn(condition);
    for (const source of select.from) if (source.query) this.innerQuery(source.query);
    return scope;
  }

  private value(scope: Scope, expression: Sql, plain: 'select' | 'order'): void {
    if (expression.kind === 'call' && aggregates.has(expression.name)) {
      for (const argument of expression.args) this.add('aggregate', columnsIn(scope, argument));
      return;
    }
    const own = columnOf(scope, expression);
    if (own) this.add(plain, [own]);
    for (const child of children(expression)) this.value(scope, child, plain);
  }

  private where(scope: Scope, where: Sql | undefined, counted: boolean): void {
    for (const condition of conjuncts(where)) {
      if (this.nestedIn(condition)) {
        if (this.nested === 'compare')
          this.add(
            'where',
            children(condition).flatMap((child) => columnsIn(scope, child)),
          );
        continue;
      }
      const columns = columnsIn(scope, condition);
      // A join written in WHERE is no condition.
      if (condition.kind === 'binary' && condition.left.kind === 'column' && condition.right.kind === 'column' && columns.length === 2)
        continue;
      this.add('where', columns);
      if (counted) this.conditions += 1;
      this.conditionTexts.push(conditionText(scope, condition));
    }
  }

  private nestedIn(condition: Sql): boolean {
    const query = queryIn(condition);
    if (!query) return false;
    const negated =
      condition.kind === 'not' || (condition.kind === 'in' && condition.negated) || (condition.kind === 'exists' && condition.negated);
    this.nested = condition.kind === 'binary' || condition.kind === 'between' ? 'compare' : negated ? 'never' : 'in';
    this.innerQuery(query);
    return true;
  }

  private innerQuery(query: Select): void {
    const scope = scopeOf(this.schema, query);
    for (const table of scope.values()) this.inner.add(table.id);
    this.where(scope, query.where, false);
    if (query.set) this.innerQuery(query.set.right);
  }
}

const expressionText = (scope: Scope, expression: Sql): string => {
  const column = columnOf(scope, expression);
  if (column) return `c${column.id}`;
  if (expression.kind === 'star') return '*';
  if (expression.kind === 'literal') return String(expression.value).toLowerCase();
  if (expression.kind === 'column') return expression.name.toLowerCase();
  if (expression.kind === 'call')
    return `${expression.name}(${expression.distinct ? 'distinct ' : ''}${expression.name === 'count' && !expression.distinct ? '*' : expression.args.map((argument) => expressionText(scope, argument)).join(',')})`;
  return `${expression.kind}${expression.kind === 'binary' ? expression.operator : ''}(${children(expression)
    .map((child) => expressionText(scope, child))
    .join(',')})`;
};
const conditionText = expressionText;

const sortLabel = (scope: Scope, select: Select): (typeof sketchLabels)['sort'][number] => {
  const first = select.order[0];
  if (!first) return 'none';
  const alias =
    first.expression.kind === 'column'
      ? select.items.find((item) => item.alias?.toLowerCase() === (first.expression as { name: string }).name.toLowerCase())
      : undefined;
  const what = callsIn(alias?.expression ?? first.expression).length > 0 ? 'aggregate' : 'column';
  return `${what}${first.descending ? 'Desc' : 'Asc'}${select.limit === undefined ? '' : 'Top'}`;
};

export const summariseSql = (schema: Schema, sql: string): GoldSummary => {
  const select = parseSql(sql);
  const summary = new Summary(schema);
  const scope = summary.outer(select, true);
  if (select.set) summary.outer(select.set.right, false);
  const calls = select.items.flatMap((item) => callsIn(item.expression));
  const orderSelect = select.set && select.order.length === 0 ? { ...select.set.right, items: select.items } : select;
  const has = (name: string): number => (calls.some((call) => call.name === name) ? 1 : 0);
  const label = <Head extends SketchHead>(head: Head, value: (typeof sketchLabels)[Head][number]): number =>
    Math.max(0, (sketchLabels[head] as readonly string[]).indexOf(value));
  const yes = (flag: boolean): number => (flag ? 1 : 0);
  const sort = sortLabel(scope, orderSelect);
  const isCount = (distinct: boolean) => (call: (typeof calls)[number]) => call.name === 'count' && call.distinct === distinct;
  for (const id of summary.from) summary.inner.delete(id);
  const kind: QueryKind = select.set
    ? 'set operation'
    : summary.nested !== 'none' || select.from.some((source) => source.query)
      ? 'nested'
      : select.group.length > 0
        ? 'group'
        : select.from.length > 1
          ? 'join'
          : 'single table';
  const items = select.items.map((item) => expressionText(scope, item.expression)).sort();
  return {
    sketch: {
      set: label('set', select.set?.operator ?? 'none'),
      items: Math.min(3, select.items.length - 1),
      countRows: yes(calls.some(isCount(false))),
      countDistinct: yes(calls.some(isCount(true))),
      sum: has('sum'),
      avg: has('avg'),
      min: has('min'),
      max: has('max'),
      distinct: yes(select.distinct),
      star: yes(select.items.some((item) => item.expression.kind === 'star')),
      group: yes(select.group.length > 0),
      having: yes(select.having !== undefined),
      sort: label('sort', sort),
      conditions: Math.min(3, summary.conditions),
      or: yes(hasOr(select.where)),
      nested: label('nested', summary.nested),
    },
    roles: summary.roles,
    from: summary.from,
    inner: summary.inner,
    kind,
    parts: {
      show: items.join(' '),
      items: String(items.length),
      from: [...summary.from].sort((a, b) => a - b).join(' '),
      where: summary.conditionTexts.sort().join(' '),
      group: select.group
        .map((item) => expressionText(scope, item))
        .sort()
        .join(' '),
      having: select.having ? expressionText(scope, select.having) : '',
      sort: `${sort} ${orderSelect.order.map((item) => expressionText(scope, item.expression)).join(' ')} ${orderSelect.limit ?? ''}`,
      distinct: String(select.distinct),
      set: select.set?.operator ?? '',
      nested: summary.nested,
    },
  };
};
