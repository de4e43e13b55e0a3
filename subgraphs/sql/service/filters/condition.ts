import { errors } from '#platform/errors';

import type { ColumnType, Condition, Expression, Literal } from '../engine';

import { periodOf } from './period';
import type { Filter, FilterValue } from './types';
import { nextDay } from './whole-days';

const isoDay = /^\d{4}-\d\d-\d\d/;

/** A value as the column's type wants it; INVALID_REQUEST where it cannot be one. */
export function literal(value: FilterValue, type: ColumnType): Literal {
  const wrong = (hint: string): Error =>
    errors.INVALID_REQUEST({ what: `the value ${JSON.stringify(value).slice(0, 80)}`, hint }, { field: 'filters' });
  if (type === 'integer' || type === 'number') {
    const number = Number(value);
    if (value === '' || typeof value === 'boolean' || !Number.isFinite(number)) throw wrong('the field holds numbers');
    return { kind: 'literal', value: number, type: 'number' };
  }
  if (type === 'boolean') {
    const truth = { true: true, false: false, 1: true, 0: false }[String(value).toLowerCase()];
    if (truth === undefined) throw wrong('the field holds true or false');
    return { kind: 'literal', value: truth, type: 'boolean' };
  }
  if (type === 'date' || type === 'timestamp') {
    if (!isoDay.test(String(value)) || Number.isNaN(Date.parse(String(value)))) throw wrong('write a date as 2026-01-31');
    return { kind: 'literal', value: String(value), type: type === 'date' ? 'date' : 'timestamp' };
  }
  return { kind: 'literal', value: String(value), type: 'text' };
}

const comparisons = {
  equals: '=',
  not_equals: '!=',
  greater_than: '>',
  greater_or_equal: '>=',
  less_than: '<',
  less_or_equal: '<=',
  before: '<',
  after: '>',
} as const;
const likes = {
  contains: ['contains', false],
  not_contains: ['contains', true],
  starts_with: ['starts', false],
  ends_with: ['ends', false],
} as const;

const dated: readonly Filter['operator'][] = ['before', 'after', 'on', 'last', 'this', 'previous'];

/** INVALID_REQUEST for a question of time to numbers or truths; text may hold days, as in SQLite. */
export function checkOperator({ field, operator }: Filter, type: ColumnType): void {
  const timeless = type === 'integer' || type === 'number' || type === 'boolean';
  if (!timeless || !dated.includes(operator)) return;
  throw errors.INVALID_REQUEST(
    { what: `the operator ${operator} on ${field}`, hint: 'it asks for a time, and the field holds none' },
    { field: 'filters' },
  );
}

/** One filter over one expression of a known type, as a condition of the query tree. */
export function conditionOf(
  { operator, values }: Filter,
  target: { readonly of: Expression; readonly type: ColumnType; readonly now: Date },
): Condition {
  const { of, type, now } = target;
  const value = (place: number): Literal => literal(values[place]!, type);
  switch (operator) {
    case 'equals':
    case 'not_equals':
    case 'greater_than':
    case 'greater_or_equal':
    case 'less_than':
    case 'less_or_equal':
    case 'before':
    case 'after':
      return { kind: 'compare', operator: comparisons[operator], left: of, right: value(0) };
    case 'in':
    case 'not_in':
      return { kind: 'in', of, values: values.map((_, place) => value(place)), negated: operator === 'not_in' };
    case 'between':
      return { kind: 'between', of, low: value(0), high: value(1) };
    case 'contains':
    case 'not_contains':
    case 'starts_with':
    case 'ends_with': {
      const [match, negated] = likes[operator];
      return { kind: 'like', of, match, text: String(values[0]), negated };
    }
    case 'is_null':
    case 'is_not_null':
      return { kind: 'null', of, negated: operator === 'is_not_null' };
    case 'on': {
      const from = String(literal(values[0]!, 'date').value).slice(0, 10);
      return { kind: 'time', of, from, to: nextDay(from) };
    }
    case 'last':
    case 'this':
    case 'previous':
      return { kind: 'time', of, ...periodOf(operator, values, now) };
  }
}
