import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

import type { Dialect } from '../engine';
import { renderTree } from '../engine/render/renderer';
import { compileSchema } from '../engine/schema/compile';

import { filterSql, filterTree, readFilters, type Filter } from './index';
import { periodOf } from './period';

const now = new Date('2024-03-30T12:00:00Z');
const model = { version: 1, name: 's', entities: [], joins: [], metrics: [], policies: [] };
const kinds = { region: 'text', amount: 'number', paid: 'boolean', day: 'date', sold_at: 'timestamp' } as const;
const columns = Object.entries(kinds).map(([name, kind]) => ({ name, type: kind, kind }));
const catalog = {
  dialect: 'duckdb',
  tables: [
    { name: 'sales', columns: columns.map(({ name, kind }) => ({ name, type: kind, nativeType: kind })), primaryKey: [], foreignKeys: [] },
  ],
};

describe('filters of dashboards', () => {
  let connection: DuckDBConnection;
  beforeAll(async () => {
    connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`
      create table sales as
      select case when n = 30 then null when n % 2 = 0 then 'North''s 100%' else 'South_East' end as region, cast(n as double) as amount, n % 3 = 0 as paid,
        date '2024-03-01' + cast(n - 1 as integer) as day, timestamp '2024-03-01 18:00:00' + to_days(cast(n - 1 as integer)) as sold_at
      from range(1, 32) as numbers(n)`);
  });
  afterAll(() => connection?.closeSync());

  const countOf = async (statement: string): Promise<number> => (await connection.runAndReadAll(statement)).currentRowCount;
  const bySql = (filter: Filter): Promise<number> =>
    countOf(filterSql('select * from sales; ', { filters: readFilters([filter]), columns, dialect: 'duckdb', now }).sql);
  const byTree = (filter: Filter): Promise<number> => {
    const schema = compileSchema(catalog as never, model as never);
    const tree = {
      show: [{ expression: { kind: 'column', table: 'sales', column: 'amount' } }],
      sort: [],
      distinct: false,
      through: [],
      fanOut: 'plain' as const,
    };
    const filtered = filterTree(schema, tree as never, { filters: readFilters([filter]), tables: ['sales'], now });
    expect(filtered.ignored).toEqual([]);
    return countOf(renderTree(schema, filtered.tree, { dialect: 'duckdb' }).sql);
  };
  const filter = (field: string, operator: Filter['operator'], ...values: Filter['values']): Filter => ({ field, operator, values });

  it.each([
    [filter('region', 'equals', 'South_East'), 16],
    [filter('region', 'equals', "North's 100%"), 14],
    [filter('region', 'equals', "x' or '1'='1"), 0],
    [filter('region', 'not_equals', 'South_East'), 14],
    [filter('region', 'in', 'South_East', "North's 100%"), 30],
    [filter('region', 'not_in', 'South_East'), 14],
    [filter('region', 'contains', "'s 100%"), 14],
    [filter('region', 'contains', '%'), 14],
    [filter('region', 'contains', '_'), 16],
    [filter('region', 'not_contains', '_'), 14],
    [filter('region', 'starts_with', 'south'), 16],
    [filter('region', 'ends_with', '%'), 14],
    [filter('region', 'is_null'), 1],
    [filter('region', 'is_not_null'), 30],
    [filter('amount', 'greater_than', 30), 1],
    [filter('amount', 'greater_or_equal', '30'), 2],
    [filter('amount', 'less_than', 3), 2],
    [filter('amount', 'less_or_equal', 3), 3],
    [filter('amount', 'between', 10, 12), 3],
    [filter('paid', 'equals', true), 10],
    [filter('paid', 'equals', 'false'), 21],
    [filter('day', 'on', '2024-03-05'), 1],
    [filter('day', 'between', '2024-03-05', '2024-03-07'), 3],
    [filter('day', 'after', '2024-03-29'), 2],
    [filter('sold_at', 'on', '2024-03-05'), 1],
    [filter('sold_at', 'equals', '2024-03-05'), 1],
    [filter('sold_at', 'between', '2024-03-05', '2024-03-07'), 3],
    [filter('sold_at', 'less_or_equal', '2024-03-03'), 3],
    [filter('sold_at', 'before', '2024-03-03'), 2],
    [filter('sold_at', 'after', '2024-03-29'), 2],
    [filter('sold_at', 'after', '2024-03-29T18:00:00Z'), 2],
    [filter('sold_at', 'last', 7, 'days'), 7],
    [filter('sold_at', 'last', 1, 'month'), 30],
    [filter('sold_at', 'this', 'month'), 31],
    [filter('sold_at', 'this', 'week'), 7],
    [filter('sold_at', 'previous', 'week'), 7],
    [filter('sold_at', 'previous', 'year'), 0],
    [filter('sold_at', 'this', 'quarter'), 31],
  ])('%j leaves the same rows in a query tree and around a statement', async (given, expected) => {
    expect([await bySql(given), await byTree(given)]).toEqual([expected, expected]);
  });

  it.each([
    filter('amount', 'equals', 'many'),
    filter('amount', 'equals', ''),
    filter('amount', 'in', 1, '1) or (1=1'),
    filter('amount', 'last', 3, 'days'),
    filter('paid', 'equals', 'perhaps'),
    filter('sold_at', 'on', 'yesterday'),
    filter('sold_at', 'equals', '2024-99-99'),
    filter('sold_at', 'last', 0, 'days'),
    filter('sold_at', 'last', 3, 'fortnights'),
    filter('sold_at', 'this', 'moment'),
  ])('%j is refused before anything runs', async (given) => {
    expect(() => filterSql('select * from sales', { filters: readFilters([given]), columns, dialect: 'duckdb', now })).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    );
    await expect((async () => byTree(given))()).rejects.toHaveCode('INVALID_REQUEST');
  });

  it.each([
    [[{ field: 'region', operator: 'like', values: ['x'] }], 'filters[0].operator'],
    [[filter('region', 'equals')], 'filters[0].values'],
    [[filter('region', 'equals', 'a', 'b')], 'filters[0].values'],
    [[filter('region', 'is_null', 'a')], 'filters[0].values'],
    [[filter('region', 'between', 1)], 'filters[0].values'],
    [[filter('region', 'in')], 'filters[0].values'],
    ['region = 1', 'filters'],
  ])('%j is no filter, and the field is named', (given, field) => {
    expect(() => readFilters(given)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST', field }));
  });

  it('says which fields a source does not have', () => {
    const given = [filter('nowhere', 'equals', 1), filter('sales.region', 'is_null')];
    const { sql, ignored } = filterSql('select * from sales -- all', { filters: given, columns, dialect: 'duckdb', now });
    expect(ignored).toEqual(['nowhere']);
    expect(sql).toBe('SELECT * FROM (select * from sales -- all\n) AS filtered WHERE region IS NULL');
  });

  it.each(['mysql', 'clickhouse', 'bigquery', 'spark'] as Dialect[])(
    'writes a backslash as %s reads it, so that no value ends its quotes',
    (dialect) => {
      const { sql } = filterSql('select region from sales', {
        filters: [filter('region', 'equals', "\\' or 1=1 --")],
        columns,
        dialect,
        now,
      });
      expect(sql).toMatch(/= '\\\\(\\'|'') or 1=1 --'$/);
    },
  );

  it('counts a month back from a long month to the end of a short one', () => {
    expect(periodOf('last', [1, 'month'], new Date('2024-03-30T12:00:00Z'))).toEqual({ from: '2024-02-29', to: '2024-03-31' });
    expect(periodOf('last', [1, 'year'], new Date('2024-02-28T12:00:00Z'))).toEqual({ from: '2023-02-28', to: '2024-02-29' });
    expect(periodOf('previous', ['month'], new Date('2024-03-31T12:00:00Z'))).toEqual({ from: '2024-02-01', to: '2024-03-01' });
  });
});
