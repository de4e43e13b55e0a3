import type { Catalog, CatalogColumn, Dialect } from '../engine/catalog';
import { checkSql, tablesOf } from '.';

const columns = (...names: string[]): CatalogColumn[] => names.map((name) => ({ name, declaredType: 'text', type: 'text' }));
const catalogOf = (dialect: Dialect): Catalog => ({
  dialect,
  tables: [
    { name: 'orders', columns: columns('id', 'customer_id', 'ordered_at', 'amount', 'tags'), primaryKey: ['id'], foreignKeys: [] },
    { name: 'Customers', columns: columns('id', 'name', 'region'), primaryKey: ['id'], foreignKeys: [] },
    { name: 'events', schema: 'logs', columns: columns('id', 'kind'), primaryKey: [], foreignKeys: [] },
  ],
});
const check = (sql: string, dialect: Dialect = 'duckdb', parameters?: Record<string, string | number>) =>
  checkSql({ sql, dialect, catalog: catalogOf(dialect), parameters });
const everyDialect = ['duckdb', 'postgresql', 'sqlite', 'mysql', 'clickhouse', 'trino', 'spark', 'bigquery', 'snowflake'] as const;

it.each(everyDialect)('reads the same question in %s', async (dialect) => {
  const sql =
    "with big as (select customer_id, sum(amount) as total from orders where amount > 3 group by customer_id) select c.name, b.total, rank() over (partition by c.region order by b.total desc) as place from big b join Customers c on c.id = b.customer_id where c.region in ('Europe', 'Asia') and not exists (select 1 from orders o where o.customer_id = c.id and o.amount is null) order by b.total desc limit 5";
  const found = await check(sql, dialect);
  expect(found).toMatchObject({ ok: true, errors: [] });
  expect([...found.tables].sort()).toEqual(['Customers', 'orders']);
  expect([...found.columns].sort()).toEqual(['Customers.id', 'Customers.name', 'Customers.region', 'orders.amount', 'orders.customer_id']);
  expect([...found.functions].sort()).toEqual(['rank', 'sum']);
});

it.each([
  'select o.id from orders o where o.amount > (select avg(amount) from orders where customer_id = o.customer_id)',
  "select t.m, t.n from (select date_trunc('month', ordered_at) as m, count(*) as n from orders group by 1) t where t.n > 3",
  'select id from orders union all select id from Customers order by id',
  'select kind from logs.events',
  'select kind from events',
  'select main.orders.id from main.orders',
  'select amount * 2 as double from orders order by double',
  'select id from orders where ordered_at >= current_date - interval 3 month',
  'select a.id from orders a join orders b using (id) where id > 3',
  'select list_transform(tags, x -> x || id) from orders',
  'select * exclude (amount) from orders',
  'select sum(amount) filter (where id > 3), count(*) filter (where amount is null) from orders',
  'select * from orders qualify row_number() over (partition by customer_id order by amount desc) = 1',
  "select unnest(generate_series(date '2024-01-01', date '2024-12-01', interval 1 month)) as month",
  'select d from generate_series(1, 12) t(d)',
  'select region, sum(amount) from orders, Customers where Customers.id = customer_id group by rollup (region)',
  'from orders select id',
  "select id from orders where ordered_at between '2024-01-01' and '2024-12-31' and amount not in (1, 2)",
])('accepts what DuckDB understands: %s', async (sql) => {
  expect(await check(sql)).toMatchObject({ ok: true, errors: [], normalizedSql: sql });
});

it.each([
  'select distinct on (customer_id) customer_id, amount from orders order by customer_id, ordered_at desc',
  'select percentile_cont(0.5) within group (order by amount::numeric) from orders',
  "select to_char(ordered_at::timestamp, 'YYYY-MM') as month, count(*) from orders group by 1",
  "select id from orders where ordered_at::date >= date '2024-01-01' - interval '3 months'",
  "select s.d from generate_series(date '2024-01-01', date '2024-12-01', interval '1 month') as s(d)",
  'select c.name, l.amount from "Customers" c cross join lateral (select amount from orders o where o.customer_id = c.id limit 1) l',
  'select string_agg(name, \', \' order by name) from "Customers"',
  'select sum(amount::int) over w from orders window w as (partition by customer_id order by ordered_at rows between 2 preceding and current row)',
  "select name from \"Customers\" where name ilike 'a!%' escape '!'",
])('accepts what PostgreSQL understands: %s', async (sql) => {
  const found = await check(sql, 'postgresql');
  expect(found.errors).toEqual([]);
  expect((await check(found.normalizedSql, 'postgresql')).errors).toEqual([]);
});

it.each(['postgresql', 'mysql', 'clickhouse', 'trino'] as const)(
  'takes the same table of another schema for another table, in %s',
  async (dialect) => {
    for (const schema of ['public', 'main', 'other']) {
      const { ok, errors } = await check(`select id from ${schema}.orders`, dialect);
      expect([ok, errors[0]?.type]).toEqual([false, 'invalid_table']);
    }
    expect((await check('select id from logs.events', dialect)).ok).toBe(true);
    expect((await check('select id from other.events', dialect)).ok).toBe(false);
  },
);

it('takes a trailing semicolon and comments', async () => {
  for (const dialect of everyDialect) expect((await check('-- orders\nselect id /* all */ from orders ; ', dialect)).ok).toBe(true);
});

it('places an error where it is, also after letters of more than one byte', async () => {
  for (const dialect of ['duckdb', 'postgresql', 'trino'] as const) {
    const { errors } = await check("select id\nfrom orders where id = 'äöü€' and nothing_here = 1", dialect);
    expect(errors[0]).toMatchObject({ type: 'invalid_column', line: 2, column: 35 });
  }
});

it('compares parameters with the values that were given', async () => {
  expect((await check('select id from orders where amount > $low', 'duckdb', { low: 1 })).ok).toBe(true);
  expect((await check('select id from orders where amount > $low', 'postgresql', { low: 1 })).parameters).toEqual(['low']);
  expect((await check('select id from orders where amount > $low', 'duckdb', { high: 1 })).errors.map(({ message }) => message)).toEqual([
    'the parameter $low has no value',
    'the statement has no parameter $high',
  ]);
  expect((await check('select id from orders where amount > $1')).ok).toBe(false);
  expect((await check('select id from orders where amount > ?')).ok).toBe(false);
  expect((await check('select id from orders where amount > $1', 'postgresql')).ok).toBe(false);
});

it('answers for whatever text it gets, and in bounded time', async () => {
  const texts = [
    '\0',
    '\u202e',
    '🙂',
    '(((((',
    ')',
    "'",
    '"',
    '/*',
    '*/',
    '--',
    '$$',
    ';',
    'select',
    'select select',
    'with',
    'x'.repeat(60_000),
    'select ' + 'a.'.repeat(20_000),
    'select ' + 'not '.repeat(12_000) + '1',
    'select ' + '- '.repeat(20_000) + '1',
    `select ${'case when 1 = 1 then '.repeat(1_000)}1`,
    `select ${'1 = '.repeat(10_000)}1`,
    `select * from ${'orders, '.repeat(5_000)}orders`,
    `select ${'1 in (1) in '.repeat(3_000)}(1)`,
  ];
  for (const dialect of ['duckdb', 'postgresql', 'sqlite', 'mysql', 'clickhouse', 'trino'] as const) {
    for (const sql of texts) {
      const { ok, errors } = await check(sql, dialect);
      // Ten thousand NOTs in a row are nothing but long: the portable reader counts them and writes none.
      expect(ok).toBe(sql.startsWith('select not') && errors.length === 0);
    }
  }
});

it.each(['duckdb', 'postgresql', 'sqlite'] as const)('refuses what has too many parts, in %s, before it looks at them', async (dialect) => {
  for (const sql of [
    `select 1 from orders${' natural join orders'.repeat(400)}`,
    `select 1 from orders${' , orders'.repeat(2_000)}`,
    `${'select 1 union '.repeat(400)}select 1`,
    `with ${Array.from({ length: 300 }, (_, i) => `a${i} as (select 1)`).join(', ')} select 1`,
  ]) {
    const { ok, errors } = await check(sql, dialect);
    expect([ok, errors[0]?.type]).toEqual([false, 'security_violation']);
  }
});

it('finds the tables of a statement', async () => {
  expect(await tablesOf('with orders_2024 as (select * from orders) select * from orders_2024 join Customers using (id)')).toEqual([
    'Customers',
    'orders',
  ]);
  expect(await tablesOf('select from where')).toEqual([]);
  await expect(tablesOf('drop table orders')).rejects.toHaveCode('SQL_REJECTED');
});
