import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';

import { findAppError } from '#platform/errors';

import { holdTimers } from '../../../../test/kit/held-timers';
import { until } from '../../../../test/kit/until';
import { createSandbox, type Sandbox, type SandboxQuery } from '.';

const folder = mkdtempSync(path.join(tmpdir(), 'sandbox-'));
const file = path.join(folder, 'shop.duckdb');
const other = path.join(folder, 'other.duckdb');
let sandbox: Sandbox;

async function write(target: string, statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(target, { threads: '1' });
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

const run = (sql: string, options: Partial<SandboxQuery> = {}) =>
  sandbox.runQuery({ file, sql, maxRows: 100, maxBytes: 1_000_000, timeoutMs: 60_000, ...options });

const endless = 'select count(*) from range(10000000) a, range(10000000) b where (a.range * b.range) % 7 = 3';
// One function call that does not look at interrupts.
const deaf = "select levenshtein(repeat('ab', 160000), repeat('ba', 160000))";

beforeAll(async () => {
  await write(file, [
    'create table sales(id integer, amount decimal(10,2), sold_at timestamp)',
    "insert into sales select i, i / 4, timestamp '2024-01-01' + interval (i) hour from range(5000) r(i)",
  ]);
  await write(other, ['create table secret(word varchar)', "insert into secret values ('theirs')"]);
  sandbox = createSandbox({ concurrency: 2, maxChildren: 3, graceMs: 300 });
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

it('answers with typed columns and rows that JSON can carry', async () => {
  const { columns, rows } = await run(
    "select 1::bigint as small, 9223372036854775807 as big, 12.50::decimal(10,2) as price, 'nan'::double as nothing, timestamptz '2024-01-02 03:04:05+00' as moment, date '2024-01-02' as day, [1, 2] as list, null as gone, 'ab'::blob as bytes",
  );
  expect(rows).toEqual([[1, '9223372036854775807', 12.5, null, '2024-01-02T03:04:05Z', '2024-01-02', [1, 2], null, 'YWI=']]);
  expect(columns.map((column) => column.kind)).toEqual([
    'integer',
    'integer',
    'number',
    'number',
    'timestamp',
    'date',
    'json',
    'integer',
    'binary',
  ]);
  expect(columns[2]).toEqual({ name: 'price', type: 'DECIMAL(10,2)', kind: 'number' });
});

it('binds named parameters', async () => {
  expect((await run('select count(*) from sales where amount > $least', { parameters: { least: 1_000 } })).rows).toEqual([[999]]);
});

it('stops at the row cap and at the byte cap, and says so', async () => {
  const byRows = await run('select * from sales', { maxRows: 10 });
  expect([byRows.rows.length, byRows.truncated]).toEqual([10, true]);
  const exact = await run('select * from sales limit 10', { maxRows: 10 });
  expect([exact.rows.length, exact.truncated]).toEqual([10, false]);
  const byBytes = await run("select repeat('x', 1000) from sales", { maxBytes: 20_000 });
  expect(byBytes.truncated).toBe(true);
  expect(byBytes.rows.length).toBeLessThan(20);
});

it('reports the engine’s reason without a path', async () => {
  const failure = await run('select missing from sales').catch((thrown: unknown) => thrown);
  expect(failure).toHaveCode('QUERY_FAILED');
  expect(findAppError(failure)?.message).toContain('missing');
  const opened = await sandbox
    .runQuery({ file: path.join(folder, 'none.duckdb'), sql: 'select 1', maxRows: 1, maxBytes: 1, timeoutMs: 1_000 })
    .catch((thrown: unknown) => thrown);
  expect(opened).toHaveCode('QUERY_FAILED');
  expect(findAppError(opened)?.message).not.toContain(folder);
});

it('stops a query that never ends at its deadline and goes on serving', async () => {
  await expect(run(endless, { timeoutMs: 300 })).rejects.toHaveCode('TIMEOUT');
  expect((await run('select 42')).rows).toEqual([[42]]);
});

it('kills a child that does not hear the interrupt', async () => {
  // A child that holds the file already, so that a place taken is a statement sent.
  await run('select 42');
  await until(() => sandbox.stats().running === 0);
  const before = sandbox.stats().killed;
  const timeoutMs = 54_321;
  using deadlines = holdTimers(timeoutMs);
  const outcome = expect(run(deaf, { timeoutMs })).rejects.toHaveCode('TIMEOUT');
  await until(() => sandbox.stats().running === 1);
  deadlines.passLast();
  await outcome;
  await until(() => sandbox.stats().killed > before);
  expect((await run('select 42')).rows).toEqual([[42]]);
});

it('answers a cancelled query at once', async () => {
  const controller = new AbortController();
  const running = run(endless, { signal: controller.signal });
  await until(() => sandbox.stats().running === 1);
  controller.abort();
  const failure = await running.catch((thrown: unknown) => thrown);
  expect(failure).toHaveCode('QUERY_FAILED');
  expect(findAppError(failure)?.details).toEqual({ cancelled: true });
  await expect(run('select 1', { signal: AbortSignal.abort() })).rejects.toHaveCode('QUERY_FAILED');
});

it.each([
  "select len(list_transform(range(300000000), x -> x || 'abcdefghijkl'))",
  "select length(repeat('x', 2000000000) || repeat('y', 2000000000))",
])('contains a memory bomb: %s', async (sql) => {
  await expect(run(sql, { timeoutMs: 10_000 })).rejects.toThrow(/memory|No answer|could not be answered/);
  expect((await run('select 42')).rows).toEqual([[42]]);
});

it.each([
  'create table t(a int)',
  'insert into sales values (1, 1, now())',
  "copy sales to '/tmp/stolen.csv'",
  "attach '/tmp/other.duckdb'",
  "select * from read_csv('/etc/passwd')",
  "select * from '/etc/passwd'",
  "select * from glob('/*')",
  'set enable_external_access = true',
  'install httpfs',
])('refuses in the engine itself, without any guard: %s', async (sql) => {
  await expect(run(sql)).rejects.toHaveCode('QUERY_FAILED');
});

it('never shows one file’s tables to a query over another', async () => {
  await expect(run('select * from secret')).rejects.toHaveCode('QUERY_FAILED');
  await expect(run(`attach '${other}' as theirs`)).rejects.toHaveCode('QUERY_FAILED');
  expect((await run('select word from secret', { file: other })).rows).toEqual([['theirs']]);
});

it('sees the new file after a rename over the old one', async () => {
  const replaced = path.join(folder, 'replaced.duckdb');
  await write(replaced, ['create table v as select 1 as version']);
  expect((await run('select version from v', { file: replaced })).rows).toEqual([[1]]);
  const fresh = path.join(folder, 'fresh.duckdb');
  await write(fresh, ['create table v as select 2 as version']);
  renameSync(fresh, replaced);
  expect((await run('select version from v', { file: replaced })).rows).toEqual([[2]]);
});

it('makes queries wait for a place and counts the wait in their deadline', async () => {
  const controller = new AbortController();
  const slow = [run(endless, { signal: controller.signal }), run(endless, { signal: controller.signal, file: other })].map((query) =>
    query.catch((thrown: unknown) => thrown),
  );
  await until(() => sandbox.stats().running === 2);
  const waits = run('select 1');
  const late = run('select 1', { timeoutMs: 100 });
  await expect(late).rejects.toHaveCode('TIMEOUT');
  controller.abort();
  expect((await waits).rows).toEqual([[1]]);
  await Promise.all(slow);
});

it('is closed for good after close', async () => {
  const closing = createSandbox({ warm: false });
  await closing.close();
  await expect(closing.runQuery({ file, sql: 'select 1', maxRows: 1, maxBytes: 100, timeoutMs: 1_000 })).rejects.toHaveCode(
    'SERVICE_UNAVAILABLE',
  );
});
