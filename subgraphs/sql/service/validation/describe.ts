import type { Call, Expression, Order, Query } from '../guard';

const verbs: Readonly<Record<string, string>> = {
  '=': 'is',
  '<>': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
  like: 'matches',
  'not like': 'does not match',
  ilike: 'matches (upper and lower case alike)',
  'not ilike': 'does not match (upper and lower case alike)',
  'is distinct from': 'differs from',
  'is not distinct from': 'is the same as',
};

const functions: Readonly<Record<string, string>> = {
  sum: 'the total of',
  avg: 'the average of',
  min: 'the smallest',
  max: 'the largest',
  median: 'the median of',
  stddev: 'the standard deviation of',
  stddev_samp: 'the standard deviation of',
  lower: 'lower-case',
  upper: 'upper-case',
  abs: 'the size of',
  round: 'rounded',
  length: 'the length of',
  year: 'the year of',
  month: 'the month of',
  day: 'the day of',
};

const windows: Readonly<Record<string, string>> = {
  row_number: 'the position',
  rank: 'the rank',
  dense_rank: 'the rank',
  lag: 'the previous value of',
  lead: 'the next value of',
  first_value: 'the first',
  last_value: 'the last',
  ntile: 'the share',
};

const quoted = (value: string): string => `“${value}”`;

/** An expression in words, as short as it can be without being wrong. */
export function describe(expression: Expression): string {
  switch (expression.kind) {
    case 'column':
      return expression.path.at(-1)!.replaceAll('_', ' ');
    case 'star':
      return expression.table === undefined ? 'all columns' : `all columns of ${expression.table}`;
    case 'constant':
      return expression.value === null
        ? 'nothing'
        : typeof expression.value === 'string'
          ? quoted(expression.value)
          : String(expression.value);
    case 'parameter':
      return `the given ${expression.name}`;
    case 'interval':
      return `${describe(expression.amount)} ${expression.unit}${expression.amount.kind === 'constant' && expression.amount.value === 1 ? '' : 's'}`;
    case 'word':
      return expression.word;
    case 'call':
      return call(expression);
    case 'operator':
      return operator(expression.name, expression.arguments);
    case 'case':
      return `${expression.branches.map(({ when, then }) => `${describe(then)} where ${describe(when)}`).join(', ')}${expression.otherwise ? `, else ${describe(expression.otherwise)}` : ''}`;
    case 'cast':
      return describe(expression.argument);
    case 'subquery':
      return subquery(expression);
    default:
      return describe(expression.body);
  }
}

function call(expression: Call): string {
  const base = plainCall(expression);
  const only = expression.filter ? ` where ${describe(expression.filter)}` : '';
  const { window } = expression;
  if (!window) return `${base}${only}`;
  const within = window.partition.length > 0 ? ` within each ${list(window.partition.map(describe))}` : '';
  const order = window.order.length > 0 ? `, in order of ${orders(window.order)}` : '';
  return `${base}${only}${within}${order}`;
}

function plainCall({ name, arguments: parts, star, distinct, window }: Call): string {
  const [first, second] = parts;
  if (name === 'count')
    return star || !first ? 'the number of rows' : `the number of ${distinct ? 'different ' : ''}${describe(first)} values`;
  if (window && windows[name]) return first ? `${windows[name]} ${describe(first)}` : windows[name];
  if ((name === 'date_trunc' || name === 'datetrunc') && first && second) return `the ${unit(first)} of ${describe(second)}`;
  if ((name === 'date_part' || name === 'extract') && first && second) return `the ${unit(first)} of ${describe(second)}`;
  if (name === 'coalesce' && first && parts.length === 2) return `${describe(first)} or, where there is none, ${describe(second!)}`;
  if (name === 'nullif' && first) return describe(first);
  if (['now', 'today', 'current_date', 'current_timestamp'].includes(name)) return 'now';
  if (/^to_(years|quarters|months|weeks|days|hours|minutes)$/.test(name) && first) return `${describe(stripped(first))} ${name.slice(3)}`;
  const word = functions[name];
  if (word && first) return `${word} ${distinct ? 'different ' : ''}${describe(first)}`;
  return parts.length === 0 ? name : `${name} of ${list(parts.map(describe))}`;
}

const stripped = (expression: Expression): Expression =>
  expression.kind === 'cast'
    ? stripped(expression.argument)
    : expression.kind === 'call' && expression.name === 'trunc' && expression.arguments[0]
      ? stripped(expression.arguments[0])
      : expression;

const unit = (expression: Expression): string =>
  (expression.kind === 'constant' ? String(expression.value) : describe(expression)).toLowerCase();

function operator(name: string, parts: readonly Expression[]): string {
  const [first, second, third] = parts.map((part) =>
    part.kind === 'operator' && (part.name === 'or' || (part.name === 'and' && name !== 'and')) ? `(${describe(part)})` : describe(part),
  );
  if (name === 'and' || name === 'or')
    return parts
      .map((part) => (part.kind === 'operator' && part.name === (name === 'and' ? 'or' : 'and') ? `(${describe(part)})` : describe(part)))
      .join(` ${name} `);
  if (name === 'not') return `not (${first})`;
  if (name === 'is null') return `${first} is empty`;
  if (name === 'is not null') return `${first} is not empty`;
  if (name === 'between') return `${first} is from ${second} to ${third}`;
  if (name === 'in') return `${first} is one of ${list(parts.slice(1).map(describe))}`;
  if (name === 'not in') return `${first} is none of ${list(parts.slice(1).map(describe))}`;
  if (verbs[name]) return `${first} ${verbs[name]} ${second}`;
  if (name === '/') return `${first} divided by ${second}`;
  if (name === '*') return `${first} times ${second}`;
  if (name === '+') return `${first} plus ${second}`;
  if (name === '-') return second === undefined ? `minus ${first}` : `${first} minus ${second}`;
  if (name === '||') return `${first} followed by ${second}`;
  return parts.map(describe).join(' ');
}

function subquery({ use, query, argument }: Extract<Expression, { kind: 'subquery' }>): string {
  const inner = summary(query);
  if (use === 'exists') return `there is ${inner}`;
  if (use === 'scalar') return inner;
  return `${argument ? describe(argument) : 'it'} is among ${inner}`;
}

/** A subquery in a few words. */
function summary({ body }: Query): string {
  if (body.kind === 'set') return 'the rows of a combined query';
  const what = list(body.items.map(({ expression }) => (expression.kind === 'constant' ? 'a row' : describe(expression))));
  const from = body.from?.kind === 'table' ? ` of ${body.from.name}` : '';
  return `${what}${from}${body.where ? ` where ${describe(body.where)}` : ''}`;
}

export const orders = (order: readonly Order[]): string =>
  list(order.map(({ expression, descending }) => `${describe(expression)}${descending ? ', largest first' : ''}`));

export const list = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
