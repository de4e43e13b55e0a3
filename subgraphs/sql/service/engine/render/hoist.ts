import type { Condition, Expression, QueryTree } from '../tree';
import { aggregatesIn, allOf, canonical, conjuncts } from '../tree-walk';

/** A filter that every aggregate carries holds for the whole query, where the engine can use it better. */
export function hoistFilters(tree: QueryTree): QueryTree {
  const having = conjuncts(tree.having);
  if (having.some((condition) => condition.kind !== 'compare' && condition.kind !== 'between')) return tree;
  const sides = having.flatMap((condition) =>
    condition.kind === 'compare' ? [condition.left, condition.right] : condition.kind === 'between' ? [condition.of] : [],
  );
  const all = [...tree.show.map((item) => item.expression), ...tree.sort.map((item) => item.expression), ...sides].flatMap(aggregatesIn);
  const [first] = all;
  if (!first?.where || !all.every((item) => item.where && canonical(item.where) === canonical(first.where))) return tree;
  const where = allOf([...conjuncts(tree.where), first.where])!;
  return {
    ...tree,
    where,
    show: tree.show.map((item) => ({ ...item, expression: strip(item.expression) })),
    sort: tree.sort.map((item) => ({ ...item, expression: strip(item.expression) })),
    ...(tree.having ? { having: allOf(having.map(stripCondition))! } : {}),
  };
}

function strip(expression: Expression): Expression {
  if (expression.kind === 'aggregate') {
    const { where: _where, ...rest } = expression;
    return rest;
  }
  if (expression.kind === 'arithmetic') return { ...expression, left: strip(expression.left), right: strip(expression.right) };
  if (expression.kind === 'window')
    return {
      ...expression,
      of: strip(expression.of),
      ...(expression.sort ? { sort: expression.sort.map((item) => ({ ...item, expression: strip(item.expression) })) } : {}),
    };
  return expression;
}

function stripCondition(condition: Condition): Condition {
  if (condition.kind === 'compare') return { ...condition, left: strip(condition.left), right: strip(condition.right) };
  return condition.kind === 'between' ? { ...condition, of: strip(condition.of) } : condition;
}
