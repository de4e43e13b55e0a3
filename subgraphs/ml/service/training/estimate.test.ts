import { estimateSeconds, usualSeconds } from './estimate';

const size = { algorithm: 'gradient_boosting', hyperparameters: { n_estimators: 100 }, rows: 50_000, columns: 20, classes: 2 };
const seconds = (change: object = {}): number => estimateSeconds({ ...size, ...change })!;

it('takes longer with more rows, columns, trees, depth and classes', () => {
  for (const more of [
    { rows: 100_000 },
    { columns: 40 },
    { hyperparameters: { n_estimators: 200 } },
    { hyperparameters: { n_estimators: 100, max_depth: 12 } },
    { classes: 5 },
    { algorithm: 'xgboost' },
  ])
    expect(seconds(more)).toBeGreaterThan(seconds());
  expect(seconds({ algorithm: 'ridge' })).toBeLessThan(seconds());
});

it('is not known for algorithms whose time hangs on the shape of the data', () => {
  expect(estimateSeconds({ ...size, algorithm: 'arima' })).toBeNull();
});

it('is the middle one of the last trainings', () => {
  expect(usualSeconds([9, 1, 4])).toBe(4);
  expect(usualSeconds([])).toBeNull();
});
