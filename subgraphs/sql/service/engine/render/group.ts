import type { Expression, QueryTree } from '../tree';
import { canonical, hasAggregate } from '../tree-walk';

export const isAggregating = (tree: QueryTree): boolean =>
  tree.having !== undefined ||
  tree.show.some((item) => hasAggregate(item.expression)) ||
  tree.sort.some((item) => hasAggregate(item.expression));

/** GROUP BY is derived: `per`, then whatever is shown or sorted by beside an aggregate. */
export function groupKeys(tree: QueryTree): Expression[] {
  if (!isAggregating(tree) && (tree.per ?? []).length === 0) return [];
  const keys = new Map<string, Expression>();
  const add = (expression: Expression) => {
    if (expression.kind !== 'literal' && expression.kind !== 'scalar' && expression.kind !== 'all' && !hasAggregate(expression))
      keys.set(canonical(expression), expression);
  };
  for (const expression of tree.per ?? []) add(expression);
  for (const item of tree.show) add(item.expression);
  if (keys.size > 0) for (const item of tree.sort) add(item.expression);
  return [...keys.values()];
}
