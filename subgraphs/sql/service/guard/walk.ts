import type { Expression, FromItem, Order, Query, Select, Window } from './ir';

const ordered = (orders: readonly Order[]): Expression[] => orders.map(({ expression }) => expression);

const ofWindow = (window: Window | undefined): Expression[] =>
  window
    ? [
        ...window.partition,
        ...ordered(window.order),
        ...[window.frame?.start.offset, window.frame?.end.offset].filter((offset) => offset !== undefined),
      ]
    : [];

/** The direct parts of an expression; subqueries are reached by `subqueryOf`. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'call':
      return [
        ...expression.arguments,
        ...(expression.settings ?? []),
        ...ordered(expression.order ?? []),
        ...ordered(expression.within ?? []),
        ...(expression.filter ? [expression.filter] : []),
        ...ofWindow(expression.window),
      ];
    case 'operator':
      return expression.arguments;
    case 'case':
      return [...expression.branches.flatMap(({ when, then }) => [when, then]), ...(expression.otherwise ? [expression.otherwise] : [])];
    case 'cast':
      return [expression.argument];
    case 'interval':
      return [expression.amount];
    case 'subquery':
      return expression.argument ? [expression.argument] : [];
    case 'lambda':
      return [expression.body];
    default:
      return [];
  }
}

/** Every expression of a select that is not inside a subquery, outermost first. */
export function expressionsOf(select: Select): readonly Expression[] {
  return [
    ...select.distinctOn,
    ...select.items.map(({ expression }) => expression),
    ...(select.where ? [select.where] : []),
    ...select.group,
    ...(select.having ? [select.having] : []),
    ...(select.qualify ? [select.qualify] : []),
  ];
}

export function visit(expression: Expression, seen: (part: Expression) => void): void {
  seen(expression);
  for (const part of partsOf(expression)) visit(part, seen);
}

/** The tables, subqueries, functions and joins of a FROM clause, left to right; a join comes before its sides. */
export function* fromItems(item: FromItem | undefined): Generator<FromItem> {
  if (!item) return;
  yield item;
  if (item.kind !== 'join') return;
  yield* fromItems(item.left);
  yield* fromItems(item.right);
}

/** Every query inside, itself first. */
export function* queriesOf(query: Query): Generator<Query> {
  yield query;
  for (const common of query.with) yield* queriesOf(common.query);
  const inside = [...ordered(query.order), ...(query.limit ? [query.limit] : []), ...(query.offset ? [query.offset] : [])];
  if (query.body.kind === 'set') {
    yield* queriesOf(query.body.left);
    yield* queriesOf(query.body.right);
  } else {
    inside.push(...expressionsOf(query.body));
    for (const item of fromItems(query.body.from)) {
      if (item.kind === 'subquery') yield* queriesOf(item.query);
      if (item.kind === 'function') inside.push(item.call);
      if (item.kind === 'values') inside.push(...item.rows.flat());
      if (item.kind === 'join' && item.on) inside.push(item.on);
    }
  }
  const nested: Query[] = [];
  for (const expression of inside) visit(expression, (part) => part.kind === 'subquery' && nested.push(part.query));
  for (const sub of nested) yield* queriesOf(sub);
}

/** Every expression of one query, without those of queries inside it. */
export function* ownExpressions(query: Query): Generator<Expression> {
  const roots: Expression[] = [...ordered(query.order), ...(query.limit ? [query.limit] : []), ...(query.offset ? [query.offset] : [])];
  if (query.body.kind === 'select') {
    roots.push(...expressionsOf(query.body));
    for (const item of fromItems(query.body.from)) {
      if (item.kind === 'function') roots.push(item.call);
      if (item.kind === 'values') roots.push(...item.rows.flat());
      if (item.kind === 'join' && item.on) roots.push(item.on);
    }
  }
  const all: Expression[] = [];
  for (const root of roots) visit(root, (part) => void all.push(part));
  yield* all;
}
