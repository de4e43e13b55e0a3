import type { Caller } from '#platform/auth';

import { createQueryRunner } from '../../gateway/ports/query-runner';
import { caller } from '../kit/caller';
import { sqlWorld, type SqlWorld } from '../sql/world';

import { graphOf } from './sql-graph';
import { dashboardWorld, type DashboardWorld } from './world';

describe('widgets over the sql domain', () => {
  let sql: SqlWorld;
  let world: DashboardWorld;
  beforeAll(async () => {
    sql = await sqlWorld();
    world = await dashboardWorld({ runner: createQueryRunner(graphOf(sql)) });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await sql?.[Symbol.asyncDispose]();
  });

  const questions = [
    'what is the total amount of sales?',
    'average quantity of sales',
    'how many sales',
    'sum of amount of sales by month',
    'how many sales per month',
  ];
  const asking = (question: string, sourceId: string) => ({ name: question, widgetType: 'table', dataSource: { question, sourceId } });
  const make = async (who: Caller, widgets: readonly object[], settings: object = {}): Promise<string> => {
    const { id } = await world.services.dashboards.create(who, { name: 'Bakery', visibility: 'tenant', ...settings });
    for (const widget of widgets) await world.services.widgets.add(who, { dashboardId: id, ...widget });
    return id;
  };
  const statementsOf = async (who: Caller): Promise<string[]> => {
    const { nodes } = await sql.run(who, '{ sqlQueries(first: 100) { nodes { sql status } } }');
    return (nodes as { sql: string }[]).map((query) => query.sql);
  };

  it('that measure the same rows are one query, and each has the rows, headings and statement of its own', async () => {
    const who = caller();
    const { id: sourceId } = await sql.bakery(who);
    const id = await make(
      who,
      questions.map((question) => asking(question, sourceId)),
    );
    const { widgets, queryCount } = await world.services.data.load(who, id);
    expect(queryCount).toBe(2);
    expect(await statementsOf(who)).toHaveLength(2);
    for (const { name, result, error } of widgets) {
      const alone = await sql.ask(who, { question: name, sourceId, refresh: true });
      expect(error).toBeNull();
      expect(result).toMatchObject({ rows: alone.rows, sql: alone.sql, sourceId });
    }
    expect(widgets[4]!.result!.columns.map(({ name }) => name)).toEqual(['month', 'sales_count']);
  });

  it('that measure the same rows see them through the row policies of who looks', async () => {
    const who = caller();
    const { id: sourceId } = await sql.bakery(who);
    const { yaml } = await sql.run(who, 'query ($id: ID!) { semanticModel(sourceId: $id) { yaml } }', { id: sourceId });
    const policies = '\npolicies:\n  - name: own town\n    entity: shop\n    roles: [analyst]\n    filter: town = user.town\n';
    await sql.run(who, 'mutation ($input: PutSemanticModelInput!) { putSemanticModel(input: $input) { inferred } }', {
      input: { sourceId, yaml: yaml.replace(/policies: \[\]\s*/, '') + policies },
    });
    const asked = ['how many shops', 'average seats of shops', 'highest seats of shops'];
    const id = await make(
      who,
      asked.map((question) => asking(question, sourceId)),
    );
    const of = (town: string): Caller => ({ ...caller(), tenantId: who.tenantId, roles: ['analyst'], attributes: { town } });
    for (const [reader, shops] of [
      [who, 12],
      [of('Bonn'), 4],
      [of('Nowhere'), 0],
    ] as const) {
      const { widgets, queryCount } = await world.services.data.load(reader, id);
      expect(queryCount).toBe(1);
      expect(widgets[0]!.result!.rows).toEqual([[shops]]);
      for (const { name, result } of widgets) expect(result!.rows).toEqual((await sql.ask(reader, { question: name, sourceId })).rows);
    }
  });

  it('have the dashboard’s filters in the one query too', async () => {
    const who = caller();
    const { id: sourceId } = await sql.bakery(who);
    const filters = [{ field: 'town', operator: 'equals', values: ['Ulm'] }];
    const id = await make(
      who,
      questions.map((question) => asking(question, sourceId)),
      { filters },
    );
    const { widgets, queryCount } = await world.services.data.load(who, id);
    expect(queryCount).toBe(2);
    for (const { name, result } of widgets) expect(result!.rows).toEqual((await sql.ask(who, { question: name, sourceId, filters })).rows);
    expect(widgets[0]!.result!.rows).toEqual([[6797]]);
  });

  it('that cannot be answered say so, and take no other along', async () => {
    const who = caller();
    const { id: sourceId } = await sql.bakery(who);
    const id = await make(who, [
      asking('Zebras galore, moonlight sonata?', sourceId),
      asking('how many sales', sourceId),
      asking('how many sales', 'src-of-somebody-else'),
      { name: 'broken', widgetType: 'table', dataSource: { sql: 'select nothing from nowhere', sourceId } },
    ]);
    const { widgets } = await world.services.data.load(who, id);
    expect(widgets[0]!.result!.warnings.join()).toMatch(/Zebras/);
    expect(widgets.map(({ error }) => error?.code ?? null)).toEqual([null, null, 'NOT_FOUND', 'SQL_REJECTED']);
    expect(widgets[1]!.result!.rows).toHaveLength(1);
  });

  it('of statements take filters by named parameters, by their own values without one, and by wrapping else', async () => {
    const who = caller();
    const { id: sourceId } = await sql.bakery(who);
    const statement =
      'select count(*) as n from shops where ($town is null or town = $town) and opened between cast($opened_from as date) and cast($opened_to as date)';
    const parameters = { town: null, opened_from: '1900-01-01', opened_to: '2100-01-01' };
    const id = await make(who, [
      { name: 'by parameter', widgetType: 'metric', dataSource: { sql: statement, sourceId, parameters } },
      { name: 'by wrapping', widgetType: 'table', dataSource: { sql: 'select name, town from shops', sourceId } },
    ]);
    const counts = async (...filters: object[]): Promise<unknown[]> => {
      const { widgets } = await world.services.data.load(who, id, { filters: filters as never });
      return widgets.map(({ result, error }) => error?.code ?? (result!.rows.length === 1 ? result!.rows[0]![0] : result!.rows.length));
    };
    const town = (value: string) => ({ field: 'shops.town', operator: 'equals', values: [value] });
    expect(await counts()).toEqual([12, 12]);
    expect(await counts(town('Ulm'))).toEqual([4, 4]);
    expect(await counts(town("Ulm' or '1'='1"))).toEqual([0, 0]);
    expect((await counts({ field: 'opened', operator: 'between', values: ['1990-01-01', '2000-12-31'] }))[0]).toBe(4);
    expect((await counts({ field: 'opened', operator: 'less_or_equal', values: ['1995-12-31'] }))[0]).toBe(2);
    expect((await counts(town('Ulm'), { field: 'opened', operator: 'this', values: ['year'] }))[0]).toBe(0);
  });
});
