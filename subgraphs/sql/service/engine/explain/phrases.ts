/** Expressions and conditions in plain English. */
import { singular } from '../../semantic-model/draft';
import { months } from '../lexicon/en/calendar';
import { splitName } from '../text/names';
import type { Aggregate, Condition, Expression, Literal, TimeRange } from '../tree';

export const spoken = (name: string): string => splitName(name).join(' ');

/** Says nothing without its table. */
const generic = /^(id|name|title|code|date|label|type|description|number)$/i;

const functions: Record<Aggregate['fn'], string> = {
  count: 'number',
  sum: 'total',
  avg: 'average',
  min: 'lowest',
  max: 'highest',
  median: 'median',
  stddev: 'standard deviation',
  quantile: 'percentile',
};
const windows = {
  previous: 'of the period before',
  growth: 'growth over the period before',
  change: 'change from the period before',
  running: 'running total',
  moving: 'moving average',
  share: 'share of the total',
  rank: 'rank',
} as const;

export function say(expression: Expression): string {
  switch (expression.kind) {
    case 'column':
      return `${expression.role ? `${spoken(expression.role)} ` : generic.test(expression.column) ? `${singular(spoken(expression.table))} ` : ''}${spoken(expression.column)}`;
    case 'all':
      return 'all columns';
    case 'literal':
      return sayLiteral(expression);
    case 'aggregate': {
      const where = expression.where ? ` where ${sayCondition(expression.where)}` : '';
      if (expression.metric) return spoken(expression.metric);
      if (!expression.of) return `number of ${expression.rows ? spoken(expression.rows) : 'rows'}${where}`;
      if (expression.fraction !== undefined) return `${sayQuantile(expression.fraction)} of ${say(expression.of)}${where}`;
      return `${expression.fn === 'count' ? `number of${expression.distinct ? ' different' : ''}` : functions[expression.fn]} ${say(expression.of)}${where}`;
    }
    case 'arithmetic':
      return expression.metric
        ? spoken(expression.metric)
        : `${say(expression.left)} ${{ '+': 'plus', '-': 'minus', '*': 'times', '/': 'divided by' }[expression.operator]} ${say(expression.right)}`;
    case 'bucket':
      return `${expression.grain} of ${say(expression.of)}`;
    case 'part':
      return `${expression.part} of ${say(expression.of)}`;
    case 'window':
      if (expression.fn === 'moving')
        return `moving ${expression.isTotal ? 'total' : 'average'} of ${say(expression.of)} over ${expression.size} rows`;
      return expression.fn === 'previous'
        ? `${say(expression.of)} ${windows.previous}`
        : `${windows[expression.fn]} of ${say(expression.of)}`;
    case 'scalar':
      return expression.perGroup
        ? expression.fraction === undefined
          ? `the ${functions[expression.perGroup]} of it over all`
          : `${sayQuantile(expression.fraction)} of ${say(expression.query.show[1]!.expression)} of each ${say(expression.query.show[0]!.expression)}${expression.query.where ? ` where ${sayCondition(expression.query.where)}` : ''}`
        : `the ${say(expression.query.show[0]!.expression)}${expression.query.where ? ` where ${sayCondition(expression.query.where)}` : ''}`;
    case 'case':
      return `${say(expression.then)} where ${sayCondition(expression.when)}`;
  }
}

const sayQuantile = (fraction: number): string =>
  fraction === 0.5 ? 'the median' : `the value that ${Math.round(fraction * 1e6) / 1e4} % stay below,`;

const sayLiteral = (literal: Literal): string =>
  literal.value === null ? 'nothing' : typeof literal.value === 'string' ? `“${literal.value}”` : String(literal.value);

const operators = { '=': 'is', '!=': 'is not', '<': 'is less than', '<=': 'is at most', '>': 'is more than', '>=': 'is at least' } as const;
const matches = {
  contains: ['contains', 'does not contain'],
  starts: ['starts with', 'does not start with'],
  ends: ['ends with', 'does not end with'],
} as const;

export function sayCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'compare':
      return `${say(condition.left)} ${operators[condition.operator]} ${say(condition.right)}`;
    case 'between':
      return `${say(condition.of)} is ${condition.negated ? 'not ' : ''}between ${say(condition.low)} and ${say(condition.high)}`;
    case 'in':
      return `${say(condition.of)} is ${condition.negated ? 'none' : 'one'} of ${condition.values.map(say).join(', ')}`;
    case 'like':
      return `${say(condition.of)} ${matches[condition.match][condition.negated ? 1 : 0]} “${condition.text}”`;
    case 'null':
      return `${say(condition.of)} is ${condition.negated ? 'known' : 'missing'}`;
    case 'inQuery':
      return `${say(condition.of)} is ${condition.negated ? 'not ' : ''}among ${say(condition.query.show[0]!.expression)}${condition.query.where ? ` where ${sayCondition(condition.query.where)}` : ''}`;
    case 'has': {
      const where = condition.where ? ` where ${sayCondition(condition.where)}` : '';
      if (condition.count)
        return `${condition.negated ? 'not ' : ''}${{ '=': 'exactly', '!=': 'not', '<': 'fewer than', '<=': 'at most', '>': 'more than', '>=': 'at least' }[condition.count.operator]} ${condition.count.value} ${spoken(condition.table)}${where}`;
      return `${condition.negated ? 'without' : 'with'} ${spoken(condition.table)}${where}`;
    }
    case 'time':
      return sayTime(condition);
    case 'and':
    case 'or':
      return condition.conditions.map(sayCondition).join(` ${condition.kind} `);
    case 'not':
      return `not (${sayCondition(condition.condition)})`;
  }
}

/** "2024", "March 2024", "the first quarter of 2024", "2024-03-05"; undefined where the span is no single one of them. */
function wholePeriod(from: string, to: string): string | undefined {
  const [start, end] = [from, to].map((iso) => (/^\d{4}-\d{2}-\d{2}([T ]00:00:00)?$/.test(iso) ? iso.slice(0, 10) : undefined));
  if (!start || !end) return undefined;
  const [year, month, day] = start.split('-').map(Number) as [number, number, number];
  const runsUntil = (nextYear: number, nextMonth: number, nextDay: number): boolean =>
    new Date(Date.UTC(nextYear, nextMonth - 1, nextDay)).toISOString().slice(0, 10) === end;
  if (month === 1 && day === 1 && runsUntil(year + 1, 1, 1)) return String(year);
  if (day === 1 && month % 3 === 1 && runsUntil(year, month + 3, 1))
    return `the ${['first', 'second', 'third', 'fourth'][(month - 1) / 3]!} quarter of ${year}`;
  if (day === 1 && runsUntil(year, month + 1, 1)) return `${months[month - 1]!} ${year}`;
  return runsUntil(year, month, day + 1) ? start : undefined;
}

function sayTime(range: TimeRange): string {
  const of = say(range.of);
  const not = range.negated ? 'not ' : '';
  const whole = range.from && range.to && wholePeriod(range.from, range.to);
  if (whole) return `${of} is ${not}in ${whole}`;
  if (range.from && range.to) return `${of} is ${not}from ${range.from} until before ${range.to}`;
  return range.from ? `${of} is ${not}${range.from} or later` : `${of} is ${not}before ${range.to ?? 'now'}`;
}
