import type { Aggregate, Arithmetic, Expression, Literal, Scalar } from '../tree';
import type { Scope } from './renderer';

export function renderExpression(scope: Scope, expression: Expression): string {
  const { dialect } = scope.renderer;
  switch (expression.kind) {
    case 'column':
      return scope.column(expression.table, expression.column, expression.role);
    case 'all': {
      const table = expression.table && scope.renderer.schema.tableByName.get(expression.table.toLowerCase());
      const instance = table && scope.from.instance(table);
      return instance && !scope.from.single ? `${dialect.identifier(instance.alias)}.*` : '*';
    }
    case 'literal':
      return renderLiteral(scope, expression);
    case 'aggregate':
      return renderAggregate(scope, expression);
    case 'arithmetic':
      return renderArithmetic(scope, expression);
    case 'bucket':
      return dialect.bucket(scope.expression(expression.of), expression.grain, scope.typeOf(expression.of));
    case 'part':
      return expression.named && (expression.part === 'weekday' || expression.part === 'month')
        ? dialect.partName(scope.expression(expression.of), expression.part)
        : dialect.part(scope.expression(expression.of), expression.part);
    case 'scalar':
      return renderScalar(scope, expression);
    case 'case':
      return `CASE WHEN ${scope.condition(expression.when)} THEN ${scope.expression(expression.then)}${expression.otherwise ? ` ELSE ${scope.expression(expression.otherwise)}` : ''} END`;
    case 'window':
      throw new Error('a window is rendered over a sub-select, never inside a plain one');
  }
}

export function renderLiteral(scope: Scope, literal: Literal): string {
  const { dialect } = scope.renderer;
  const { value, type } = literal;
  if (value === null || type === 'null') return 'NULL';
  if (typeof value === 'boolean') return dialect.boolean(value);
  if (typeof value === 'number') return Number.isFinite(value) ? plainNumber(value) : 'NULL';
  if (type === 'date') return dialect.date(value);
  if (type === 'timestamp') return dialect.timestamp(value);
  return dialect.text(value);
}

/** Never in exponent form, which some engines read as a floating type of their own. */
const plainNumber = (value: number): string => (Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(0) : String(value));

function renderAggregate(scope: Scope, aggregate: Aggregate): string {
  const { dialect } = scope.renderer;
  const condition = aggregate.where && scope.condition(aggregate.where);
  if (!aggregate.of) return condition ? `COUNT(CASE WHEN ${condition} THEN 1 END)` : 'COUNT(*)';
  const inner = scope.expression(aggregate.of);
  const argument = condition ? `CASE WHEN ${condition} THEN ${inner} END` : inner;
  if (aggregate.fn === 'median' || aggregate.fn === 'quantile') {
    if (dialect.estimates) scope.renderer.warnings.add(dialect.estimates);
    return dialect.quantile(argument, aggregate.fraction ?? 0.5);
  }
  if (aggregate.fn === 'stddev') return dialect.deviation(argument);
  return `${aggregate.fn.toUpperCase()}(${aggregate.distinct ? 'DISTINCT ' : ''}${argument})`;
}

function renderArithmetic(scope: Scope, expression: Arithmetic): string {
  const part = (item: Expression): string => {
    const sql = scope.expression(item);
    return item.kind === 'arithmetic' || item.kind === 'case' ? `(${sql})` : sql;
  };
  const [left, right] = [part(expression.left), part(expression.right)];
  if (expression.operator !== '/') return `${left} ${expression.operator} ${right}`;
  if (expression.right.kind === 'literal') return `${left} / ${right}.0`.replace(/(\.\d+)\.0$/, '$1');
  return scope.renderer.dialect.divide(left, right);
}

function renderScalar(scope: Scope, scalar: Scalar): string {
  const sql = scope.renderer.query(scalar.query, scope.depth + 2);
  if (!scalar.perGroup) return `(${sql})`;
  const shown = scalar.query.show[scalar.query.show.length - 1]!;
  const label = scope.renderer.dialect.identifier('amount');
  const inner = scope.renderer.query(
    { ...scalar.query, show: [...scalar.query.show.slice(0, -1), { ...shown, label: 'amount' }] },
    scope.depth + 2,
  );
  const again =
    scalar.perGroup === 'quantile' || scalar.perGroup === 'median'
      ? scope.renderer.dialect.quantile(label, scalar.fraction ?? 0.5)
      : `${scalar.perGroup.toUpperCase()}(${label})`;
  return `(SELECT ${again} FROM (${inner}) AS per_group)`;
}
