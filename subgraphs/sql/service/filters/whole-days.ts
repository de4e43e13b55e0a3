import type { Filter } from './types';

const isDay = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);

export const nextDay = (text: string): string =>
  new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/**
 * A day without a time, asked of a column with times, means the whole day: up to the 31st takes its evening in, after the 31st begins
 * with the 1st. Other filters stay as they are.
 */
export function wholeDays(filter: Filter): readonly Filter[] {
  const { field, operator, values } = filter;
  if (values.length === 0 || !values.every(isDay) || values.some((day) => Number.isNaN(Date.parse(day)))) return [filter];
  const [first, last] = [values[0]!, values.at(-1)!];
  const filterOf = (other: Filter['operator'], value: string): Filter => ({ field, operator: other, values: [value] });
  switch (operator) {
    case 'equals':
      return [filterOf('on', first)];
    case 'less_or_equal':
      return [filterOf('less_than', nextDay(first))];
    case 'greater_than':
    case 'after':
      return [filterOf('greater_or_equal', nextDay(first))];
    case 'between':
      return [filterOf('greater_or_equal', first), filterOf('less_than', nextDay(last))];
    default:
      return [filter];
  }
}
