import fc from 'fast-check';

import { addsUp, decompose } from './decomposition';
import { insightsFor } from './insights';
import { comparedPeriods, likeWithLike, periodOfPoint, within } from './periods';
import { decomposeRatio, wholeOf } from './ratio-decomposition';
import { endOf } from './time-grain';
import { readComparison, readWhyQuestion } from './why-question';

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

  it('know when a month is over by the calendar, on its last days too', () => {
    const columns = [
      { name: 'month', type: 'DATE' },
      { name: 'revenue', type: 'DOUBLE' },
    ];
    const rows = Array.from({ length: 12 }, (_, i) => [`2024-${String(i + 1).padStart(2, '0')}-01`, i === 11 ? 900 : 1_000]);
    const changes = (now: string) =>
      insightsFor({ columns, rows, truncated: false, sql: null }, 6, Date.parse(now)).filter(({ kind }) => kind === 'change');
    expect(changes('2024-12-31T23:00:00Z')).toEqual([]);
    expect(changes('2025-01-01T00:00:00Z')).toHaveLength(1);
    expect(
      ['month', 'quarter', 'year', 'week'].map((grain) => new Date(endOf('2024-01-01', grain as never)).toISOString().slice(0, 10)),
    ).toEqual(['2024-02-01', '2024-04-01', '2025-01-01', '2024-01-08']);
  });

  it('leave out a first and a last period that the question itself cuts through', () => {
    const columns = [
      { name: 'week', type: 'DATE' },
      { name: 'revenue', type: 'DOUBLE' },
    ];
    const rows = Array.from({ length: 20 }, (_, i) => [day(7 * i), i === 0 || i === 19 ? 300 : 1_000 + noise(i)]);
    const told = (sql: string) => JSON.stringify(insightsFor({ columns, rows, truncated: false, sql }, 9).map(({ evidence }) => evidence));
    expect(told('select 1')).toContain(day(0));
    const cut = `select 1 where at >= TIMESTAMP '${day(3)} 00:00:00' and at < TIMESTAMP '${day(135)} 00:00:00'`;
    expect(told(cut)).not.toContain(day(0));
    expect(told(cut)).not.toContain(day(133));
    expect(told(`select 1 where at >= DATE '${day(0)}' and at <= DATE '${day(139)}'`)).toContain(day(133));
  });

  it.each([0, 59])('find an odd point at the end of a series (place %i), on a slope and in a season', (place) => {
    for (const usual of [
      (i: number) => 100 + noise(i),
      (i: number) => 100 + 20 * i + noise(i),
      (i: number) => 200 + (i % 7 === 3 ? 60 : 0) + noise(i),
    ]) {
      const values = Array.from({ length: 60 }, (_, i) => usual(i) + (i === place ? 900 : 0));
      const outliers = insightsFor(series(values), 9).filter(({ kind }) => kind === 'outlier');
      expect(outliers[0]?.evidence.points).toEqual([day(place)]);
    }
  });

  it('call no ordinary point of a steep or bent series odd', () => {
    const noise = (i: number): number => ((i * i * 7_919 + i * 31) % 101) / 9 - 5.6;
    for (const usual of [(i: number) => 100 + 20 * i, (i: number) => 1_000 + i * i, (i: number) => 100 * 1.05 ** i]) {
      const found = kinds(Array.from({ length: 60 }, (_, i) => usual(i) + noise(i)));
      expect(found).toContain('trend');
      expect(found).not.toContain('outlier');
    }
  });

  it('say nothing where there is nothing to say', () => {
    const constant = (value: number | null) => kinds(Array.from({ length: 60 }, () => value as number));
    expect([constant(100), constant(0), constant(-5), constant(null), kinds([5])]).toEqual([[], [], [], [], []]);
  });

  it('tell a change from nought or below without a percentage of nought', () => {
    expect(insightsFor(series([0, 5])).map(({ text }) => text)).toEqual(['orders went from 0 in 2024-01-01 to 5 in 2024-01-02 (+5).']);
    expect(insightsFor(series([-10, -5]))[0]!.text).toContain('(+5, +50 %)');
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

  const ratios = fc
    .dictionary(
      fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      fc.record({ total: fc.integer({ min: -100_000, max: 100_000 }), count: fc.integer({ min: 0, max: 5_000 }) }),
      { minKeys: 1, maxKeys: 5 },
    )
    .map((parts) => new Map(Object.entries(parts).map(([label, { total, count }]) => [label, { total: count === 0 ? 0 : total, count }])));

  it('splits the change of a ratio into rate and mix that add up to it', () => {
    fc.assert(
      fc.property(ratios, ratios, (before, after) => {
        const split = decomposeRatio(before, after);
        const [start, end] = [wholeOf(before), wholeOf(after)];
        if (start.count === 0 || end.count === 0) return expect(split).toBeNull();
        const change = end.total / end.count - start.total / start.count;
        const size = Math.max(1, ...split!.parts.map((part) => Math.abs(part.change)));
        expect(Math.abs(split!.parts.reduce((sum, part) => sum + part.change, 0) - change)).toBeLessThan(1e-9 * size);
        for (const part of split!.parts) expect(part.rate + part.mix).toBe(part.change);
      }),
    );
  });

  it('tells a change of values from a change of weights', () => {
    const at = (cheap: readonly [number, number], dear: readonly [number, number]) =>
      new Map([
        ['cheap', { total: cheap[0] * cheap[1], count: cheap[1] }],
        ['dear', { total: dear[0] * dear[1], count: dear[1] }],
      ]);
    const shifted = decomposeRatio(at([10, 50], [100, 50]), at([10, 20], [100, 80]))!;
    expect(shifted.change).toBeCloseTo(27);
    expect(shifted.parts.map(({ rate }) => rate)).toEqual([0, 0]);
    const raised = decomposeRatio(at([10, 50], [100, 50]), at([20, 50], [100, 50]))!;
    expect(raised.parts).toMatchObject([
      { label: 'cheap', rate: 5, mix: 0 },
      { label: 'dear', change: 0 },
    ]);
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
  expect(comparedPeriods('in the last month', now)).toMatchObject({
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

it('compares the days of a period that are over with as many of the one before, and says so', () => {
  const now = Date.UTC(2026, 10, 23, 7);
  const compared = likeWithLike(comparedPeriods('this month', now)!, now);
  expect([within(compared.before), within(compared.after)]).toEqual([
    'between 2026-10-01 and 2026-10-22',
    'between 2026-11-01 and 2026-11-22',
  ]);
  expect(compared.note).toBe(
    'November 2026 is not over: the first 22 days of November 2026 are compared with the first 22 days of October 2026.',
  );
  const march = likeWithLike(comparedPeriods('this month', Date.UTC(2026, 2, 31))!, Date.UTC(2026, 2, 31));
  expect(within(march.before)).toBe('between 2026-02-01 and 2026-02-28');
  const firstDay = likeWithLike(comparedPeriods('this month', Date.UTC(2026, 10, 1, 9))!, Date.UTC(2026, 10, 1, 9));
  expect([firstDay.before.words, firstDay.after.words, firstDay.note]).toEqual([
    'September 2026',
    'October 2026',
    'November 2026 has only begun: October 2026 is compared with September 2026.',
  ]);
  const today = likeWithLike(comparedPeriods('today', now)!, now);
  expect([today.before.words, today.after.words]).toEqual(['2026-11-21', '2026-11-22']);
  expect(likeWithLike(comparedPeriods('in October 2026', now)!, now).note).toBeNull();
});

it.each([
  ['revenue this month vs last month', 'revenue', 'the first 22 days of October 2026', 'the first 22 days of November 2026'],
  ['compare revenue this quarter with last quarter', 'revenue', 'the first 53 days of Q3 2026', 'the first 53 days of Q4 2026'],
  ['Compare average order value in May 2024 to June 2024', 'average order value', 'May 2024', 'June 2024'],
  ['total orders 2024 versus 2023?', 'total orders', '2023', '2024'],
])('reads %j as a comparison', (question, metric, before, after) => {
  expect(readComparison(question, Date.UTC(2026, 10, 23))).toMatchObject({ metric, before: { words: before }, after: { words: after } });
});

it.each([
  'revenue by region this month vs last month',
  'compare Europe with Asia',
  'revenue in 2024',
  'height against weight',
  'compare 2023 and 2024',
])('leaves %j to the engine', (question) => expect(readComparison(question)).toBeNull());
