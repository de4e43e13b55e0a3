import { readFileSync } from 'node:fs';

import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';

import { chartFor } from './chart-for';
import { chartTypes, type ChartColumn, type ChartIntent } from './types';

const schema = JSON.parse(readFileSync(require.resolve('vega-lite/build/vega-lite-schema.json'), 'utf8')) as object;
const ajv = new Ajv({ strict: false, allErrors: false });
addFormats(ajv);
ajv.addFormat('color-hex', () => true);
const isVegaLite = ajv.compile(schema);

const months = Array.from({ length: 12 }, (_, month) => `2024-${String(month + 1).padStart(2, '0')}-01`);
const column = (name: string, type: string): ChartColumn => ({ name, type });

it.each<[string, ChartColumn[], unknown[][], ChartIntent | null, string]>([
  ['one number', [column('flights', 'BIGINT')], [['3000000']], null, 'metric'],
  [
    'a value by month',
    [column('month', 'DATE'), column('revenue', 'DOUBLE')],
    months.map((month, i) => [month, 100 + i]),
    null,
    'line_chart',
  ],
  [
    'a value by category',
    [column('region', 'VARCHAR'), column('revenue', 'DOUBLE')],
    [
      ['EU', 5],
      ['US', 3],
    ],
    null,
    'bar_chart',
  ],
  [
    'a share of few parts',
    [column('region', 'VARCHAR'), column('revenue', 'DOUBLE')],
    [
      ['EU', 5],
      ['US', 3],
    ],
    'share',
    'pie_chart',
  ],
  [
    'two numbers a row',
    [column('delay', 'DOUBLE'), column('distance', 'DOUBLE')],
    Array.from({ length: 20 }, (_, i) => [i, i * i]),
    null,
    'scatter_plot',
  ],
  ['many values of one number', [column('delay', 'DOUBLE')], Array.from({ length: 50 }, (_, i) => [i % 17]), null, 'histogram'],
  [
    'two categories, many values',
    [column('origin', 'VARCHAR'), column('carrier', 'VARCHAR'), column('n', 'BIGINT')],
    Array.from({ length: 144 }, (_, i) => [`o${i % 12}`, `c${Math.floor(i / 12)}`, i]),
    null,
    'heatmap',
  ],
  ['coordinates', [column('latitude', 'DOUBLE'), column('longitude', 'DOUBLE')], [[52.5, 13.4]], null, 'map'],
  ['only text', [column('name', 'VARCHAR'), column('city', 'VARCHAR')], [['Ann', 'Rome']], null, 'table'],
  [
    'one row of several numbers and texts',
    [column('name', 'VARCHAR'), column('city', 'VARCHAR'), column('revenue', 'DOUBLE'), column('orders', 'BIGINT')],
    [['Ann', 'Rome', 12.5, 3]],
    null,
    'table',
  ],
  ['one row of several numbers', [column('revenue', 'DOUBLE'), column('orders', 'BIGINT')], [[12.5, 3]], null, 'table'],
  [
    'more categories than bars can show',
    [column('customer', 'VARCHAR'), column('revenue', 'DOUBLE')],
    Array.from({ length: 120 }, (_, i) => [`customer ${i}`, (i * 37) % 101]),
    null,
    'table',
  ],
  ['no rows', [column('month', 'DATE'), column('revenue', 'DOUBLE')], [], null, 'table'],
  [
    'years as numbers',
    [column('year', 'INTEGER'), column('revenue', 'DOUBLE')],
    [
      [2022, 5],
      [2023, 6],
      [2024, 7],
    ],
    null,
    'line_chart',
  ],
])('draws %s as the rules say', (_, columns, rows, intent, expected) => {
  expect(chartFor({ columns, rows, intent }).type).toBe(expected);
});

it('starts bars and areas at zero, whatever the values', () => {
  const columns = [column('region', 'VARCHAR'), column('revenue', 'DOUBLE')];
  const bars = chartFor({
    columns,
    rows: [
      ['EU', 1_000],
      ['US', 1_001],
    ],
    type: 'bar_chart',
  });
  expect(bars.spec).toMatchObject({ encoding: { y: { scale: { zero: true } } } });
  const area = chartFor({
    columns: [column('month', 'DATE'), column('revenue', 'DOUBLE')],
    rows: months.map((month, i) => [month, 900 + i]),
    type: 'area_chart',
  });
  expect(area.spec).toMatchObject({ encoding: { y: { scale: { zero: true } } } });
});

it.each([
  [39_726_304.84, ',.0f'],
  [34_868, ',.0f'],
  [1_234.56, ',.1~f'],
  [6.667867, ',.2~f'],
  [0.111398, '.4~r'],
  [12_345_678_901_234, '.4~s'],
])('shows %p alone by the format %p, which keeps its leading digits', (value, format) => {
  const { spec } = chartFor({ columns: [column('revenue', 'DOUBLE')], rows: [[value]] });
  expect(spec).toMatchObject({ encoding: { text: { format } } });
});

it('begins with the longest bar where the query gives no order, counts parts of time up, and keeps an order that there is', () => {
  const sortOf = (name: string, rows: unknown[][], type = 'VARCHAR') =>
    (chartFor({ columns: [column(name, type), column('n', 'BIGINT')], rows, type: 'bar_chart' }).spec as any).encoding.x.sort;
  const rows = (...pairs: [unknown, number][]) => pairs.map((pair) => [...pair]);
  expect(sortOf('region', rows(['EU', 3], ['US', 9], ['Asia', 4]))).toBe('-y');
  expect(sortOf('region', rows(['EU', 9], ['US', 4], ['Asia', 3]))).toBeNull();
  expect(sortOf('region', rows(['Asia', 3], ['EU', 9], ['US', 4]))).toBeNull();
  expect(sortOf('hour', rows([7, 3], [2, 9], [5, 4]), 'BIGINT')).toBe('ascending');
});

it('gives slices and legend one order, the largest first', () => {
  const { spec } = chartFor({
    columns: [column('region', 'VARCHAR'), column('n', 'BIGINT')],
    rows: [
      ['EU', 3],
      ['US', 9],
    ],
    type: 'pie_chart',
  });
  expect(spec).toMatchObject({ encoding: { color: { sort: { field: 'n', order: 'descending' } }, order: { sort: 'descending' } } });
});

it('draws a moment as it is written, in whatever zone the reader is', () => {
  const at = (times: readonly string[]) =>
    chartFor({ columns: [column('t', 'TIMESTAMP'), column('n', 'BIGINT')], rows: times.map((time, n) => [time, n]), type: 'line_chart' })
      .spec as any;
  const hours = at(['2024-01-01 10:00:00', '2024-01-01 11:30:00']);
  expect(hours.data.values[0].t).toBe('2024-01-01T10:00:00Z');
  expect(hours.encoding.x).toMatchObject({ type: 'temporal', scale: { type: 'utc' } });
  expect(hours.encoding.tooltip[0].timeUnit).toBe('utcyearmonthdatehoursminutes');
  const format = (times: readonly string[]) => at(times).encoding.x.axis.format;
  expect(format(['2024-01-01', '2025-01-01'])).toBe('%Y');
  expect(format(['2024-01-01', '2024-04-01', '2024-07-01'])).toBe('Q%q %Y');
  expect(format(['2024-01-01', '2024-02-01'])).toBe('%b %Y');
  expect(format(['2024-01-01', '2024-01-02'])).toBeUndefined();
});

it('takes the type that was asked for, and says so where the data cannot carry it', () => {
  const columns = [column('region', 'VARCHAR'), column('revenue', 'DOUBLE')];
  const rows = [
    ['EU', 5],
    ['US', 3],
  ];
  expect(chartFor({ columns, rows, type: 'pie_chart' })).toMatchObject({ type: 'pie_chart', reason: 'asked for' });
  expect(chartFor({ columns, rows, type: 'scatter_plot' })).toMatchObject({
    type: 'bar_chart',
    reason: expect.stringContaining('cannot be drawn as scatter_plot') as string,
  });
});

it('ranks the alternatives and describes the chart in words', () => {
  const chart = chartFor({
    columns: [column('month', 'DATE'), column('revenue', 'DECIMAL(18,2)')],
    rows: months.map((month, i) => [month, String(100 + i)]),
  });
  const scores = chart.alternatives.map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  expect(chart.altText).toBe('Line chart of revenue by month, 12 rows. Highest: 111 at 2024-12-01; lowest: 100 at 2024-01-01.');
});

it.each(chartTypes)('labels amounts of millions validly in a %s', (type) => {
  const places = ['latitude', 'longitude', 'revenue'].map((name) => column(name, 'DOUBLE'));
  const groups = [column('region', 'VARCHAR'), column('month', 'DATE'), column('revenue', 'DOUBLE')];
  const drawn = [
    { columns: places, rows: [0, 1, 2].map((i) => [i, i, i * 1_000_000]) },
    { columns: groups, rows: months.map((month, i) => [`r${i % 3}`, month, i * 1_000_000]) },
  ].map(({ columns, rows }) => chartFor({ columns, rows, type }).spec);
  expect(drawn.filter((spec) => spec !== null && !isVegaLite(spec))).toEqual([]);
});

it('makes only specifications that are valid by the Vega-Lite schema, whatever the data and the wish', () => {
  const type = fc.constantFrom('VARCHAR', 'BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'BOOLEAN', 'DECIMAL(18,2)');
  const name = fc.oneof(
    fc.constantFrom('year', 'latitude', 'longitude', 'month', 'customer_id', 'a.b', "it's [x]"),
    fc.string({ minLength: 1, maxLength: 12 }),
  );
  const value = (of: string) => {
    if (of === 'VARCHAR') return fc.option(fc.string({ maxLength: 8 }));
    if (of === 'BOOLEAN') return fc.boolean();
    if (of === 'DATE' || of === 'TIMESTAMP')
      return fc
        .date({ min: new Date('2000-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, of === 'DATE' ? 10 : 19));
    return fc.option(fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.integer().map(String)));
  };
  const result = fc.uniqueArray(fc.tuple(name, type), { minLength: 1, maxLength: 4, selector: ([column]) => column }).chain((columns) =>
    fc.record({
      columns: fc.constant(columns.map(([n, t]) => column(n, t))),
      rows: fc.array(fc.tuple(...columns.map(([, t]) => value(t))), { maxLength: 25 }),
    }),
  );
  const wish = fc.option(fc.constantFrom(...chartTypes));
  const intent = fc.option(fc.constantFrom<ChartIntent>('trend', 'ranking', 'comparison', 'share', 'distribution', 'relationship'));
  fc.assert(
    fc.property(result, wish, intent, ({ columns, rows }, asked, wanted) => {
      const { spec } = chartFor({ columns, rows: rows as unknown[][], type: asked, intent: wanted });
      if (spec === null) return;
      const valid = isVegaLite(spec);
      if (!valid) throw new Error(JSON.stringify({ errors: isVegaLite.errors?.slice(0, 3), spec }));
    }),
    { numRuns: 300 },
  );
});

it('keeps weekdays in the order of the week, and not by their size', () => {
  const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
  const { spec } = chartFor({
    columns: [
      { name: 'weekday', type: 'VARCHAR' },
      { name: 'revenue', type: 'DOUBLE' },
    ],
    rows: days.map((day, i) => [day, [5, 3, 9, 1, 7, 2, 8][i]]),
  });
  expect(spec).toMatchObject({ encoding: { x: { field: 'weekday', sort: null } } });
});
