import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { findAppError } from '#platform/errors';

import { createSandbox, type Sandbox } from '../sandbox';
import { createFileImport, tableNameOf, type FileImport } from './file-import';
import { createOpenSource, type SourceAdapter } from '.';

const folder = mkdtempSync(path.join(tmpdir(), 'files-'));
const directory = path.join(folder, 'uploads');
let sandbox: Sandbox;
let files: FileImport;

beforeAll(() => {
  sandbox = createSandbox({ warm: false });
  files = createFileImport({ sandbox, directory });
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const upload = (filename: string, content: string | Buffer, tenantId = 'acme') =>
  files.importUpload({ tenantId, filename, content: Buffer.from(content) });

async function opened(imported: { kind: 'duckdb' | 'sqlite' | string; file: string }): Promise<SourceAdapter> {
  return createOpenSource({ sandbox })({ kind: imported.kind as 'duckdb', file: imported.file, connection: {} });
}

const rowsOf = async (adapter: SourceAdapter, sql: string) =>
  (await adapter.query({ sql, maxRows: 100, maxBytes: 100_000, timeoutMs: 60_000 })).rows;

it('reads a CSV into a table with types, statistics, an inferred key, and values', async () => {
  const rows = Array.from(
    { length: 50 },
    (_, i) => `C${i},${i % 2 === 0 ? 'Berlin' : 'Paris'},2024-01-${String((i % 28) + 1).padStart(2, '0')},${i * 1.5}`,
  );
  const adapter = await opened(await upload('Sales 2024 (final).csv', `code,city,sold on,amount\n${rows.join('\n')}\n`));
  const { tables } = await adapter.introspect();
  expect(tables).toHaveLength(1);
  const [table] = tables;
  expect(table).toMatchObject({ name: 'sales_2024_final', rowCount: 50, primaryKey: ['code'] });
  expect(table!.columns.map(({ name, type }) => [name, type])).toEqual([
    ['code', 'text'],
    ['city', 'text'],
    ['sold on', 'date'],
    ['amount', 'number'],
  ]);
  expect(table!.columns[1]).toMatchObject({ distinctCount: 2, nullCount: 0, values: ['Berlin', 'Paris'], valuesComplete: true });
  expect(table!.columns[2]).toMatchObject({ min: '2024-01-01', max: '2024-01-28' });
  expect(await rowsOf(adapter, 'select city, sum(amount) from sales_2024_final group by city order by city')).toEqual([
    ['Berlin', 900],
    ['Paris', 937.5],
  ]);
});

it('reads JSON, one document or one a line, and TSV', async () => {
  for (const [name, content] of [
    ['people.json', '[{"name": "Ada", "age": 36}, {"name": "Linus", "age": null}]'],
    ['people.ndjson', '{"name": "Ada", "age": 36}\n{"name": "Linus"}\n'],
    ['people.tsv', 'name\tage\nAda\t36\nLinus\t\n'],
  ] as const) {
    expect(await rowsOf(await opened(await upload(name, content)), 'select name, age from people order by name')).toEqual([
      ['Ada', 36],
      ['Linus', null],
    ]);
  }
});

it.each([
  ['report.xlsx', 'PK', /send a \.csv/],
  ['noextension', 'a,b', /send a \.csv/],
  ['empty.csv', '', /empty/],
  ['binary.csv', '\0\0\0', /not a text file/],
  ['fake.parquet', 'a,b\n1,2', /not a parquet file/],
  ['fake.duckdb', 'a,b\n1,2', /not a duckdb file/],
  ['fake.sqlite', 'SQLite format 2', /not a sqlite file/],
  ['broken.json', '{"a": [1, 2', /./],
])('refuses %s with a reason, and keeps nothing', async (filename, content, reason) => {
  const failure = await upload(filename, content, `refused-${filename}`).catch((thrown: unknown) => thrown);
  expect(failure).toHaveCode('INVALID_REQUEST');
  expect(findAppError(failure)?.message).toMatch(reason);
  expect(findAppError(failure)?.message).not.toContain(folder);
  const left = readdirSync(directory, { recursive: true }).filter((entry) => /\.(upload|partial|wal)$/.test(String(entry)));
  expect(left).toEqual([]);
});

it('opens a database of this machine where it is, and removes only what it imported', async () => {
  const imported = await upload('a.csv', 'x\n1\n');
  const local = path.join(folder, 'mine.duckdb');
  writeFileSync(local, readFileSync(imported.file));
  const opening = await files.importLocal('acme', local);
  expect(opening).toEqual({ kind: 'duckdb', file: local, name: 'mine.duckdb' });
  expect(await rowsOf(await opened(opening), 'select x from a')).toEqual([[1]]);
  await files.remove(local);
  await files.remove(imported.file);
  expect(readdirSync(path.dirname(imported.file))).not.toContain(path.basename(imported.file));
  expect(readdirSync(folder)).toContain('mine.duckdb');
});

it('answers INVALID_REQUEST for a local file that is not there', async () => {
  await expect(files.importLocal('acme', path.join(folder, 'none.csv'))).rejects.toHaveCode('INVALID_REQUEST');
});

it('keeps a tenant’s name out of paths', async () => {
  const { file } = await upload('a.csv', 'x\n1\n', '../../escape');
  expect(path.relative(directory, file)).not.toContain('..');
});

it('clears away what a killed import left behind, and nothing younger', async () => {
  const { file } = await upload('a.csv', 'x\n1\n', 'killed');
  const [old, young] = ['old.upload', 'young.partial'].map((name) => path.join(path.dirname(file), name));
  for (const left of [old!, young!]) writeFileSync(left, 'half');
  utimesSync(old!, 1_000, 1_000);
  await upload('b.csv', 'x\n1\n', 'killed');
  const entries = readdirSync(path.dirname(file));
  expect(entries).not.toContain('old.upload');
  expect(entries).toContain('young.partial');
});

it('makes plain table names', () => {
  expect(['Sales 2024.csv', '2024.csv', 'Über Kunden.json', '---.csv'].map(tableNameOf)).toEqual([
    'sales_2024',
    'table_2024',
    'u_ber_kunden',
    'table',
  ]);
});

it('does not open what only looks like a database', async () => {
  const bad = await upload('bad.sqlite', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(2_000, 7)]));
  await expect((await opened(bad)).test()).rejects.toHaveCode('INVALID_REQUEST');
});
