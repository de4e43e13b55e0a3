import { graphql } from 'graphql';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';
import { createRequestContext } from '#platform/graphql';

import { RecentReads } from '../../subgraphs/dashboards/service/dashboard/recent-reads';
import { WidgetCache } from '../../subgraphs/dashboards/service/data/widget-cache';
import { DashboardStore } from '../../subgraphs/dashboards/store/dashboard.store';
import { SharingStore } from '../../subgraphs/dashboards/store/sharing.store';
import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { allSales, byRegion, dashboardWorld, metric, type DashboardWorld } from './world';

describe('the data of a dashboard', () => {
  let world: DashboardWorld;
  beforeAll(async () => {
    world = await dashboardWorld();
  });
  afterEach(() => {
    world.warehouse.failure = null;
    world.warehouse.gate = Promise.resolve();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  const make = async (who: Caller, widgets: readonly object[], settings: object = {}): Promise<string> => {
    const { id } = await world.services.dashboards.create(who, { name: 'Sales', ...settings });
    for (const widget of widgets) await world.services.widgets.add(who, { dashboardId: id, ...widget });
    return id;
  };
  const runsOf = (who: Caller) => world.warehouse.runs.filter(({ userId }) => userId === who.userId);

  it('comes in one load: rows, chart, time, and one query for widgets that ask the same', async () => {
    const who = caller();
    const id = await make(who, [
      metric,
      { ...metric, name: 'Again' },
      byRegion,
      allSales,
      { name: 'Note', widgetType: 'text', config: { text: 'hi' } },
    ]);
    expect(runsOf(who)).toHaveLength(0);
    const data = await world.services.data.load(who, id);
    expect(data).toMatchObject({ queryCount: 3, widgets: [{ cacheHit: false, error: null }, {}, {}, {}, { result: null, error: null }] });
    expect(runsOf(who)).toHaveLength(3);
    expect(data.widgets.map(({ result }) => result?.rows.length)).toEqual([1, 1, 3, 90, undefined]);
    expect(data.widgets[0]!.result!.rows).toEqual([[4050]]);
    expect(data.widgets[2]!.chart).toMatchObject({ type: 'bar_chart' });
    expect(data.widgets[2]!.dataTime).toBeInstanceOf(Date);
  });

  it('says no hit of the cache at the first load and one at the second, with the time of the first', async () => {
    const who = caller();
    const id = await make(who, [metric]);
    const first = (await world.services.data.load(who, id)).widgets[0]!;
    const second = (await world.services.data.load(who, id)).widgets[0]!;
    expect([first.cacheHit, second.cacheHit]).toEqual([false, true]);
    expect(second.dataTime).toEqual(first.dataTime);
    expect((await world.services.data.load(who, id, { refresh: true })).widgets[0]).toMatchObject({ cacheHit: false });
    expect(runsOf(who).map(({ refresh }) => refresh)).toEqual([false, true]);
  });

  it('is renewed when the data of its source have changed, and kept while nobody can say whether they have', async () => {
    const who = caller();
    const id = await make(who, [metric, { ...metric, name: 'of the source', dataSource: { question: 'revenue', sourceId: 'sales' } }]);
    const values = async () => (await world.services.data.load(who, id)).widgets.map(({ result }) => result!.rows[0]![0]);
    expect(await values()).toEqual([4050, 4050]);
    await world.warehouse.change("insert into sales values ('Europe', 'Lamp 1', 1000, timestamp '2024-01-01')");
    await until(async () => JSON.stringify(await values()) === '[5050,5050]');
    await world.warehouse.change('delete from sales where amount = 1000');
    await until(async () => JSON.stringify(await values()) === '[4050,4050]');
    world.warehouse.failure = new Error('the sql domain is away');
    expect((await world.services.data.load(caller({ tenantId: who.tenantId, userId: who.userId }), id)).widgets[0]!.error).toBeNull();
  });

  it('is no longer shown to whom a share is taken from, at once', async () => {
    const who = caller({ roles: ['analyst'] });
    const reader = caller({ tenantId: who.tenantId, roles: ['analyst'] });
    const id = await make(who, [metric]);
    await expect(world.services.data.load(reader, id)).rejects.toHaveCode('NOT_FOUND');
    await world.services.sharing.share(who, { dashboardId: id, sharedWith: [{ userId: reader.userId, permission: 'view' }] });
    expect((await world.services.data.load(reader, id)).widgets).toHaveLength(1);
    await world.services.widgets.add(who, { dashboardId: id, ...byRegion });
    expect((await world.services.data.load(reader, id)).widgets).toHaveLength(2);
    await world.services.sharing.share(who, { dashboardId: id, sharedWith: [] });
    await expect(world.services.data.load(reader, id)).rejects.toHaveCode('NOT_FOUND');
    await world.services.dashboards.remove(who, id);
    await expect(world.services.data.load(who, id)).rejects.toHaveCode('NOT_FOUND');
  });

  it('is never kept where its time to live is nothing', async () => {
    const who = caller();
    const id = await make(who, [{ ...metric, dataSource: { question: 'revenue', cacheTtlSeconds: 0 } }]);
    const loads = [await world.services.data.load(who, id), await world.services.data.load(who, id)];
    expect(loads.map(({ widgets }) => widgets[0]!.cacheHit)).toEqual([false, false]);
    expect(runsOf(who).every(({ refresh }) => refresh)).toBe(true);
  });

  it('is one run for all who ask at once', async () => {
    const who = caller();
    const id = await make(who, [metric, byRegion]);
    let open: () => void = () => undefined;
    world.warehouse.gate = new Promise((resolve) => (open = resolve));
    const loads = Array.from({ length: 20 }, () => world.services.data.load(who, id));
    await until(() => runsOf(who).length === 2);
    open();
    const all = await Promise.all(loads);
    expect(all.every(({ widgets }) => widgets.every(({ result }) => result !== null))).toBe(true);
    expect(runsOf(who)).toHaveLength(2);
  });

  it('of a widget that fails is its error, and the others have theirs', async () => {
    const who = caller();
    const id = await make(who, [metric, { ...metric, name: 'Broken', dataSource: { sql: 'select * from nowhere' } }, byRegion]);
    const { widgets } = await world.services.data.load(who, id);
    expect(widgets.map(({ error }) => error?.code ?? null)).toEqual([null, 'QUERY_FAILED', null]);
    expect(widgets[1]!.error!.message).not.toContain('nowhere');
  });

  it('of a failure inside shows nothing of it, and the next load tries again', async () => {
    const who = caller();
    const id = await make(who, [metric]);
    world.warehouse.failure = new Error('connect ECONNREFUSED db.internal:5432');
    expect((await world.services.data.load(who, id)).widgets[0]!.error).toEqual({
      code: 'INTERNAL_ERROR',
      message: 'Something went wrong on our side.',
    });
    world.warehouse.failure = null;
    expect((await world.services.data.load(who, id)).widgets[0]!.error).toBeNull();
  });

  it('is never shared between users, whose rows a policy may tell apart', async () => {
    const who = caller({ roles: ['analyst'] });
    const other = caller({ tenantId: who.tenantId, roles: ['analyst'] });
    const europe = caller({ tenantId: who.tenantId, roles: ['analyst'], attributes: { region: 'Europe' } });
    const id = await make(who, [metric], { visibility: 'tenant' });
    const values = [];
    for (const each of [who, other, europe]) values.push((await world.services.data.load(each, id)).widgets[0]);
    expect(values.map((widget) => [widget!.result!.rows[0]![0], widget!.cacheHit])).toEqual([
      [4050, false],
      [4050, false],
      [1320, false],
    ]);
  });

  it('has the filters of the dashboard and those of the load', async () => {
    const who = caller();
    const id = await make(who, [allSales, metric], { filters: [{ field: 'region', operator: 'equals', values: ['Europe'] }] });
    const rowsOf = async (filters?: readonly object[]) =>
      (await world.services.data.load(who, id, { filters: filters as never })).widgets[0]!.result!.rows.length;
    expect(await rowsOf()).toBe(30);
    expect(await rowsOf([{ field: 'amount', operator: 'less_than', values: [10] }])).toBe(4);
    expect(await rowsOf()).toBe(30);
    expect((await world.services.data.load(who, id)).widgets[1]!.result!.warnings).toEqual(['region']);
    for (const wrong of [
      'region = 1',
      { field: 'region' },
      [{ field: 'region', operator: 'like', values: [] }],
      [{ field: 'region', operator: 'equals', values: [[1]] }],
    ]) {
      await expect(world.services.data.load(who, id, { filters: wrong as never })).rejects.toHaveCode('INVALID_REQUEST');
    }
  });

  it('of values that are written like SQL is that of values', async () => {
    const who = caller();
    const id = await make(who, [allSales]);
    const rowsOf = async (value: string) => {
      const { error, result } = (
        await world.services.data.load(who, id, { filters: [{ field: 'product', operator: 'equals', values: [value] }] })
      ).widgets[0]!;
      expect(error).toBeNull();
      return result!.rows.length;
    };
    expect(await rowsOf("O'Neil & <b>Sons</b>")).toBe(18);
    for (const attempt of ["x' OR '1'='1", "'; drop table sales; --", '\\', "\\' or 1=1 --", '%', '"', '/*'])
      expect(await rowsOf(attempt)).toBe(0);
  });

  it('is drawn with the axes, colours and legend of the widget, and a name that means nothing is passed over', async () => {
    const who = caller();
    const source = { sql: 'select region, count(*) as sales, sum(amount) as revenue from sales group by region' };
    const styled = {
      ...byRegion,
      dataSource: source,
      config: { x_axis: 'region', y_axis: 'revenue', color_scheme: 'dark2', show_legend: false },
    };
    const odd = { ...byRegion, dataSource: source, config: { x_axis: 'nowhere', y_axis: 'revenue', color_scheme: '__proto__' } };
    const { widgets } = await world.services.data.load(who, await make(who, [styled, odd]));
    expect(widgets[0]!.chart).toMatchObject({
      xAxis: 'region',
      yAxis: 'revenue',
      spec: { config: { legend: { disable: true }, range: { category: { scheme: 'dark2' } } } },
    });
    expect(widgets[1]!.chart).toMatchObject({ xAxis: 'region', type: 'bar_chart' });
    expect(JSON.stringify(widgets[1]!.chart!.spec)).not.toContain('scheme');
    const { id } = await world.services.dashboards.create(who, { name: 'styled' });
    const { widget } = await world.services.widgets.add(who, { dashboardId: id, ...styled, widgetType: 'pie_chart' });
    const svg = await world.services.exports.chart(who, { dashboardId: id, widgetId: widget.id, format: 'svg' });
    expect(svg.content.toString()).toContain('#1b9e77');
  });

  it('is drawn with the widget’s own number format, and another text than a format says nothing', async () => {
    const who = caller();
    const formats = ['.1%', '$,.2f', 'x'.repeat(50), '=1+1', '__proto__'];
    const id = await make(
      who,
      formats.map((number_format) => ({ ...metric, config: { number_format } })),
    );
    const { widgets } = await world.services.data.load(who, id);
    const drawn = widgets.map(({ chart }) => (chart!.spec as any).encoding.text.format);
    expect(drawn).toEqual(['.1%', '$,.2f', ',.0f', ',.0f', ',.0f']);
  });

  it('of one widget is NOT_FOUND where the dashboard has none such', async () => {
    const who = caller();
    const [id, other] = [await make(who, [metric]), await make(who, [byRegion])];
    const { widgets } = await world.services.dashboards.find(who, other);
    await expect(world.services.data.one(who, { dashboardId: id, widgetId: widgets[0]!.id })).rejects.toHaveCode('NOT_FOUND');
  });

  it('costs as many store queries for twelve widgets as for two', async () => {
    const who = caller();
    const queriesFor = async (widgets: number): Promise<number> => {
      // Reads of a second ago serve again: all of this is one moment.
      const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now());
      const id = await make(
        who,
        Array.from({ length: widgets }, (_, n) => ({ ...byRegion, name: `w${n}` })),
      );
      const queries = [
        jest.spyOn(DashboardStore.prototype, 'find'),
        jest.spyOn(DashboardStore.prototype, 'findMany'),
        jest.spyOn(DashboardStore.prototype, 'dashboardsOfWidgets'),
        jest.spyOn(SharingStore.prototype, 'shares'),
      ];
      try {
        const contextValue = createRequestContext({ caller: who, requestId: 'r' });
        const source = `{ dashboard(id: "${id}") { widgets { name data { rowCount } } } }`;
        const { data, errors: failures } = await graphql({ schema: world.subgraph.schema, source, contextValue });
        expect(failures).toBeUndefined();
        expect((data as any).dashboard.widgets.map((widget: any) => widget.data.rowCount)).toEqual(
          Array.from({ length: widgets }, () => 3),
        );
        return queries.reduce((sum, { mock }) => sum + mock.calls.length, 0);
      } finally {
        for (const spy of [...queries, clock]) spy.mockRestore();
      }
    };
    const [two, twelve] = [await queriesFor(2), await queriesFor(12)];
    expect(two).toBeGreaterThan(0);
    expect(twelve).toBe(two);
  });
});

describe('reads of a moment ago', () => {
  it('serve all who ask while they run and a second after, unless something changed', async () => {
    let now = 0;
    let reads = 0;
    const recent = new RecentReads<number>({ now: () => now });
    const read = () => recent.read('k', async () => (reads += 1));
    expect(await Promise.all([read(), read()])).toEqual([1, 1]);
    now = 999;
    expect(await read()).toBe(1);
    now = 1_000;
    expect(await read()).toBe(2);
    recent.forget('k');
    expect(await read()).toBe(3);
  });

  it('that began before a change are not given after it, and failures are not kept', async () => {
    const recent = new RecentReads<string>({ now: () => 0 });
    let finish: (value: string) => void = () => undefined;
    const early = recent.read('k', () => new Promise((resolve) => (finish = resolve)));
    recent.forget('k');
    const late = recent.read('k', async () => 'new');
    finish('old');
    expect(await Promise.all([early, late, recent.read('k', async () => 'newer')])).toEqual(['old', 'new', 'new']);
    await expect(recent.read('f', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await recent.read('f', async () => 'yes')).toBe('yes');
  });
});

describe('the cache of widgets', () => {
  it('gives a stale value at once while one run renews it, and waits where it is too old', async () => {
    let now = 0;
    let runs = 0;
    const cache = new WidgetCache<number>({ now: () => now });
    const resolve = (refresh = false) => cache.resolve('k', { ttlMs: 100, refresh, run: async () => (runs += 1) });
    expect(await resolve()).toEqual({ value: 1, at: 0, hit: false });
    now = 150;
    expect(await Promise.all([resolve(), resolve()])).toEqual([
      { value: 1, at: 0, hit: true },
      { value: 1, at: 0, hit: true },
    ]);
    expect(await resolve()).toEqual({ value: 2, at: 150, hit: true });
    now = 400;
    expect(await resolve()).toEqual({ value: 3, at: 400, hit: false });
    expect(await resolve(true)).toEqual({ value: 4, at: 400, hit: false });
  });

  it('keeps a stale value when its renewal fails, and forgets a first run that failed', async () => {
    let now = 0;
    const cache = new WidgetCache<number>({ now: () => now });
    const failing = () => Promise.reject(errors.QUERY_FAILED({ reason: 'x' }));
    await expect(cache.resolve('k', { ttlMs: 100, refresh: false, run: failing })).rejects.toHaveCode('QUERY_FAILED');
    await cache.resolve('k', { ttlMs: 100, refresh: false, run: async () => 7 });
    now = 150;
    for (let n = 0; n < 2; n += 1)
      expect(await cache.resolve('k', { ttlMs: 100, refresh: false, run: failing })).toMatchObject({ value: 7 });
  });

  it('stays within its bytes by leaving out what was not asked for longest', async () => {
    const cache = new WidgetCache<string>({ maxBytes: 1_000 });
    const resolve = (key: string) => cache.resolve(key, { ttlMs: 60_000, refresh: false, run: async () => key.repeat(200) });
    for (const key of ['a', 'b', 'a', 'c']) await resolve(key);
    expect((await resolve('a')).hit).toBe(true);
    expect((await resolve('b')).hit).toBe(false);
  });
});
