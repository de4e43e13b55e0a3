import fc from 'fast-check';

import { addsUp, decompose } from './decomposition';
import { insightsFor } from './insights';
import { comparedPeriods, periodOfPoint } from './periods';
import { readWhyQuestion } from './why-question';

const day = (place: number): string => new Date(Date.UTC(2024, 0, 1 + place)).toISOString().slice(0, 10);
const series = (
  values: readonly number[],
  columns = [
    { name: 'day', type: 'DATE' },
    { name: 'orders', type: 'BIGINT' },
  ],
) => ({ columns, rows: values.map((value, i) => [day(i), value]), truncated: false, sql: 'select 1' });
const kinds = (values: readonly number[]): string[] => insightsFor(series(values)).map(({ kind }) => kind);
const noise = (i: number): number => ((i * 7_919) % 13) - 6;

describe('insights', () => {
  it('find a trend and leave noise alone', () => {
    expect(kinds(Array.from({ length: 60 }, (_, i) => 100 + 2 * i + noise(i)))).toContain('trend');
    expect(kinds(Array.from({ length: 60 }, (_, i) => 100 + noise(i)))).not.toContain('trend');
  });

  it('find a weekly season', () => {
    const [found] = insightsFor(series(Array.from({ length: 70 }, (_, i) => 100 + (i % 7 === 5 ? 60 : 0) + noise(i) / 3))).filter(
      ({ kind }) => kind === 'seasonality',
    );
    expect(found?.text).toContain('highest on Saturdays');
    expect(found?.evidence.period).toBe(7);
  });

  it('find one odd day inside a season and a trend, and tell neighbours as one event', () => {
    const values = Array.from({ length: 120 }, (_, i) => 100 + i + (i % 7 === 0 ? 40 : 0) + noise(i));
    values[50] = 900;
    values[80] = 700;
    values[81] = 720;
    const outliers = insightsFor(series(values)).filter(({ kind }) => kind === 'outlier');
    expect(outliers.map(({ evidence }) => evidence.points)).toEqual([[day(50)], [day(80), day(81)]]);
  });

  it('do not take a period that is not over for a fall', () => {
    const columns = [
      { name: 'month', type: 'DATE' },
      { name: 'revenue', type: 'DOUBLE' },
    ];
    const rows = Array.from({ length: 12 }, (_, i) => [`2024-${String(i + 1).padStart(2, '0')}-01`, i === 11 ? 10 : 1_000]);
    const at = (now: string): string[] =>
      insightsFor({ columns, rows, truncated: false, sql: null }, 6, Date.parse(now)).map(({ kind }) => kind);
    expect(at('2024-12-10')).toEqual([]);
    expect(at('2025-02-01')).toContain('outlier');
  });

  it('name the largest part and how concentrated the whole is, but give no shares of averages or of cut lists', () => {
    const columns = [
      { name: 'product', type: 'VARCHAR' },
      { name: 'revenue', type: 'DECIMAL(18,2)' },
    ];
    const rows = Array.from({ length: 10 }, (_, i) => [`p${i}`, i < 2 ? '450' : '12.5']);
    const found = insightsFor({ columns, rows, truncated: false, sql: null });
    expect(found.find(({ kind }) => kind === 'concentration')?.text).toContain('2 of 10 values of product make 90 %');
    const averaged = insightsFor({
      columns: [columns[0]!, { name: 'average_revenue', type: 'DOUBLE' }],
      rows,
      truncated: false,
      sql: null,
    });
    expect(averaged.map(({ kind, evidence }) => [kind, evidence.share ?? null])).not.toContainEqual(['contributor', expect.any(Number)]);
    expect(insightsFor({ columns, rows, truncated: true, sql: null }).some(({ kind }) => kind === 'concentration')).toBe(false);
  });

  it('carry the numbers and the statement that they rest on, and never fail on odd rows', () => {
    const cell = fc.oneof(
      fc.constant(null),
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.constantFrom('2024-01-01', '2024-02-01', '2024-03-01'),
    );
    const columns = fc.uniqueArray(fc.constantFrom('month', 'year', 'revenue', 'region', 'count', 'avg'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        columns,
        fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { maxLength: 40 }),
        fc.constantFrom('BIGINT', 'VARCHAR', 'DATE'),
        (names, rows, type) => {
          for (const insight of insightsFor({ columns: names.map((name) => ({ name, type })), rows, truncated: false, sql: 'select 1' })) {
            expect(insight.sql).toEqual(['select 1']);
            expect(insight.text).not.toMatch(/NaN|undefined|Infinity/);
          }
        },
      ),
    );
  });
});

describe('decomposition', () => {
  const amount = fc.oneof(
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
    fc.integer({ min: -99_999_999, max: 99_999_999 }).map((cents) => (cents / 100).toFixed(2)),
  );
  const breakdown = fc
    .dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), amount, { maxKeys: 6 })
    .map((parts) => new Map(Object.entries(parts)));

  it('gives parts whose changes add up to the whole change exactly', () => {
    fc.assert(
      fc.property(breakdown, breakdown, (before, after) => {
        const { change, parts } = decompose(before, after);
        const millionths = (value: number): number => Math.round(value * 1_000_000);
        expect(parts.reduce((sum, part) => sum + millionths(part.change), 0)).toBe(millionths(change));
      }),
    );
  });

  it('tells a split that adds up from one that does not', () => {
    const parts = new Map<string, unknown>([
      ['a', '10.10'],
      ['b', '20.20'],
      ['c', 0.1],
    ]);
    expect(addsUp(parts, '30.4')).toBe(true);
    expect(addsUp(parts, '15.2')).toBe(false);
  });

  it('explains more where a small part moved everything', () => {
    const before = new Map<string, unknown>([
      ['a', 90],
      ['b', 10],
    ]);
    const concentrated = decompose(
      before,
      new Map<string, unknown>([
        ['a', 90],
        ['b', 30],
      ]),
    );
    const proportional = decompose(
      before,
      new Map<string, unknown>([
        ['a', 108],
        ['b', 12],
      ]),
    );
    expect(concentrated.explains).toBeGreaterThan(0.8);
    expect(proportional.explains).toBeCloseTo(0);
  });
});

it.each([
  ['Why did revenue drop in June 2024?', 'revenue', 'May 2024', 'June 2024'],
  ['why did our total orders increase from Q1 2024 to Q2 2024', 'total orders', 'Q1 2024', 'Q2 2024'],
  ['What drove the rise in revenue in 2024?', 'revenue', '2023', '2024'],
  ['explain the drop in orders in January 2024', 'orders', 'December 2023', 'January 2024'],
  ['Why did it fall?', null, null, null],
  ['why has average delay gone up in 2001-03', 'average delay', '2001-02', '2001-03'],
])('reads %j', (question, metric, before, after) => {
  const monthly = (words: string | null): string | null =>
    words && /^\d{4}-\d{2}$/.test(words) ? periodOfPoint(words, 'month')!.words : words;
  expect(readWhyQuestion(question)).toMatchObject({
    metric,
    before: before ? { words: monthly(before) } : null,
    after: after ? { words: monthly(after) } : null,
  });
});

it.each(['How many orders were there?', 'why is the sky blue', 'Which region grew most?'])(
  'does not take %j for a why-question',
  (question) => {
    expect(readWhyQuestion(question)).toBeNull();
  },
);

it('puts two named periods in order', () => {
  expect(comparedPeriods('June 2024 vs May 2024')).toMatchObject({ before: { words: 'May 2024' }, after: { words: 'June 2024' } });
  expect(comparedPeriods('no period at all')).toBeNull();
});

it('reads "last month" as the newest whole one, not the one that goes on', () => {
  const now = Date.UTC(2026, 10, 23);
  expect(comparedPeriods('in the last month', now)).toEqual({
    before: { grain: 'month', words: 'September 2026' },
    after: { grain: 'month', words: 'October 2026' },
  });
  expect(comparedPeriods('this quarter', now)?.after.words).toBe('Q4 2026');
  expect(comparedPeriods('last year', now)?.before.words).toBe('2024');
  expect(comparedPeriods('yesterday', now)?.after.words).toBe('2026-11-22');
  expect(readWhyQuestion('Why did revenue drop in the last month?')).toMatchObject({ metric: 'revenue' });
});

it('does not take the largest few of a series for a series', () => {
  const columns = [
    { name: 'month', type: 'DATE' },
    { name: 'revenue', type: 'DOUBLE' },
  ];
  const rows = ['2025-12-01', '2025-10-01', '2025-11-01'].map((month, i) => [month, 9 - i]);
  expect(insightsFor({ columns, rows, truncated: false, sql: 'select 1 order by 2 desc limit 3' })).toEqual([]);
});
