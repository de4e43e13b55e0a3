/** A SELECT over an inner query's columns: windows, and facts joined by their keys. */
import type { Comparison, Expression, QueryTree, Window } from '../tree';
import { conjuncts } from '../tree-walk';
import { labelOf } from './labels';
import type { Renderer } from './renderer';

interface Outer {
  /** The inner column that already holds an expression. */
  lookup: (expression: Expression) => string | undefined;
  from: string;
  depth: number;
  where?: string;
  /** Order of rows for windows that name none. */
  order?: Expression;
}

export function renderOuter(renderer: Renderer, tree: QueryTree, outer: Outer): string {
  const line = `\n${'  '.repeat(outer.depth)}`;
  const write = (expression: Expression): string => writeExpression(renderer, expression, outer);
  const items = tree.show.map((item) => {
    const label = item.label ?? labelOf(item.expression) ?? (item.expression.kind === 'column' ? item.expression.column : undefined);
    const sql = write(item.expression);
    return `${sql}${label && sql !== renderer.dialect.identifier(label) ? ` AS ${renderer.dialect.identifier(label)}` : ''}`;
  });
  const where = [
    ...(outer.where ? [outer.where] : []),
    ...conjuncts(tree.having).flatMap((item) => (item.kind === 'compare' ? [compare(item, write)] : [])),
  ];
  let sql = `SELECT ${items.join(', ')}${line}FROM ${outer.from}`;
  if (where.length > 0) sql += `${line}WHERE ${where.join(' AND ')}`;
  if (tree.sort.length > 0)
    sql += `${line}ORDER BY ${tree.sort.map((item) => `${write(item.expression)} ${item.direction.toUpperCase()}`).join(', ')}`;
  if (tree.limit !== undefined) sql += `${line}LIMIT ${tree.limit}`;
  return sql;
}

const compare = (condition: Comparison, write: (expression: Expression) => string): string =>
  `${write(condition.left)} ${condition.operator} ${write(condition.right)}`;

function writeExpression(renderer: Renderer, expression: Expression, outer: Outer): string {
  const known = outer.lookup(expression);
  if (known) return known;
  const write = (part: Expression): string => writeExpression(renderer, part, outer);
  if (expression.kind === 'window') return writeWindow(renderer, expression, outer);
  if (expression.kind === 'arithmetic') {
    const part = (item: Expression) => (item.kind === 'arithmetic' && !outer.lookup(item) ? `(${write(item)})` : write(item));
    const [left, right] = [part(expression.left), part(expression.right)];
    return expression.operator === '/' ? renderer.dialect.divide(left, right) : `${left} ${expression.operator} ${right}`;
  }
  if (expression.kind === 'literal')
    return typeof expression.value === 'number' ? String(expression.value) : renderer.dialect.text(String(expression.value));
  if (expression.kind === 'scalar') return `(${renderer.query(expression.query, outer.depth + 1)})`;
  throw new Error(`the outer query has no column for a ${expression.kind}`);
}

function writeWindow(renderer: Renderer, window: Window, outer: Outer): string {
  const write = (part: Expression): string => writeExpression(renderer, part, outer);
  const value = write(window.of);
  const partition = window.within && window.within.length > 0 ? `PARTITION BY ${window.within.map(write).join(', ')}` : '';
  const sort = window.sort ?? (outer.order ? [{ expression: outer.order, direction: 'asc' as const }] : []);
  const order =
    sort.length > 0 ? `ORDER BY ${sort.map((item) => `${write(item.expression)} ${item.direction.toUpperCase()}`).join(', ')}` : '';
  const over = (...parts: string[]) => `OVER (${parts.filter(Boolean).join(' ')})`;
  const before =
    renderer.dialect.name === 'clickhouse'
      ? `lagInFrame(toNullable(${value})) ${over(partition, order, 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING')}`
      : `LAG(${value}) ${over(partition, order)}`;
  switch (window.fn) {
    case 'previous':
      return before;
    case 'change':
      return `${value} - ${before}`;
    case 'growth':
      return renderer.dialect.divide(`(${value} - ${before})`, before);
    case 'running':
      return `SUM(${value}) ${over(partition, order, 'ROWS UNBOUNDED PRECEDING')}`;
    case 'moving': {
      // Where there are fewer rows than asked for, an average of those would be of something else.
      const frame = over(partition, order, `ROWS BETWEEN ${window.size! - 1} PRECEDING AND CURRENT ROW`);
      return `CASE WHEN COUNT(*) ${frame} = ${window.size!} THEN ${window.isTotal ? 'SUM' : 'AVG'}(${value}) ${frame} END`;
    }
    case 'share':
      return renderer.dialect.divide(value, `SUM(${value}) ${over(partition)}`);
    case 'rank':
      return `ROW_NUMBER() ${over(partition, order)}`;
  }
}
