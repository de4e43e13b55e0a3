import { cosine, hardTerms } from './similarity';

it('measures the angle', () => {
  expect(cosine([1, 0], [2, 0])).toBe(1);
  expect(cosine([1, 0], [0, 3])).toBe(0);
  expect(cosine([1, 0], [1, 0, 0])).toBe(0);
  expect(cosine([], [])).toBe(0);
});

it.each([
  ['revenue in 2023', 'revenue in 2024'],
  ['the top customers', 'the bottom customers'],
  ['customers with orders', 'customers without orders'],
  ['sales in March', 'sales in May'],
  ['sales by month', 'sales by week'],
  ['revenue of Europe', 'revenue of Asia'],
  ['orders of "Ada"', 'orders of "Bob"'],
])('never takes "%s" for "%s", however near their vectors', (one, other) => {
  expect(hardTerms(one)).not.toBe(hardTerms(other));
});

it('lets other wordings of one question meet', () => {
  expect(hardTerms('Show the total revenue by region in 2023')).toBe(hardTerms('What was total revenue in 2023 by region?'));
});
