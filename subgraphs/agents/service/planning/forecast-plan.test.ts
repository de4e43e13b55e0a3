import { forecastOf } from './forecast-plan';

it.each([
  ['forecast revenue for the next 8 weeks', { what: 'revenue', horizon: 8, unit: 'week' }],
  ['Please predict our orders over the coming month', { what: 'orders', horizon: 1, unit: 'month' }],
  ['forecast the total amount by day for the next 8 weeks', { what: 'total amount', horizon: 56, unit: 'day' }],
  ['project revenue in Europe for the next 2 quarters', { what: 'revenue in Europe', horizon: 2, unit: 'quarter' }],
])('“%s” says what, how far and in which steps', (text, wish) => {
  expect(forecastOf(text)).toEqual(wish);
});

it.each(['revenue by week', 'what was the forecast of last week?', 'predict with model churn {"age": 3}'])(
  '“%s” is no forecast',
  (text) => {
    expect(forecastOf(text)).toBeNull();
  },
);
