import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

import { Resvg } from '@resvg/resvg-js';
import ExcelJS from 'exceljs';

import type { Caller } from '#platform/auth';

import { createChartRenderer } from '../../subgraphs/dashboards/service/render/chart-renderer';
import { pageSvg } from '../../subgraphs/dashboards/service/render/page-svg';
import { caller } from '../kit/caller';
import { holdTimers } from '../kit/held-timers';

import { allSales, byRegion, dashboardWorld, metric, type DashboardWorld } from './world';

const pngSize = (png: Buffer): [number, number] => {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
};

describe('exports', () => {
  let world: DashboardWorld;
  let who: Caller;
  let id: string;
  beforeAll(async () => {
    world = await dashboardWorld();
    who = caller();
    id = (await world.services.dashboards.create(who, { name: 'Продажи & Sales/2024' })).id;
    for (const widget of [
      metric,
      byRegion,
      { ...allSales, name: 'History' },
      { ...byRegion, name: "'History?*'", widgetType: 'line_chart', dataSource: { question: 'revenue by day' } },
      { name: 'Note', widgetType: 'text', config: { text: 'Привет, a long note.' } },
      { ...metric, name: 'Broken', dataSource: { sql: 'select nothing' } },
    ])
      await world.services.widgets.add(who, { dashboardId: id, ...widget });
  });
  afterAll(() => world?.[Symbol.asyncDispose]());
  const file = (format: string) => world.services.exports.export(who, { dashboardId: id, format });

  it('to XLSX open with a sheet a widget, whose formulas are texts', async () => {
    const { content, contentType, filename } = await file('xlsx');
    expect([contentType, filename]).toEqual(['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'Sales-2024.xlsx']);
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(content as never);
    expect(book.worksheets.map(({ name, rowCount }) => [name, rowCount])).toMatchObject([
      ['Revenue', 2],
      ['By region', 4],
      ['Sheet History', 91],
      [expect.stringContaining('History'), 91],
    ]);
    const sheet = book.worksheets[2]!;
    expect(sheet.getRow(1).values).toEqual([undefined, 'region', 'product', 'amount', 'sold_at']);
    expect(sheet.getCell('C2').value).toBe(0.5);
    expect(sheet.getCell('B3').value).toBe('=1+1');
    expect(sheet.getCell('B3').formula).toBeUndefined();
  });

  it('to CSV quote by RFC 4180, and no cell is a formula', async () => {
    const text = (await file('csv')).content.toString();
    expect(text.startsWith('Revenue\r\nrevenue\r\n4050\r\n\r\nBy region\r\nregion,revenue\r\nAmerica,1380\r\n')).toBe(true);
    expect(text).toContain(",'=1+1,");
    expect(text).not.toMatch(/(^|,)=/m);
    expect(text).toContain(",O'Neil & <b>Sons</b>,");
  });

  it('to JSON say what each widget asked, when, and why one has no rows', async () => {
    const { name, widgets } = JSON.parse((await file('json')).content.toString());
    expect(name).toBe('Продажи & Sales/2024');
    expect(widgets).toHaveLength(6);
    expect(widgets[0]).toMatchObject({
      name: 'Revenue',
      sql: 'select sum(amount) as revenue from sales',
      rows: [[4050]],
      error: null,
      data_time: expect.any(String),
    });
    expect(widgets[5].error).toMatchObject({ code: 'QUERY_FAILED' });
  });

  it('to PDF have a page a widget, and letters of any script', async () => {
    const { content } = await file('pdf');
    expect(content.subarray(0, 5).toString()).toBe('%PDF-');
    const pdfjs = pathToFileURL(require.resolve('pdfjs-dist/legacy/build/pdf.mjs')).href;
    const program = `
      const { getDocument } = await import('${pdfjs}');
      const chunks = []; for await (const chunk of process.stdin) chunks.push(chunk);
      const pdf = await getDocument({ data: new Uint8Array(Buffer.concat(chunks)), verbosity: 0 }).promise;
      const pages = [];
      for (let n = 1; n <= pdf.numPages; n += 1) pages.push((await (await pdf.getPage(n)).getTextContent()).items.map(({ str }) => str).join(' '));
      console.log(JSON.stringify(pages));`;
    const pages = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', program], { input: content }).toString(),
    ) as string[];
    expect(pages).toHaveLength(6);
    expect(pages[0]).toContain('Продажи & Sales/2024');
    expect(pages[1]).toContain('Europe');
    expect(pages[2]).toContain('and 60 more rows');
    expect(pages[4]).toContain('Привет');
  });

  it('to PNG are one picture of all charts', async () => {
    const [width, height] = pngSize((await file('png')).content);
    expect(width).toBeGreaterThan(1_000);
    expect(height).toBeGreaterThan(500);
  });

  it('to PNG show every widget in its place: charts, rows, texts and failures, none with the names of another', async () => {
    const data = await world.services.data.load(who, id);
    const { widgets } = await world.services.dashboards.find(who, id);
    const renderer = createChartRenderer();
    try {
      const placed = data.widgets.map((widget, n) => ({
        data: widget,
        position: { ...widgets[n]!.position, y: widgets[n]!.position.y * 1_000 },
        ...(widget.widgetType === 'text' ? { text: 'a < b & "c" \u0001' } : {}),
      }));
      const svg = await pageSvg('Продажи', placed, renderer);
      expect(new Resvg(svg, { font: { loadSystemFonts: false } }).height).toBeLessThan(1_500);
      for (const shown of [
        'Продажи',
        'Europe',
        '4,050',
        'a &#60; b &#38; &#34;c&#34;',
        'more rows',
        data.widgets[5]!.error!.message.slice(0, 20),
      ])
        expect(svg).toContain(shown);
      const ids = [...svg.matchAll(/\bid="([^"]+)"/g)].map(([, name]) => name);
      expect(new Set(ids).size).toBe(ids.length);
    } finally {
      await renderer.close();
    }
  });

  it('to PNG stay within memory, however long the dashboard is', async () => {
    const renderer = createChartRenderer();
    try {
      const tall = '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="400000"><rect width="1200" height="400000"/></svg>';
      const [width, height] = pngSize(await renderer.render({ spec: tall, format: 'png' }));
      expect(width * height).toBeLessThan(41_000_000);
    } finally {
      await renderer.close();
    }
  });

  it('to anything else are refused', async () => {
    await expect(file('docx')).rejects.toMatchObject({ code: 'INVALID_REQUEST', field: 'format' });
  });

  it('of an empty dashboard are valid in every format', async () => {
    const empty = (await world.services.dashboards.create(who, { name: '...' })).id;
    for (const format of ['pdf', 'png', 'csv', 'xlsx', 'json']) {
      const { content, filename } = await world.services.exports.export(who, { dashboardId: empty, format });
      expect(content.length).toBeGreaterThan(0);
      expect(filename.endsWith(`.${format}`)).toBe(true);
    }
  });

  it('of a chart are an SVG that a renderer reads, and a PNG at twice its size', async () => {
    const { widgets } = await world.services.dashboards.find(who, id);
    const chart = (format: 'svg' | 'png', place = 1) =>
      world.services.exports.chart(who, { dashboardId: id, widgetId: widgets[place]!.id, format });
    const svg = (await chart('svg')).content.toString();
    expect(svg).toMatch(/^<svg[^>]+viewBox="0 0 720 400"/);
    expect(svg).toContain('Europe');
    expect(new Resvg(svg).width).toBe(720);
    expect(pngSize((await chart('png')).content)).toEqual([1_440, 800]);
    await expect(chart('svg', 4)).rejects.toHaveCode('QUERY_FAILED');
    await expect(chart('svg', 5)).rejects.toHaveCode('QUERY_FAILED');
  });
});

describe('the thread that draws', () => {
  const bars = {
    data: { values: [{ a: 'x', b: 1 }] },
    mark: 'bar',
    encoding: { x: { field: 'a', type: 'nominal' }, y: { field: 'b', type: 'quantitative' } },
  };
  // A local regression over this many points takes minutes, in little memory.
  const endless = {
    data: { sequence: { start: 0, stop: 300_000, step: 1, as: 'n' } },
    transform: [{ loess: 'n', on: 'n' }],
    mark: 'line',
    encoding: { x: { field: 'n', type: 'quantitative' } },
  };

  it('survives what cannot be drawn and what takes too long, and draws the others', async () => {
    const timeoutMs = 54_321;
    using deadlines = holdTimers(timeoutMs);
    const renderer = createChartRenderer({ timeoutMs });
    try {
      const asked = [bars, { mark: 'nonsense', encoding: {} }, bars, endless, bars].map((spec) => renderer.render({ spec, format: 'svg' }));
      const ended = Promise.allSettled(asked);
      // One after the other: the turn of the endless one has come when the one before it is drawn.
      await asked[2];
      deadlines.passLast();
      const drawn = await ended;
      expect(drawn.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
    } finally {
      await renderer.close();
    }
  });

  it('fetches nothing', async () => {
    const renderer = createChartRenderer();
    try {
      const svg = await renderer
        .render({ spec: { ...bars, data: { url: 'http://127.0.0.1:1/data.csv' } }, format: 'svg' })
        .catch((error: unknown) => error);
      if (svg instanceof Error) expect(svg).toHaveCode('QUERY_FAILED');
      else expect((svg as Buffer).toString()).not.toContain('aria-label="a: x');
    } finally {
      await renderer.close();
    }
  });

  it('takes no more than can wait', async () => {
    const renderer = createChartRenderer({ maxWaiting: 1 });
    const asked = [1, 2, 3].map(() => renderer.render({ spec: bars, format: 'svg' }));
    await expect(asked[2]).rejects.toHaveCode('SERVICE_UNAVAILABLE');
    await Promise.all(asked.slice(0, 2));
    await renderer.close();
  });
});
