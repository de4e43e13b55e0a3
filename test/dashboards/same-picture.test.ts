import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { chartFor, type ChartColumn, type ChartIntent } from '#platform/charts';
import { projectRoot } from '#platform/lifecycle';

import { createChartRenderer } from '../../subgraphs/dashboards/service/render/chart-renderer';
import { chartOf } from '../../subgraphs/dashboards/service/data/widget-chart';

const column = (name: string, type: string): ChartColumn => ({ name, type });
const months = Array.from({ length: 12 }, (_, month) => `2024-${String(month + 1).padStart(2, '0')}-01`);
const regions = ['Europe', 'Asia', 'America'];
const byMonth = {
  columns: [column('month', 'DATE'), column('revenue', 'DOUBLE')],
  rows: months.map((month, at) => [month, 2e6 + at * 1e5]),
};
const byRegion = {
  columns: [column('region', 'VARCHAR'), column('revenue', 'DOUBLE')],
  rows: regions.map((region, at) => [region, 5 - at]),
};
const series = {
  columns: [column('month', 'DATE'), column('region', 'VARCHAR'), column('revenue', 'DOUBLE')],
  rows: months.flatMap((month, at) => regions.map((region, of) => [month, region, at * 10 + of])),
};
const grid = {
  columns: [column('origin', 'VARCHAR'), column('carrier', 'VARCHAR'), column('n', 'BIGINT')],
  rows: Array.from({ length: 144 }, (_, at) => [`o${at % 12}`, `c${Math.floor(at / 12)}`, at]),
};
const points = {
  columns: [column('delay', 'DOUBLE'), column('distance', 'DOUBLE')],
  rows: Array.from({ length: 20 }, (_, at) => [at, at * at]),
};
const places = {
  columns: [column('latitude', 'DOUBLE'), column('longitude', 'DOUBLE'), column('flights', 'DOUBLE')],
  rows: Array.from({ length: 9 }, (_, at) => [30 + at, -100 + 3 * at, at * 1e6]),
};

const asked = (
  type: Parameters<typeof chartFor>[0]['type'],
  table: Pick<Parameters<typeof chartFor>[0], 'columns' | 'rows'>,
  intent?: ChartIntent,
) => chartFor({ ...table, type, intent, title: 'A chart' }).spec;

const pictures: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> = {
  bars: asked('bar_chart', byRegion),
  'stacked bars': asked('bar_chart', series),
  'bars over time': asked('bar_chart', byMonth),
  line: asked('line_chart', byMonth),
  'several lines': asked('line_chart', series),
  area: asked('area_chart', byMonth),
  'stacked areas': asked('area_chart', series),
  pie: asked('pie_chart', byRegion, 'share'),
  points: asked('scatter_plot', points),
  heatmap: asked('heatmap', grid),
  histogram: asked('histogram', { columns: [points.columns[1]!], rows: points.rows.map((row) => [row[1]]) }),
  map: asked('map', places),
  number: asked('metric', { columns: [byMonth.columns[1]!], rows: [[1_234_567.8]] }),
  'a widget with its own colours and format': chartOf(
    { name: 'By region', widgetType: 'bar_chart', config: { color_scheme: 'dark2', number_format: '$,.2f', show_legend: false } },
    { columns: series.columns.map((one) => ({ ...one, kind: 'text' })), rows: series.rows },
  )!.spec,
};

const size = { width: 640, height: 320, autosize: { type: 'fit', contains: 'padding' }, background: 'white' };

/** Draws with the console's own modules and Vega as a browser would: no generated code, colours from the page's style sheet. */
const consoleProgram = `
  import { readFileSync } from 'node:fs';
  import * as vega from 'vega';
  import * as vegaLite from 'vega-lite';
  import { expressionInterpreter } from 'vega-interpreter';
  import { lookOf, viewOf } from '${path.join(projectRoot, 'console', 'look.js')}';
  const { pictures, colours } = JSON.parse(readFileSync(0, 'utf8'));
  const drawn = {};
  for (const [name, spec] of Object.entries(pictures)) {
    const { spec: compiled } = vegaLite.compile(spec, { config: lookOf((colour) => colours[colour]) });
    drawn[name] = await viewOf({ ...vega, expressionInterpreter }, compiled, { renderer: 'none' }).toSVG();
  }
  console.log(JSON.stringify(drawn));
`;

async function drawnByConsole(theme: string): Promise<Record<string, string>> {
  const sheet = readFileSync(path.join(projectRoot, 'console', 'style.css'), 'utf8');
  const block = sheet.slice(sheet.indexOf(theme), sheet.indexOf('}', sheet.indexOf(theme)));
  const colours = Object.fromEntries([...block.matchAll(/(--[\w-]+):\s*(#\w+);/g)].map(([, name, value]) => [name, value]));
  const child = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', consoleProgram], {
    cwd: projectRoot,
    maxBuffer: 64_000_000,
  });
  const sized = Object.fromEntries(Object.entries(pictures).map(([name, spec]) => [name, { ...spec, ...size }]));
  child.child.stdin!.end(JSON.stringify({ pictures: sized, colours }));
  return JSON.parse((await child).stdout) as Record<string, string>;
}

it('the console draws the same picture as the server, to the letter, of every kind of chart', async () => {
  const renderer = createChartRenderer({ timeoutMs: 60_000 });
  try {
    const seen = await drawnByConsole(':root {');
    expect(Object.keys(seen)).toEqual(Object.keys(pictures));
    for (const [name, spec] of Object.entries(pictures)) {
      const made = (await renderer.render({ spec: spec!, format: 'svg', width: size.width, height: size.height })).toString();
      expect(made).toContain('<path');
      expect([name, plain(seen[name]!)]).toEqual([name, plain(made)]);
    }
  } finally {
    await renderer.close();
  }
});

it.each([
  ['two months', ['2024-01-01', '2024-02-01']],
  ['half a year', months.slice(0, 7)],
  ['five years of months', Array.from({ length: 60 }, (_, at) => `${2020 + Math.floor(at / 12)}-${months[at % 12]!.slice(5)}`)],
  ['two quarters', ['2024-01-01', '2024-04-01']],
  ['five years of quarters', Array.from({ length: 20 }, (_, at) => `${2020 + Math.floor(at / 4)}-${['01', '04', '07', '10'][at % 4]}-01`)],
  ['two years', ['2023-01-01', '2024-01-01']],
  ['nine years', Array.from({ length: 9 }, (_, at) => `${2016 + at}-01-01`)],
])('an axis names no period of %s twice', async (_, starts) => {
  const renderer = createChartRenderer({ timeoutMs: 60_000 });
  try {
    const spec = asked('line_chart', { columns: byMonth.columns, rows: starts.map((start, at) => [start, at]) })!;
    const svg = (await renderer.render({ spec, format: 'svg', width: 1_140, height: 240 })).toString();
    const axis = svg.slice(svg.indexOf('aria-label="X-axis'), svg.indexOf('aria-label="Y-axis'));
    // Labels that would touch are drawn invisible.
    const shown = [...axis.matchAll(/<text[^>]*opacity="1"[^>]*>([^<]*\d{4})<\/text>/g)].map(([, label]) => label!);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown).toEqual([...new Set(shown)]);
  } finally {
    await renderer.close();
  }
});

/** Clip paths and gradients are numbered through as they are made. */
const plain = (svg: string): string => svg.replaceAll(/(clip|gradient)_?\d+/g, '$1');
