import type { Catalog, CatalogColumn, CatalogTable } from '../engine/catalog';
import { explainSql, transpileSql, validateSql } from '.';

const column = (name: string, type: CatalogColumn['type'] = 'text'): CatalogColumn => ({ name, declaredType: type, type });
const table = (name: string, columns: CatalogColumn[], more: Partial<CatalogTable> = {}): CatalogTable => ({
  name,
  columns,
  primaryKey: ['id'],
  foreignKeys: [],
  rowCount: 1_000,
  ...more,
});

const catalog: Catalog = {
  dialect: 'duckdb',
  tables: [
    table('customers', [column('id', 'integer'), column('name'), column('region')]),
    table('orders', [
      column('id', 'integer'),
      column('customer_id', 'integer'),
      column('ordered_at', 'timestamp'),
      column('freight', 'number'),
    ]),
    table('items', [column('id', 'integer'), column('order_id', 'integer'), column('amount', 'number')]),
    table('clicks', [column('id', 'integer'), column('page')], { rowCount: 5_000_000 }),
  ],
};

const validate = (sql: string) => validateSql({ sql, dialect: 'duckdb', catalog });
const warnings = async (sql: string) => (await validate(sql)).warnings.map(({ type }) => type);

it.each([
  ['selec id from orders', 'syntax_error', 1, 1, null],
  ['select id from orders where (freight > 1', 'syntax_error', 1, 41, null],
  ['select id\nfrom oders', 'invalid_table', 2, 6, 'did you mean orders'],
  ['select id,\n  frieght from orders', 'invalid_column', 2, 3, 'did you mean freight'],
  ['select amount from orders', 'invalid_column', 1, 8, 'amount is a column of items'],
  ['select o.id, name from orders o join customers c on c.id = o.customer_id where id = 3', 'ambiguous_column', 1, 80, 'write o.id'],
  ['select o.id from orders o join customers c', 'syntax_error', 1, 43, null],
  ['delete from orders', 'security_violation', null, null, null],
  ['select 1; select 2', 'security_violation', null, null, null],
  ["select * from read_csv('/etc/passwd')", 'security_violation', 1, 15, null],
])('names what is wrong with %j', async (sql, type, line, place, suggestion) => {
  const { valid, errors, normalizedSql } = await validate(sql);
  expect([valid, normalizedSql]).toEqual([false, null]);
  expect(errors[0]).toEqual({ type, message: expect.stringMatching(/./), line, column: place, suggestion });
});

it('asks for a join condition in dialects whose grammar does not', async () => {
  const { errors } = await validateSql({
    sql: 'select o.id from orders o join customers c where o.freight > 1',
    dialect: 'mysql',
    catalog: { ...catalog, dialect: 'mysql' },
  });
  expect(errors).toEqual([expect.objectContaining({ type: 'missing_join_condition' })]);
});

it('puts security before syntax and schema', async () => {
  const { errors } = await validate('select pg_sleep(1), nope from orders');
  expect(errors.map(({ type }) => type)).toEqual(['security_violation', 'invalid_column']);
});

it('lists what a valid statement reads', async () => {
  const found = await validate(
    'with spend as (select order_id, sum(amount) as total from items group by 1) select c.region, sum(s.total) as t from spend s join orders o on o.id = s.order_id join customers c on c.id = o.customer_id group by c.region order by t desc limit 5',
  );
  expect(found).toMatchObject({ valid: true, errors: [], warnings: [], estimatedComplexity: 'medium' });
  expect([...found.tablesReferenced].sort()).toEqual(['customers', 'items', 'orders']);
  expect([...found.columnsReferenced].sort()).toEqual([
    'customers.id',
    'customers.region',
    'items.amount',
    'items.order_id',
    'orders.customer_id',
    'orders.id',
  ]);
});

it.each([
  ['select * from customers limit 3', ['select_star']],
  ['select name from customers', ['missing_limit']],
  ['select count(*) from customers', []],
  ['select c.name, o.id from customers c, orders o limit 5', ['cartesian_product']],
  ['select c.name, o.id from customers c, orders o where o.customer_id = c.id limit 5', []],
  ['select c.name, o.id from customers c join orders o on o.freight > length(c.name) limit 5', []],
  ['select o.id, t.total from orders o, (select sum(amount) as total from items) t limit 5', []],
  ['select sum(o.freight) from orders o join items i on i.order_id = o.id', ['fan_out']],
  ['select c.region, count(c.id) from customers c join orders o on o.customer_id = c.id group by 1 limit 9', ['fan_out']],
  ['select count(distinct c.id) from customers c join orders o on o.customer_id = c.id', []],
  ['select sum(i.amount) from orders o join items i on i.order_id = o.id join customers c on c.id = o.customer_id', []],
  ['select sum(i.amount), count(*) from items i join orders o on o.id = i.order_id', []],
  ['select max(o.freight) from orders o join items i on i.order_id = o.id', []],
  ['select page from clicks', ['missing_limit', 'unbounded_scan']],
  ["select page from clicks where page = 'a' limit 3", []],
])('warns about %j', async (sql, expected) => {
  const found = await validate(sql);
  expect(found.errors).toEqual([]);
  expect(found.warnings.map(({ type }) => type)).toEqual(expected);
});

it('leaves the schema out where there is none', async () => {
  const found = await validateSql({ sql: 'select anything from anywhere limit 1', dialect: 'trino' });
  expect(found).toMatchObject({ valid: true, tablesReferenced: ['anywhere'] });
  expect(await warnings('select 1')).toEqual([]);
});

it('weighs a statement', async () => {
  expect((await validate('select id from orders limit 1')).estimatedComplexity).toBe('low');
  const heavy =
    'select name, rank() over (order by id), sum(id) over (partition by region) from customers where id in (select customer_id from orders where id in (select order_id from items)) union select name, 1, 1 from customers where exists (select 1 from clicks) limit 1';
  expect((await validate(heavy)).estimatedComplexity).toBe('high');
});

describe('explainSql', () => {
  it('reads a statement clause by clause', async () => {
    const { explanation, clauses } = await explainSql({
      sql: "select c.region, sum(i.amount) as revenue from items i join orders o on o.id = i.order_id join customers c on c.id = o.customer_id where o.ordered_at >= date '2024-01-01' and c.region in ('Europe', 'Asia') group by 1 having sum(i.amount) > 100 order by revenue desc limit 5",
      dialect: 'duckdb',
      catalog,
    });
    expect(clauses).toEqual([
      { clause: 'select', meaning: 'Shows region and the total of amount (as revenue).' },
      { clause: 'from', meaning: 'Reads items with orders (where id is order id) with customers (where id is customer id).' },
      { clause: 'where', meaning: 'Keeps rows where ordered at is at least “2024-01-01” and region is one of “Europe” and “Asia”.' },
      { clause: 'group by', meaning: 'One row for each region.' },
      { clause: 'having', meaning: 'Keeps groups where the total of amount is more than 100.' },
      { clause: 'order by', meaning: 'Sorts by revenue, largest first.' },
      { clause: 'limit', meaning: 'Keeps the first 5 rows.' },
    ]);
    expect(explanation).toMatch(/^Shows region and the total of amount .* for each region/);
  });

  it('is the same for the same statement in another engine’s words', async () => {
    const sql =
      "select date_trunc('month', ordered_at) as month, count(*) from orders where ordered_at > now() - interval '3' month group by 1";
    const [duckdb, postgresql, trino] = await Promise.all(
      (['duckdb', 'postgresql', 'trino'] as const).map((dialect) =>
        explainSql({
          sql: dialect === 'postgresql' ? sql.replace("'3' month", "'3 months'") : sql,
          dialect,
          catalog: { ...catalog, dialect },
        }),
      ),
    );
    expect(postgresql).toEqual(duckdb);
    expect(trino).toEqual(duckdb);
  });

  it('rejects what it cannot read', async () => {
    await expect(explainSql({ sql: 'drop table orders', dialect: 'duckdb', catalog })).rejects.toHaveCode('SQL_REJECTED');
  });
});

describe('transpileSql', () => {
  const sql =
    "select date_trunc('month', ordered_at) as m, count(*) as n from orders where ordered_at >= date '2024-01-01' and freight > 3 group by 1 order by n desc limit 5";

  it.each([
    [
      'postgresql',
      `SELECT DATE_TRUNC('month', "ordered_at") AS "m", COUNT(*) AS "n" FROM "orders" WHERE ("ordered_at" >= DATE '2024-01-01') AND ("freight" > 3) GROUP BY 1 ORDER BY "n" DESC LIMIT 5`,
    ],
    [
      'mysql',
      "SELECT DATE(DATE_FORMAT(`ordered_at`, '%Y-%m-01')) AS `m`, COUNT(*) AS `n` FROM `orders` WHERE (`ordered_at` >= DATE '2024-01-01') AND (`freight` > 3) GROUP BY 1 ORDER BY `n` DESC LIMIT 5",
    ],
    [
      'clickhouse',
      "SELECT toStartOfMonth(`ordered_at`) AS `m`, count(*) AS `n` FROM `orders` WHERE (`ordered_at` >= CAST('2024-01-01' AS Date)) AND (`freight` > 3) GROUP BY 1 ORDER BY `n` DESC LIMIT 5",
    ],
    [
      'bigquery',
      "SELECT TIMESTAMP_TRUNC(`ordered_at`, MONTH) AS `m`, COUNT(*) AS `n` FROM `orders` WHERE (`ordered_at` >= CAST('2024-01-01' AS DATE)) AND (`freight` > 3) GROUP BY 1 ORDER BY `n` DESC LIMIT 5",
    ],
  ] as const)('writes for %s, labelled as a preview', async (targetDialect, expected) => {
    const { sql: written, warnings: notes } = await transpileSql({ sql, sourceDialect: 'duckdb', targetDialect });
    expect(written).toBe(expected);
    expect(notes[0]).toMatch(/preview/);
  });

  it('says no rather than guess', async () => {
    const found = await transpileSql({
      sql: "select strftime(ordered_at, '%Y') from orders",
      sourceDialect: 'duckdb',
      targetDialect: 'postgresql',
    });
    expect(found).toEqual({ sql: null, dialect: 'postgresql', warnings: [expect.stringContaining('strftime')] });
  });

  it('warns where the same text means something else', async () => {
    const { warnings: notes } = await transpileSql({
      sql: 'select a / b from t order by a',
      sourceDialect: 'duckdb',
      targetDialect: 'postgresql',
    });
    expect(notes.join(' ')).toMatch(/whole numbers.*|empty values/);
  });
});
