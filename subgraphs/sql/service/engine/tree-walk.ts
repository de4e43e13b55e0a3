/** Visits and collects parts of a query tree. */
import type { Aggregate, ColumnRef, Condition, Expression, QueryTree } from './tree';

interface Visitor {
  expression?: (expression: Expression) => void;
  condition?: (condition: Condition) => void;
  /** Nested queries; the walk goes into them only when this returns true. */
  query?: (query: QueryTree) => boolean;
}

export function walkExpression(expression: Expression, visitor: Visitor): void {
  visitor.expression?.(expression);
  switch (expression.kind) {
    case 'aggregate':
      if (expression.of) walkExpression(expression.of, visitor);
      if (expression.where) walkCondition(expression.where, visitor);
      return;
    case 'arithmetic':
      walkExpression(expression.left, visitor);
      walkExpression(expression.right, visitor);
      return;
    case 'bucket':
    case 'part':
      return walkExpression(expression.of, visitor);
    case 'window':
      walkExpression(expression.of, visitor);
      for (const item of expression.within ?? []) walkExpression(item, visitor);
      for (const item of expression.sort ?? []) walkExpression(item.expression, visitor);
      return;
    case 'scalar':
      if (visitor.query?.(expression.query)) walkQuery(expression.query, visitor);
      return;
    case 'case':
      walkCondition(expression.when, visitor);
      walkExpression(expression.then, visitor);
      if (expression.otherwise) walkExpression(expression.otherwise, visitor);
      return;
    case 'column':
    case 'all':
    case 'literal':
  }
}

export function walkCondition(condition: Condition, visitor: Visitor): void {
  visitor.condition?.(condition);
  switch (condition.kind) {
    case 'compare':
      walkExpression(condition.left, visitor);
      return walkExpression(condition.right, visitor);
    case 'between':
    case 'in':
    case 'like':
    case 'null':
    case 'time':
      return walkExpression(condition.of, visitor);
    case 'inQuery':
      walkExpression(condition.of, visitor);
      if (visitor.query?.(condition.query)) walkQuery(condition.query, visitor);
      return;
    case 'and':
    case 'or':
      for (const item of condition.conditions) walkCondition(item, visitor);
      return;
    case 'not':
      return walkCondition(condition.condition, visitor);
    case 'has':
    // The inner condition belongs to the related table's own scan.
  }
}

/** Every clause of a query, without its set operand. */
export function walkQuery(tree: QueryTree, visitor: Visitor): void {
  for (const item of tree.show) walkExpression(item.expression, visitor);
  if (tree.where) walkCondition(tree.where, visitor);
  for (const item of tree.per ?? []) walkExpression(item, visitor);
  if (tree.having) walkCondition(tree.having, visitor);
  for (const item of tree.sort) walkExpression(item.expression, visitor);
  for (const item of tree.topPer?.by ?? []) walkExpression(item, visitor);
}

export function aggregatesIn(expression: Expression): Aggregate[] {
  const found: Aggregate[] = [];
  walkExpression(expression, { expression: (part) => part.kind === 'aggregate' && found.push(part) });
  return found;
}

export const hasAggregate = (expression: Expression): boolean => aggregatesIn(expression).length > 0;

export function columnsIn(part: Expression | Condition): ColumnRef[] {
  const found: ColumnRef[] = [];
  const visitor: Visitor = { expression: (item) => item.kind === 'column' && found.push(item) };
  if (isCondition(part)) walkCondition(part, visitor);
  else walkExpression(part, visitor);
  return found;
}

const conditionKinds = new Set(['compare', 'between', 'in', 'like', 'null', 'inQuery', 'has', 'time', 'and', 'or', 'not']);
export const isCondition = (part: Expression | Condition): part is Condition => conditionKinds.has(part.kind);

export function windowsIn(tree: QueryTree): boolean {
  let found = false;
  walkQuery(tree, { expression: (part) => part.kind === 'window' && (found = true) });
  return found;
}

/** The top-level conditions that must all hold. */
export const conjuncts = (condition: Condition | undefined): Condition[] =>
  condition === undefined ? [] : condition.kind === 'and' ? condition.conditions.flatMap(conjuncts) : [condition];

export const allOf = (conditions: readonly Condition[]): Condition | undefined =>
  conditions.length === 0 ? undefined : conditions.length === 1 ? conditions[0] : { kind: 'and', conditions: [...conditions] };

/** Equal in meaning as written: provenance and scores are ignored. */
export function sameNode(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

export const canonical = (node: unknown): string =>
  JSON.stringify(node, (key, value: unknown) =>
    key === 'tokens' || key === 'logp' || key === 'label' || key === 'metric' || key === 'phrase' ? undefined : value,
  );
