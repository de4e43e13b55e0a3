import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

import type { Aggregate, Expression, QueryTree } from '../engine';
import { renderTree } from '../engine/render/renderer';
import { compileSchema } from '../engine/schema/compile';

import { combine } from './combine';
import { headingOf, splitSelect } from './select-list';

const kinds = { region: 'text', amount: 'number', cost: 'number', day: 'date', shop_id: 'integer' } as const;
const table = (name: string, columns: Readonly<Record<string, string>>, foreignKeys: readonly object[] = []) => ({
  name,
  columns: Object.entries(columns).map(([column, kind]) => ({ name: column, type: kind, nativeType: kind, declaredType: kind })),
  primaryKey: name === 'shops' ? ['id'] : [],
  foreignKeys,
});
const catalog = {
  dialect: 'duckdb',
  tables: [
    table('sales', kinds, [{ columns: ['shop_id'], table: 'shops', targetColumns: ['id'], origin: 'declared' }]),
    table('shops', { id: 'integer', size: 'number' }),
  ],
};
const schema = compileSchema(catalog as never, { version: 1, name: 's', entities: [], joins: [], metrics: [], policies: [] } as never);

const column = (name: string, of = 'sales'): Expression => ({ kind: 'column', table: of, column: name });
const measure = (fn: Aggregate['fn'], of?: string, more: Partial<Aggregate> = {}): Expression =>
  ({ kind: 'aggregate', fn, ...(of ? { of: column(of) } : { rows: 'sales' }), ...more }) as Expression;
const tree = (show: readonly Expression[], more: Partial<QueryTree> = {}): QueryTree => ({
  show: show.map((expression) => ({ expression })),
  sort: [],
  distinct: false,
  through: [],
  fanOut: 'safe',
  ...more,
});
const europe = {
  kind: 'compare',
  operator: '=',
  left: column('region'),
  right: { kind: 'literal', value: 'Europe', type: 'text' },
} as const;
const statement = (asked: QueryTree) => ({ tree: asked, sql: renderTree(schema, asked, { dialect: 'duckdb' }).sql });

describe('statements that become one', () => {
  let connection: DuckDBConnection;
  beforeAll(async () => {
    connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`
      create table shops as select n as id, n * 10 as size from range(0, 3) as numbers(n);
      create table sales as select ['Europe', 'Asia', null][1 + n % 3] as region, n * 1.5 as amount, nullif(n % 7, 0) as cost,
        date '2024-01-01' + cast(n % 40 as integer) as day, n % 4 as shop_id from range(0, 500) as numbers(n)`);
  });
  afterAll(() => connection?.closeSync());
  const rowsOf = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJson();
  const namesOf = async (sql: string): Promise<string[]> => (await connection.runAndReadAll(sql)).columnNames();

  /** Runs the statements apart and combined, and holds rows and headings against each other. */
  const compare = async (trees: readonly QueryTree[]): Promise<number> => {
    const statements = trees.map(statement);
    const combined = combine(statements);
    const seen = new Set<number>();
    for (const { sql, parts } of combined) {
      const [rows, names] = [await rowsOf(sql), await namesOf(sql)];
      for (const part of parts) {
        seen.add(part.statement);
        const own = statements[part.statement]!.sql;
        expect(part.columns.map((place) => names[place])).toEqual(await namesOf(own));
        const sorted = (all: unknown[][]): string[] => all.map((row) => JSON.stringify(row)).sort();
        expect(sorted(rows.map((row) => part.columns.map((place) => row[place])))).toEqual(sorted(await rowsOf(own)));
      }
    }
    expect(seen.size).toBe(trees.length);
    return combined.length;
  };

  it('are measures over the same rows', async () => {
    expect(await compare([tree([measure('sum', 'amount')]), tree([measure('avg', 'cost')]), tree([measure('count')])])).toBe(1);
    const filtered = { where: europe };
    expect(await compare([tree([measure('sum', 'amount')], filtered), tree([measure('max', 'cost'), measure('count')], filtered)])).toBe(1);
  });

  it('are measures in the same groups, in the same order', async () => {
    const byRegion = (of: Expression, more: Partial<QueryTree> = {}) => tree([column('region'), of], more);
    expect(await compare([byRegion(measure('sum', 'amount')), byRegion(measure('count')), byRegion(measure('sum', 'amount'))])).toBe(1);
    const sort = [{ expression: column('region'), direction: 'asc' as const }];
    expect(await compare([byRegion(measure('sum', 'amount'), { sort }), byRegion(measure('min', 'cost'), { sort })])).toBe(1);
    const monthly = (of: Expression) => tree([{ kind: 'bucket', grain: 'month', of: column('day') }, of]);
    expect(await compare([monthly(measure('sum', 'amount')), monthly(measure('avg', 'cost'))])).toBe(1);
  });

  it('are not those that differ in filter, group, order, tables or what is cut off', async () => {
    const sum = measure('sum', 'amount');
    const trees = [
      tree([sum]),
      tree([measure('avg', 'cost')], { where: europe }),
      tree([column('region'), sum]),
      tree([column('region'), measure('count')], { sort: [{ expression: measure('count'), direction: 'desc' }] }),
      tree([column('region'), measure('avg', 'cost')], { sort: [{ expression: sum, direction: 'desc' }], limit: 2 }),
      tree([column('region'), measure('min', 'cost')], { sort: [{ expression: sum, direction: 'desc' }], limit: 2 }),
      tree([{ kind: 'aggregate', fn: 'sum', of: column('size', 'shops') }]),
      tree([{ kind: 'aggregate', fn: 'max', of: column('size', 'shops') }], { through: ['sales'] }),
      tree([column('region')], { distinct: true }),
    ];
    expect(await compare(trees)).toBe(trees.length);
  });

  it('are not those with one heading for two things, nor with a heading that a later clause reads', async () => {
    const named = (of: Expression, label: string, more: Partial<QueryTree> = {}): QueryTree => ({
      ...tree([of], more),
      show: [{ expression: of, label }],
    });
    expect(await compare([named(measure('sum', 'amount'), 'value'), named(measure('sum', 'cost'), 'Value')])).toBe(2);
    const costly = {
      where: { kind: 'compare', operator: '>', left: column('cost'), right: { kind: 'literal', value: 3, type: 'number' } } as const,
    };
    expect(await compare([named(measure('sum', 'amount'), 'total', costly), named(measure('max', 'cost'), 'cost', costly)])).toBe(2);
    expect(await compare([named(measure('sum', 'amount'), 'cost'), named(measure('max', 'cost'), 'most')])).toBe(2);
    expect(await compare([named(measure('count'), 'sales'), named(measure('max', 'cost'), 'count')])).toBe(1);
  });
});

describe('a select list', () => {
  it('is read past texts, quoted names and brackets', () => {
    const sql = `SELECT "a, b" AS "c ""d""", count(*) FILTER (WHERE x = 'FROM, (') AS n, coalesce(a, b)\nFROM t\nGROUP BY "a, b"`;
    expect(splitSelect(sql)).toEqual({
      items: ['"a, b" AS "c ""d"""', "count(*) FILTER (WHERE x = 'FROM, (') AS n", 'coalesce(a, b)'],
      rest: '\nFROM t\nGROUP BY "a, b"',
    });
  });

  it.each([
    ['SELECT DISTINCT a\nFROM t'],
    ['WITH x AS (SELECT 1) SELECT a\nFROM x'],
    ["SELECT '\\' AS a\nFROM t"],
    ['SELECT a, count(*) AS n\nFROM t\nGROUP BY 1'],
    ['SELECT a, count(*) AS n\nFROM t\nGROUP BY a\nORDER BY a, 2 DESC'],
    ['SELECT 1'],
  ])('is not read from %j', (sql) => expect(splitSelect(sql)).toBeNull());

  it.each([
    ['sum(x) AS total', 'total'],
    ['sum(x) AS "Total cost"', 'total cost'],
    ['t.region', 'region'],
    ['region', 'region'],
    ['count(*)', null],
    ['CASE WHEN a THEN b END', null],
  ])('has in %j the heading %p', (item, heading) => expect(headingOf(item)).toBe(heading));
});
