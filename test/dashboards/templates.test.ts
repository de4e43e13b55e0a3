import { DuckDBInstance } from '@duckdb/node-api';

import type { Caller } from '#platform/auth';

import { createQueryRunner } from '../../gateway/ports/query-runner';
import type { WidgetData } from '../../subgraphs/dashboards/service/data/widget-data.service';
import { caller } from '../kit/caller';
import { sqlWorld, type SqlWorld } from '../sql/world';

import { graphOf } from './sql-graph';
import { dashboardWorld, type DashboardWorld } from './world';

// The demo data are built once: three million flights take some seconds.
jest.setTimeout(600_000);

const sold = `from orders o join order_items i on i.order_id = o.id join customers c on c.id = o.customer_id
  join products p on p.id = i.product_id where o.status <> 'cancelled'`;

/** Two widgets of each dashboard, and the same numbers by a statement written by hand. The shop's data end on 14 October 2024. */
const dashboards: readonly [template: string, sourceId: string, widgets: number, numbers: Readonly<Record<string, string>>][] = [
  [
    'executive_overview',
    'shop',
    8,
    {
      'Revenue this year': `select sum(i.amount) ${sold} and year(o.ordered_at) = 2024`,
      'Revenue by region': `select c.region, sum(i.amount) ${sold} group by 1`,
      'Top products': `select p.name, sum(i.amount) ${sold} and year(o.ordered_at) = 2024 group by 1 order by 2 desc limit 10`,
      Customers: 'select count(*) from customers',
      'Return rate': `select count(distinct r.order_id) / (select count(distinct order_id) from order_items) from returns r`,
    },
  ],
  [
    'sales_analysis',
    'shop',
    5,
    {
      'Revenue last quarter': `select sum(i.amount) ${sold} and o.ordered_at >= date '2024-07-01' and o.ordered_at < date '2024-10-01'`,
      'Revenue by country': `select c.country, sum(i.amount) ${sold} group by 1`,
      'Top customers': `select c.name, sum(i.amount) ${sold} group by c.id, c.name order by 2 desc limit 10`,
    },
  ],
  [
    'returns_and_service',
    'shop',
    2,
    {
      'Support tickets by month': `select strftime(opened_at, '%Y-%m-01'), count(*) from support_tickets group by 1`,
    },
  ],
  [
    'flight_operations',
    'flights',
    5,
    {
      'Average delay': 'select avg(delay) from flights',
      'Worst origins': 'select origin, avg(delay) from flights group by 1 order by 2 desc limit 10',
    },
  ],
  [
    'executive_overview',
    'flights',
    9,
    {
      Flights: 'select count(*) from flights',
      'Delayed flights': 'select count(*) from flights where delay > 15',
      'Flights by state': `select a.state, count(*) from flights f join airports a on a.iata = f.origin group by 1 order by 2 desc limit 10`,
    },
  ],
  // One written for another source is drawn from the source's own model.
  [
    'flight_operations',
    'shop',
    9,
    {
      Orders: 'select count(*) from orders',
      'Revenue by category': `select p.category, sum(i.amount) ${sold} group by 1 order by 2 desc limit 10`,
    },
  ],
];

describe('templates over the demo sources', () => {
  let sql: SqlWorld;
  let world: DashboardWorld;
  beforeAll(async () => {
    sql = await sqlWorld({ withDemo: true });
    world = await dashboardWorld({ runner: createQueryRunner(graphOf(sql)) });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await sql?.[Symbol.asyncDispose]();
  });

  const loaded = async (who: Caller, template: string, sourceId: string): Promise<readonly WidgetData[]> => {
    const { id } = await world.services.templates.create(who, { template, sourceId });
    return (await world.services.data.load(who, id)).widgets;
  };
  /** By an own connection to the demo's file, past the service. */
  const byHand = async (sourceId: string, statement: string): Promise<string[]> => {
    const { file } = sql.builtIn.find(({ id }) => id === sourceId)!;
    const instance = await DuckDBInstance.create(file!, { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(statement)).getRowsJson().map(comparable).sort();
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  };

  it.each(dashboards)('%s of %s has %d widgets, none fails or is empty, and its numbers are those of own SQL', async (...given) => {
    const [template, sourceId, count, numbers] = given;
    const widgets = await loaded(caller(), template, sourceId);
    expect(widgets.filter(({ error, result }) => error !== null || !result?.rows.length).map(({ name, error }) => [name, error])).toEqual(
      [],
    );
    expect(widgets).toHaveLength(count);
    for (const { widgetType, result, chart, name } of widgets) {
      if (widgetType === 'metric') expect([name, result!.rows.length, result!.columns.length]).toEqual([name, 1, 1]);
      else expect([name, result!.rows.length > 1]).toEqual([name, true]);
      if (widgetType !== 'table') expect([name, chart?.spec]).toEqual([name, expect.any(Object)]);
    }
    for (const [name, statement] of Object.entries(numbers)) {
      const shown = widgets.find((widget) => widget.name === name)!.result!.rows;
      expect([name, shown.map(comparable).sort()]).toEqual([name, await byHand(sourceId, statement)]);
    }
  });

  it('shows no personal data', async () => {
    const widgets = await loaded(caller(), 'flight_operations', 'shop');
    expect(widgets.flatMap(({ result }) => result!.columns.map(({ name }) => name))).not.toContain('email');
  });

  it('draws a dashboard of a source whose model was inferred', async () => {
    const who = caller();
    const { id } = await sql.bakery(who);
    const widgets = await loaded(who, 'executive_overview', id);
    expect(widgets.filter(({ error, result }) => error !== null || !result?.rows.length)).toEqual([]);
    expect(widgets.map(({ widgetType }) => widgetType)).toEqual(expect.arrayContaining(['metric', 'line_chart', 'bar_chart']));
  });

  it('says so where a source has no number to show', async () => {
    const who = caller();
    const { id } = await world.services.dashboards.create(who, { name: 'Before' });
    await expect(
      world.services.templates.create(who, { template: 'executive_overview', sourceId: 'nothing-of-that-id' }),
    ).rejects.toHaveCode('NOT_FOUND');
    expect((await world.services.dashboards.list(who, {}, {})).nodes.map((dashboard) => dashboard.id)).toEqual([id]);
  });

  it('a metric that is called like its table is its number, on a widget and in an alert', async () => {
    const who = caller();
    const { id } = await world.services.dashboards.create(who, { name: 'Numbers' });
    await world.services.widgets.add(who, {
      dashboardId: id,
      name: 'Orders',
      widgetType: 'metric',
      dataSource: { metric: 'orders', sourceId: 'shop' },
    });
    const [widget] = (await world.services.data.load(who, id)).widgets;
    const alert = await world.services.alerts.create(who, {
      name: 'Orders',
      metric: 'orders',
      sourceId: 'shop',
      condition: { operator: 'greater_than', threshold: 1 },
      schedule: '0 9 * * *',
      channels: [],
    });
    const { value } = await world.services.alerts.test(who, alert.id);
    const [expected] = await byHand('shop', 'select count(*) from orders');
    expect([comparable(widget!.result!.rows[0]!), comparable([value])]).toEqual([expected, expected]);
  });
});

/** Sums of doubles differ in their last digits by the order of the rows. */
function comparable(row: readonly unknown[]): string {
  const cell = (value: unknown): string => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && !Number.isNaN(number) ? number.toPrecision(9) : String(value);
  };
  return row.map(cell).join(' | ');
}
