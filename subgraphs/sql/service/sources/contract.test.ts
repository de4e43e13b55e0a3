import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'libsql';
import { Client } from 'pg';

import { findAppError } from '#platform/errors';

import { clickhouseProgram, startClickhouse, type TestClickhouse } from '../../../../test/kit/clickhouse';
import { describeWith } from '../../../../test/kit/external';
import { mariadbProgram, startMariadb, type TestMariadb } from '../../../../test/kit/mariadb';
import { postgresProgram, startPostgres, type TestPostgres } from '../../../../test/kit/postgres';
import { until } from '../../../../test/kit/until';
import { checkSql } from '../guard';
import { postgresStatements, mysqlStatements, clickhouseStatements } from '../guard/adversarial/statements';
import { createSemanticEngine } from '../engine';
import { createSandbox, type Sandbox } from '../sandbox';
import { parseModel } from '../semantic-model';
import { contractTables } from './contract';
import { createOpenSource, type SourceAdapter, type SourceSettings } from '.';

const folder = mkdtempSync(path.join(tmpdir(), 'contract-'));
let sandbox: Sandbox;
beforeAll(() => {
  sandbox = createSandbox({ warm: false, graceMs: 200 });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

interface World {
  /** Where the tables are, with a login that may do more than read. */
  settings(): SourceSettings;
  /** Adds a row behind the adapter's back. */
  insertOrder(id: number): Promise<void>;
  stop(): Promise<void>;
}

interface Variant {
  start(): Promise<World>;
  /** A query that runs far longer than any test. */
  readonly endless: string;
  /** Statements that the guard refuses, tried without it. */
  readonly hostile?: readonly string[];
  /** An engine that tells when its rows change. */
  readonly versioned: boolean;
  /** False for a server that is older than windows and exact quantiles. */
  readonly analytic?: boolean;
}

const model = parseModel(`
version: 1
name: contract
entities:
  - { name: customer, table: customers, key: [id], title: name, dimensions: [{ name: region, column: region }], measures: [] }
  - name: order
    table: orders
    key: [id]
    time: ordered_at
    dimensions: [{ name: ordered_at, column: ordered_at }]
    measures: [{ name: amount, expression: amount, aggregate: sum }]
joins:
  - { from: orders.customer_id, to: customers.id }
metrics:
  - { name: revenue, expression: sum(orders.amount), time: orders.ordered_at }
`);

const limits = { maxRows: 1_000, maxBytes: 1_000_000, timeoutMs: 60_000 };

function keepsTheContract({ start, endless, hostile = [], versioned, analytic = true }: Variant): void {
  let world: World;
  let adapter: SourceAdapter;
  const rows = async (sql: string, more: object = {}) => (await adapter.query({ sql, ...limits, ...more })).rows;

  beforeAll(async () => {
    world = await start();
    adapter = createOpenSource({ sandbox, allowPrivateHosts: true })(world.settings());
  });
  afterAll(async () => {
    await adapter.close();
    await world.stop();
  });

  it('connects', async () => {
    await adapter.test();
  });

  it('reads tables, columns, keys, counts, values and ranges', async () => {
    const { tables, version } = await adapter.introspect();
    expect(version).toMatch(/^[0-9a-f]{16}$/);
    expect(tables.map(({ name, rowCount, primaryKey }) => [name, rowCount, primaryKey])).toEqual([
      ['customers', 3, ['id']],
      ['orders', 5, ['id']],
    ]);
    const [customers, orders] = tables;
    expect(customers!.columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'integer'],
      ['name', 'text'],
      ['region', 'text'],
    ]);
    expect(customers!.columns[2]).toMatchObject({ distinctCount: 2, nullCount: 0, values: ['Europe', 'America'], valuesComplete: true });
    expect(orders!.columns.map(({ type }) => type)).toEqual(['integer', 'integer', 'number', 'timestamp']);
    expect(orders!.foreignKeys).toEqual([{ columns: ['customer_id'], table: 'customers', targetColumns: ['id'], origin: 'inferred' }]);
    expect(Number(orders!.columns[2]!.max)).toBe(100);
    expect(String(orders!.columns[3]!.min)).toMatch(/^2024-01-05[T ]10:00:00/);
  });

  it('answers what the guard lets through, in its own words', async () => {
    const catalog = await adapter.introspect();
    const sql =
      'select c.region, count(*) as n, sum(o.amount) as total from orders o join customers c on c.id = o.customer_id where o.amount > 1 group by c.region order by total desc';
    const check = await checkSql({ sql, dialect: adapter.dialect, catalog });
    expect(check.errors).toEqual([]);
    const result = await adapter.query({ sql: check.normalizedSql, ...limits });
    expect(result.columns.map(({ name }) => name)).toEqual(['region', 'n', 'total']);
    expect(result.rows.map(([region, n, total]) => [region, Number(n), Number(total)])).toEqual([
      ['America', 2, 105.25],
      ['Europe', 2, 30.5],
    ]);
    expect(result.truncated).toBe(false);
  });

  const asked: [question: string, expected: unknown[][], analytic: boolean][] = [
    [
      'revenue by weekday',
      [
        ['Thursday', 105.25],
        ['Friday', 11.5],
        ['Saturday', 20],
      ],
      false,
    ],
    ['median amount', [[10.5]], true],
    ['90th percentile of amount', [[68]], true],
    [
      'median amount by region',
      [
        ['America', 5.25],
        ['Europe', 15.25],
      ],
      true,
    ],
    [
      '2 month moving average of revenue',
      [
        ['2024-01', 30.5, null],
        ['2024-02', 105.25, 67.875],
        ['2024-03', 1, 53.125],
      ],
      true,
    ],
  ];
  it.each(asked.filter(([, , needs]) => analytic || !needs))('answers as every other engine: %s', async (question, expected) => {
    const catalog = await adapter.introspect();
    const { sql } = createSemanticEngine(catalog, model).generate(question, { now: new Date('2024-03-15T00:00:00Z') });
    const check = await checkSql({ sql: sql!, dialect: adapter.dialect, catalog });
    expect(check.errors).toEqual([]);
    const cell = (value: unknown): unknown =>
      value === null || (typeof value === 'string' && !/^-?\d+(\.\d+)?$/.test(value))
        ? (value?.replace(/^(\d{4}-\d\d)-01.*$/, '$1') ?? null)
        : Math.round(Number(value) * 1e6) / 1e6;
    const found = (await rows(check.normalizedSql)).map((row) => row.map(cell));
    expect(/ by region/.test(question) ? found.sort() : found).toEqual(expected);
  });

  it('binds parameters by name, text with quotes included', async () => {
    const catalog = await adapter.introspect();
    const parameters = { who: "O'Hara", least: 2 };
    const check = await checkSql({
      sql: 'select id, name from customers where name = $who and id > $least',
      dialect: adapter.dialect,
      catalog,
      parameters,
    });
    expect(check.errors).toEqual([]);
    expect(await rows(check.normalizedSql, { parameters })).toEqual([[3, "O'Hara"]]);
    expect(await rows(check.normalizedSql, { parameters: { who: "' or '1'='1", least: 0 } })).toEqual([]);
    expect(await rows(check.normalizedSql, { parameters: { who: "\\' or 1=1 -- ", least: 0 } })).toEqual([]);
  });

  it('gives values that JSON can carry', async () => {
    const [row] = await rows('select id, amount, ordered_at from orders where id = 10');
    expect([row![0], Number(row![1])]).toEqual([10, 10.5]);
    expect(String(row![2])).toMatch(/^2024-01-05[T ]10:00:00/);
  });

  it('stops at the row cap', async () => {
    const capped = await adapter.query({ sql: 'select id from orders order by id', ...limits, maxRows: 2 });
    expect([capped.rows, capped.truncated]).toEqual([[[10], [11]], true]);
    const whole = await adapter.query({ sql: 'select id from orders order by id', ...limits, maxRows: 5 });
    expect([whole.rows.length, whole.truncated]).toEqual([5, false]);
    expect(await rows('select count(*) from orders')).toEqual([[5]]);
  });

  it('stops at the byte cap', async () => {
    const capped = await adapter.query({ sql: 'select id, amount, ordered_at from orders', ...limits, maxBytes: 100 });
    expect(capped.truncated).toBe(true);
    expect(capped.rows.length).toBeLessThan(5);
  });

  it('ends a query at its deadline and answers the next', async () => {
    await expect(rows(endless, { timeoutMs: 300 })).rejects.toHaveCode('TIMEOUT');
    expect(await rows('select count(*) from orders')).toEqual([[5]]);
  });

  it('ends a cancelled query at once', async () => {
    const controller = new AbortController();
    const running = rows(endless, { signal: controller.signal }).catch((thrown: unknown) => thrown);
    setTimeout(() => controller.abort(), 100);
    expect(findAppError(await running)?.details).toEqual({ cancelled: true });
    expect(await rows('select count(*) from orders')).toEqual([[5]]);
  });

  it('says what the engine says, without addresses or paths', async () => {
    const failure = await rows('select nothing_like_this from orders').catch((thrown: unknown) => thrown);
    expect(failure).toHaveCode('QUERY_FAILED');
    expect(findAppError(failure)?.message).toContain('nothing_like_this');
    expect(findAppError(failure)?.message).not.toMatch(/127\.0\.0\.1|\/tmp\//);
  });

  it.each(['delete from orders', 'insert into orders (id) values (99)', 'create table t (a int)', 'drop table orders'])(
    'refuses to write, with the guard off: %s',
    async (sql) => {
      await expect(rows(sql)).rejects.toThrow();
      expect(await rows('select count(*) from orders')).toEqual([[5]]);
    },
  );

  it('runs at most the first of two statements, with the guard off', async () => {
    await rows('select 1; delete from orders').catch(() => undefined);
    expect(await rows('select count(*) from orders')).toEqual([[5]]);
  });

  it('contains what the guard refuses, with the guard off', async () => {
    const leaked: string[] = [];
    for (const sql of hostile) {
      const answer = await rows(sql.replaceAll('$FILE', path.join(folder, 'made')), { timeoutMs: 300 }).catch(() => []);
      if (JSON.stringify(answer).includes('root:')) leaked.push(sql);
    }
    expect(leaked).toEqual([]);
    expect(await rows('select count(*), sum(amount) from orders')).toEqual([[5, 136.75]]);
    expect((await adapter.introspect()).tables.map(({ name }) => name)).toEqual(['customers', 'orders']);
  });

  it('has another data version after a change', async () => {
    if (!versioned) return;
    // Engines count rows of earlier changes in the background, some seconds late; then it stays as it is.
    const before = await until(async () => {
      const version = await adapter.dataVersion();
      return version === (await adapter.dataVersion()) ? version : null;
    });
    await world.insertOrder(50);
    await until(async () => (await adapter.dataVersion()) !== before, { withinMs: 60_000, everyMs: 100 });
  });
}

describe('DuckDB', () => {
  keepsTheContract({
    endless: 'select count(*) from range(10000000) a, range(10000000) b where (a.range * b.range) % 7 = 3',
    versioned: true,
    async start() {
      const file = path.join(folder, 'contract.duckdb');
      const write = async (statements: readonly string[]): Promise<void> => {
        const instance = await DuckDBInstance.create(file);
        const connection = await instance.connect();
        for (const statement of statements) await connection.run(statement);
        connection.closeSync();
        instance.closeSync();
      };
      await write(contractTables({ integer: 'integer', text: 'varchar', decimal: 'decimal(10, 2)', timestamp: 'timestamp' }));
      return {
        settings: () => ({ kind: 'duckdb', file, connection: {} }),
        // A file is replaced as a whole; readers hold the old one until they are let go.
        insertOrder: async (id) => {
          await sandbox.release(file);
          await write([`insert into orders values (${id}, 1, 1, '2024-01-01')`]);
        },
        stop: () => Promise.resolve(),
      };
    },
  });
});

describe('SQLite', () => {
  keepsTheContract({
    endless: 'with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r',
    versioned: true,
    start() {
      const file = path.join(folder, 'contract.sqlite');
      const write = (statements: readonly string[]): void => {
        const database = new Database(file);
        for (const statement of statements) database.exec(statement);
        database.close();
      };
      write(contractTables({ integer: 'integer', text: 'text', decimal: 'decimal(10, 2)', timestamp: 'text' }));
      return Promise.resolve({
        settings: () => ({ kind: 'sqlite', file, connection: {} }),
        insertOrder: async (id) => write([`insert into orders values (${id}, 1, 1, '2024-01-01')`]),
        stop: () => Promise.resolve(),
      });
    },
  });
});

describeWith(postgresProgram(), 'PostgreSQL', () => {
  keepsTheContract({
    endless: 'select count(*) from generate_series(1, 10000000000) a',
    hostile: postgresStatements.filter((sql) => !/pg_terminate_backend|1 \+ 1 \+/.test(sql)),
    versioned: true,
    async start() {
      const server: TestPostgres = await startPostgres();
      const database = await server.createDatabase();
      const execute = async (statements: readonly string[]): Promise<void> => {
        const client = new Client({ connectionString: server.url(database, 'owner_login') });
        await client.connect();
        for (const statement of statements) await client.query(statement);
        await client.end();
      };
      await execute([
        'create schema shop authorization owner_login',
        'set search_path = shop; ' +
          contractTables({ integer: 'integer', text: 'text', decimal: 'numeric(10, 2)', timestamp: 'timestamp' }).join('; '),
      ]);
      return {
        settings: () => ({
          kind: 'postgresql',
          connection: { host: '127.0.0.1', port: server.port, database, schema: 'shop', user: 'owner_login' },
          credentials: {},
        }),
        insertOrder: (id) => execute([`insert into shop.orders values (${id}, 1, 1, '2024-01-01')`]),
        stop: () => server.stop(),
      };
    },
  });
});

describeWith(mariadbProgram(), 'MariaDB', () => {
  keepsTheContract({
    endless:
      'select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c, information_schema.columns d where rand() > 2',
    hostile: mysqlStatements.filter((sql) => !/^(shutdown|kill 1|1 \+ 1)/.test(sql)),
    versioned: true,
    async start() {
      const server: TestMariadb = await startMariadb();
      await server.execute([
        'create database shop',
        "create user reader identified by 'secret'",
        'grant select, insert, create, drop, delete, update on shop.* to reader',
      ]);
      await server.execute(
        contractTables({ integer: 'int', text: 'varchar(100)', decimal: 'decimal(10, 2)', timestamp: 'datetime' }),
        'shop',
      );
      return {
        settings: () => ({
          kind: 'mysql',
          connection: { host: '127.0.0.1', port: server.port, database: 'shop', user: 'reader' },
          credentials: { password: 'secret' },
        }),
        insertOrder: (id) =>
          server.execute([`insert into orders values (${id}, 1, 1, '2024-01-01')`, 'flush tables', 'analyze table orders'], 'shop'),
        stop: () => server.stop(),
      };
    },
  });
});

describeWith(clickhouseProgram(), 'ClickHouse', () => {
  keepsTheContract({
    endless: 'select count() from system.numbers where number % 7 = 8',
    analytic: false,
    hostile: clickhouseStatements.filter((sql) => !/shutdown|1 \+ 1 \+|file\(|remote|mysql\(|postgresql\(/i.test(sql)),
    versioned: true,
    async start() {
      const server: TestClickhouse = await startClickhouse();
      await server.execute(['create database shop']);
      await server.execute(
        contractTables({
          integer: 'Int32',
          text: 'String',
          decimal: 'Decimal(10, 2)',
          timestamp: 'DateTime',
          tail: 'engine = MergeTree order by id',
        }),
        'shop',
      );
      return {
        settings: () => ({
          kind: 'clickhouse',
          connection: { host: '127.0.0.1', port: server.port, database: 'shop', user: 'reader' },
          credentials: { password: 'secret' },
        }),
        insertOrder: (id) => server.execute([`insert into orders values (${id}, 1, 1, '2024-01-01 00:00:00')`], 'shop'),
        stop: () => server.stop(),
      };
    },
  });
});
