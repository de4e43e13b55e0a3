import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';

import { createSemanticEngine, type SemanticEngine } from '../engine';
import { createSandbox, type Sandbox } from '../sandbox';
import { createOpenSource } from '../sources';
import { draftModel } from '.';

/** A file as people bring one: one table, no keys, no descriptions. */
const rows = `values ('2024-01-03'::date, 'Oslo', 'Bread', 3, 30.0, 'Ann'), ('2024-01-05', 'Bergen', 'Cake', 1, 25.5, 'Bob'), ('2024-02-10', 'Oslo', 'Cake', 2, 51.0, 'Ann'),
  ('2024-02-11', null, 'Bread', 5, 50.0, 'Cid'), ('2024-03-01', 'Molde', 'Bread', 7, 70.0, 'Bob'), ('2024-03-15', 'Bergen', 'Pie', 4, 80.0, 'Ann'), ('2024-03-20', 'Oslo', 'Pie', 1, 20.0, 'Cid')`;

const questions: readonly (readonly [question: string, sql: string])[] = [
  ['total amount by town', 'select town, sum(amount) from sales group by 1'],
  ['revenue by town', 'select town, sum(amount) from sales group by 1'],
  ['sales by town', 'select town, count(*) from sales group by 1'],
  ['which town sells most', 'select town, sum(amount) from sales group by 1 order by 2 desc limit 1'],
  ['best salesperson', 'select salesperson, sum(amount) from sales group by 1 order by 2 desc limit 1'],
  ['top 2 products by amount', 'select product, sum(amount) from sales group by 1 order by 2 desc limit 2'],
  ['which salesperson sold the most units', 'select salesperson, sum(units) from sales group by 1 order by 2 desc limit 1'],
  ['how many units of Bread were sold', "select sum(units) from sales where product = 'Bread'"],
  ['average amount per sale', 'select avg(amount) from sales'],
  ['sales over 40', 'select * from sales where amount > 40'],
  ['amount in Oslo vs Bergen', "select town, sum(amount) from sales where town in ('Oslo', 'Bergen') group by 1"],
  ['how many rows are there', 'select count(*) from sales'],
  ['rows where town is missing', 'select * from sales where town is null'],
  ['median amount', 'select median(amount) from sales'],
  ['amount by month', "select date_trunc('month', date)::date, sum(amount) from sales group by 1"],
  ['salesperson with total amount over 100', 'select salesperson, sum(amount) from sales group by 1 having sum(amount) > 100'],
];

describe('questions to a file of one table, by its draft alone', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'own-file-'));
  const file = path.join(folder, 'own.duckdb');
  let sandbox: Sandbox;
  let engine: SemanticEngine;
  beforeAll(async () => {
    sandbox = createSandbox({ warm: false });
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run(`create table sales as select * from (${rows}) as t (date, town, product, units, amount, salesperson)`);
    connection.closeSync();
    instance.closeSync();
    const adapter = createOpenSource({ sandbox, allowPrivateHosts: false })({ kind: 'duckdb', file, connection: {} });
    const catalog = await adapter.introspect();
    engine = createSemanticEngine(catalog, draftModel(catalog), { minConfidence: 0.28 });
    await adapter.close();
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const answer = async (sql: string): Promise<string[]> =>
    (await sandbox.runQuery({ file, sql, maxRows: 1_000, maxBytes: 1_000_000, timeoutMs: 60_000 })).rows
      .map((row) => row.map((cell) => (Number.isFinite(Number(cell)) ? Number(cell).toFixed(4) : String(cell))).join(' | '))
      .sort();

  it.each(questions)('%s', async (question, expected) => {
    const { sql } = engine.generate(question, { now: new Date('2024-03-25T12:00:00Z') });
    expect(sql).not.toBeNull();
    expect(await answer(sql!)).toEqual(await answer(expected));
  });
});
