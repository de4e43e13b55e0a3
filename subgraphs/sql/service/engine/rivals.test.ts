import { rivalsDisagree, settleRivals, type Generation, type QueryTree } from '.';

const tree = (root: string): QueryTree => ({ show: [], sort: [], distinct: false, through: [], fanOut: 'plain', root });
const generation = (...weights: number[]): Generation => ({
  sql: 'q0',
  tree: tree('t0'),
  dialect: 'duckdb',
  explanation: 'e0',
  interpretation: [],
  unusedWords: [],
  confidence: 0.6,
  weight: weights[0]!,
  tablesUsed: ['t0'],
  executionPlan: 'direct',
  warnings: [],
  alternatives: weights.slice(1).map((weight, i) => ({
    sql: `q${i + 1}`,
    tree: tree(`t${i + 1}`),
    explanation: `e${i + 1}`,
    confidence: 0.2,
    weight,
    tablesUsed: [`t${i + 1}`],
  })),
});

it('keeps the likeliest reading where nothing speaks against it', () => {
  expect(settleRivals(generation(1, 0.4), [[[1]], [[2]]]).sql).toBe('q0');
});

it('lets readings that agree in their rows outvote a lone one, whatever the order of rows and columns', () => {
  const settled = settleRivals(generation(1, 0.8, 0.8), [
    [['a', 1]],
    [
      [2, 'x'],
      [3, 'y'],
    ],
    [
      ['y', 3],
      ['x', 2.00001],
    ],
  ]);
  expect(settled.sql).toBe('q1');
  expect(settled.tablesUsed).toEqual(['t1']);
  expect(settled.alternatives.map((rival) => rival.sql)).toEqual(['q0', 'q2']);
});

it('yields from a reading without rows, or one that fails, to one with some', () => {
  expect(settleRivals(generation(1, 0.3), [[], [[1]]]).sql).toBe('q1');
  expect(settleRivals(generation(1, 0.3), [null, [[1]]]).sql).toBe('q1');
  expect(settleRivals(generation(1, 0.3), [[], []]).sql).toBe('q0');
});

it('leaves readings alone that no ranker weighed', () => {
  const { weight: _weight, ...plain } = generation(1, 0.3);
  expect(settleRivals(plain, [[], [[1]]]).sql).toBe('q0');
});

it('sees whether rivals differ in their rows', () => {
  expect(
    rivalsDisagree([
      [[1], [2]],
      [[2], [1]],
    ]),
  ).toBe(false);
  expect(rivalsDisagree([[[1]], [[2]]])).toBe(true);
  expect(rivalsDisagree([[[1]], null])).toBe(false);
});
