import type { Comparison, Condition, Expression, Like, Literal, TimeRange } from '../tree';
import { renderHas } from './has';
import type { Scope } from './renderer';

export function renderCondition(scope: Scope, condition: Condition): string {
  switch (condition.kind) {
    case 'compare':
      return renderComparison(scope, condition);
    case 'between':
      return `${scope.expression(condition.of)} ${condition.negated ? 'NOT ' : ''}BETWEEN ${scope.expression(condition.low)} AND ${scope.expression(condition.high)}`;
    case 'in':
      return `${scope.expression(condition.of)} ${condition.negated ? 'NOT ' : ''}IN (${condition.values.map((value) => scope.expression(value)).join(', ')})`;
    case 'like':
      return renderLike(scope, condition);
    case 'null':
      return `${scope.expression(condition.of)} IS ${condition.negated ? 'NOT ' : ''}NULL`;
    case 'inQuery':
      return `${scope.expression(condition.of)} ${condition.negated ? 'NOT ' : ''}IN (${scope.renderer.query(condition.query, scope.depth + 2)})`;
    case 'has':
      return renderHas(scope, condition);
    case 'time':
      return renderTime(scope, condition);
    case 'not':
      return `NOT (${scope.condition(condition.condition)})`;
    case 'and':
    case 'or': {
      if (condition.conditions.length === 0) return scope.renderer.dialect.boolean(condition.kind === 'and');
      const parts = condition.conditions.map((item) =>
        (item.kind === 'or' && condition.kind === 'and') ||
        (item.kind === 'and' && condition.kind === 'or') ||
        (item.kind === 'time' && condition.kind === 'or')
          ? `(${scope.condition(item)})`
          : scope.condition(item),
      );
      return parts.join(condition.kind === 'and' ? ' AND ' : ' OR ');
    }
  }
}

function renderComparison(scope: Scope, { left, operator, right }: Comparison): string {
  const side = (expression: Expression, other: Expression) =>
    scope.expression(expression.kind === 'literal' ? typedLiteral(scope, expression, other) : expression);
  return `${side(left, right)} ${operator} ${side(right, left)}`;
}

/** A text literal beside a date column becomes a date of the dialect. */
function typedLiteral(scope: Scope, literal: Literal, beside: Expression): Literal {
  if (literal.type !== 'text' || typeof literal.value !== 'string' || beside.kind !== 'column' || !/^\d{4}-\d{2}-\d{2}/.test(literal.value))
    return literal;
  const type = scope.typeOf(beside);
  return type === 'date' || type === 'timestamp' ? { ...literal, type } : literal;
}

function renderLike(scope: Scope, like: Like): string {
  const escaped = like.text.replace(/[!%_]/g, '!$&');
  const pattern = `${like.match === 'starts' ? '' : '%'}${escaped}${like.match === 'ends' ? '' : '%'}`;
  const { dialect } = scope.renderer;
  return dialect.like(scope.expression(like.of), dialect.text(pattern), like.negated === true);
}

function renderTime(scope: Scope, range: TimeRange): string {
  const { dialect } = scope.renderer;
  const sql = scope.expression(range.of);
  const moment = (iso: string) =>
    scope.typeOf(range.of) === 'date' ? dialect.date(iso) : dialect.timestamp(iso.length === 10 ? `${iso}T00:00:00` : iso);
  const bounds = [...(range.from ? [`${sql} >= ${moment(range.from)}`] : []), ...(range.to ? [`${sql} < ${moment(range.to)}`] : [])].join(
    ' AND ',
  );
  return range.negated ? `NOT (${bounds})` : bounds;
}
