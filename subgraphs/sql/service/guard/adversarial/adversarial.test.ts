import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'libsql';

import type { Catalog, CatalogColumn, Dialect } from '../../engine/catalog';
import { createSandbox, type Sandbox, type SandboxEngine } from '../../sandbox';
import { checkSql } from '..';
import {
  clickhouseStatements,
  duckdbStatements,
  mysqlStatements,
  postgresStatements,
  sqliteStatements,
  trinoStatements,
} from './statements';

// Each statement that does not end costs its deadline and a new child.
jest.setTimeout(600_000);

const column = (name: string): CatalogColumn => ({ name, declaredType: 'integer', type: 'integer' });
const catalogOf = (dialect: Dialect): Catalog => ({
  dialect,
  tables: [{ name: 'orders', columns: [column('id'), column('amount')], primaryKey: ['id'], foreignKeys: [] }],
});

const folder = mkdtempSync(path.join(tmpdir(), 'adversarial-'));
const target = path.join(folder, 'made');
const other = path.join(folder, 'other.duckdb');
const named = (sql: string): string => sql.replaceAll('$FILE', target).replaceAll('$OTHER', other);

describe.each<[Dialect, readonly string[]]>([
  ['duckdb', duckdbStatements],
  ['postgresql', postgresStatements],
  ['sqlite', sqliteStatements],
  ['mysql', mysqlStatements],
  ['clickhouse', clickhouseStatements],
  ['trino', trinoStatements],
])('the guard for %s', (dialect, statements) => {
  it(`refuses each of ${statements.length} statements, at least 60 of them`, async () => {
    expect(new Set(statements).size).toBeGreaterThanOrEqual(60);
    const passed: string[] = [];
    for (const sql of statements) {
      const check = await checkSql({ sql: named(sql), dialect, catalog: catalogOf(dialect) });
      if (check.ok || check.normalizedSql !== '') passed.push(sql.slice(0, 120));
    }
    expect(passed).toEqual([]);
  });

  it('lets plain questions through', async () => {
    for (const sql of [
      'select id, amount from orders where amount > 3 order by amount desc limit 5',
      'select count(*), sum(amount) from orders',
      'with t as (select id from orders) select count(*) from t',
    ]) {
      expect(await checkSql({ sql, dialect, catalog: catalogOf(dialect) })).toMatchObject({ ok: true, errors: [], tables: ['orders'] });
    }
  });
});

describe('the engines, with the guard off', () => {
  const files: Record<SandboxEngine, string> = { duckdb: path.join(folder, 'a.duckdb'), sqlite: path.join(folder, 'a.sqlite') };
  let sandbox: Sandbox;
  const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

  beforeAll(async () => {
    for (const file of [files.duckdb, other]) {
      const instance = await DuckDBInstance.create(file);
      const connection = await instance.connect();
      await connection.run('create table orders as select i as id, i * 2 as amount from range(100) r(i)');
      await connection.run('create table secret_table as select 1 as a');
      connection.closeSync();
      instance.closeSync();
    }
    const database = new Database(files.sqlite);
    database.exec('create table orders(id integer primary key, amount integer); create table secret_table(a);');
    database.exec('insert into orders with recursive r(i) as (select 0 union all select i + 1 from r where i < 99) select i, i * 2 from r');
    database.close();
    sandbox = createSandbox({ graceMs: 100, dataLimitMb: 1_536, memoryLimitMb: 256 });
  });

  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each<[SandboxEngine, readonly string[]]>([
    ['duckdb', duckdbStatements],
    ['sqlite', sqliteStatements],
  ])(
    '%s refuses or contains every statement: no file read or made, nothing changed, the next query answered',
    async (engine, statements) => {
      const limits = { engine, file: files[engine], maxRows: 20, maxBytes: 100_000 };
      const before = digest(files[engine]);
      const otherBefore = digest(other);
      const leaked: string[] = [];
      for (const sql of statements) {
        const result = await sandbox.runQuery({ ...limits, sql: named(sql), timeoutMs: 400 }).catch(() => undefined);
        if (result && JSON.stringify(result.rows).includes('root:')) leaked.push(sql);
        const next = await sandbox.runQuery({ ...limits, sql: 'select count(*) from orders', timeoutMs: 60_000 });
        if (next.rows[0]?.[0] !== 100) leaked.push(`after ${sql}`);
      }
      expect(leaked).toEqual([]);
      expect(existsSync(target)).toBe(false);
      expect([digest(files[engine]), digest(other)]).toEqual([before, otherBefore]);
    },
  );
});
