import { bindParameters } from './bind-parameters';
import type { Filter } from './types';

const now = new Date('2024-03-30T12:00:00Z');
const filter = (field: string, operator: Filter['operator'], ...values: Filter['values']): Filter => ({ field, operator, values });

describe('filters of a statement with named parameters', () => {
  it.each([
    [{ region: null }, filter('region', 'equals', 'Asia'), { region: 'Asia' }],
    [{ Region: null }, filter('sales.region', 'equals', 'Asia'), { Region: 'Asia' }],
    [
      { sold_at_from: 'a', sold_at_to: 'b' },
      filter('sold at', 'between', '2024-01-01', '2024-01-31'),
      { sold_at_from: '2024-01-01', sold_at_to: '2024-01-31' },
    ],
    [{ day_from: null, day_to: null }, filter('day', 'on', '2024-01-05'), { day_from: '2024-01-05', day_to: '2024-01-05' }],
    [{ amount_from: 0 }, filter('amount', 'greater_or_equal', 5), { amount_from: 5 }],
    [{ amount_to: 9 }, filter('amount', 'less_or_equal', 5), { amount_to: 5 }],
    [{ day_from: null, day_to: null }, filter('day', 'last', 7, 'days'), { day_from: '2024-03-24', day_to: '2024-03-30' }],
    [{ day_from: null, day_to: null }, filter('day', 'this', 'month'), { day_from: '2024-03-01', day_to: '2024-03-31' }],
    [{ day_from: null, day_to: null }, filter('day', 'previous', 'quarter'), { day_from: '2023-10-01', day_to: '2023-12-31' }],
  ])('%j takes %j', (given, asked, parameters) => {
    expect(bindParameters(given, [asked], now)).toEqual({ parameters, rest: [] });
  });

  it.each([
    [{}, filter('region', 'equals', 'Asia')],
    [{ region: 'Europe' }, filter('region', 'in', 'Asia', 'Europe')],
    [{ region: 'Europe' }, filter('region', 'is_null')],
    [{ day_from: '2024-01-01' }, filter('day', 'between', '2024-01-01', '2024-01-31')],
  ])('%j leaves %j to be wrapped around it', (given, asked) => {
    expect(bindParameters(given, [asked], now)).toEqual({ parameters: given, rest: [asked] });
  });
});
