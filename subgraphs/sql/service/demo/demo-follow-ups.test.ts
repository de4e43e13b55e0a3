import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createSemanticEngine, type Generation, type QueryTree, type SemanticEngine } from '../engine';
import { createSandbox, type Sandbox } from '../sandbox';
import { parseModel } from '../semantic-model';
import { createOpenSource } from '../sources';

import { buildDemo, type BuiltDemo } from './demo';

// The demo data are built first, which takes its time on a slow machine.
jest.setTimeout(600_000);

const now = new Date('2025-10-15T12:00:00Z');
const directory = mkdtempSync(path.join(tmpdir(), 'demo-follow-ups-'));
const sold = `from orders o join order_items i on i.order_id = o.id join customers c on c.id = o.customer_id join products p on p.id = i.product_id where o.status <> 'cancelled'`;
const years = (from: number, to = from): string => `o.ordered_at >= '${from}-01-01' and o.ordered_at < '${to + 1}-01-01'`;

/** A question, what is said after its answer, and what is then asked for, written by hand. */
const followUps: readonly (readonly [question: string, next: string, sql: string])[] = [
  [
    'average order value by region',
    'without returns',
    `select c.region, sum(i.amount) / count(distinct o.id) ${sold} and o.id not in (select order_id from returns) group by 1`,
  ],
  [
    'top 5 products by revenue',
    'only online orders',
    `select p.name, sum(i.amount) ${sold} and o.channel = 'web' group by 1 order by 2 desc limit 5`,
  ],
  ['top 5 products by revenue', 'and the bottom 5', `select p.name, sum(i.amount) ${sold} group by 1 order by 2 limit 5`],
  [
    'revenue by month',
    'compare 2023 with 2024',
    `select date_trunc('month', o.ordered_at)::date, sum(i.amount) ${sold} and ${years(2023, 2024)} group by 1`,
  ],
  [
    'revenue by region',
    'compare 2023 with 2024',
    `select date_trunc('year', o.ordered_at)::date, c.region, sum(i.amount) ${sold} and ${years(2023, 2024)} group by 1, 2`,
  ],
  [
    'revenue by month in 2024',
    'which month was the best?',
    `select date_trunc('month', o.ordered_at)::date, sum(i.amount) ${sold} and ${years(2024)} group by 1 order by 2 desc limit 1`,
  ],
  ['revenue by region', 'which one is worst?', `select c.region, sum(i.amount) ${sold} group by 1 order by 2 limit 1`],
  ['revenue by month in 2024', 'by weekday instead', `select dayname(o.ordered_at), sum(i.amount) ${sold} and ${years(2024)} group by 1`],
  ['revenue by region', 'on weekends', `select c.region, sum(i.amount) ${sold} and dayofweek(o.ordered_at) in (0, 6) group by 1`],
  ['revenue by region in 2024', 'same for last year', `select c.region, sum(i.amount) ${sold} and ${years(2023)} group by 1`],
  ['average unit price by category', 'what about the median?', 'select category, median(unit_price) from products group by 1'],
];

describe('what is said after an answer', () => {
  let sandbox: Sandbox;
  let demo: BuiltDemo;
  let engine: SemanticEngine;
  beforeAll(async () => {
    sandbox = createSandbox({ warm: false });
    demo = await buildDemo('shop', { directory, now });
    const adapter = createOpenSource({ sandbox, allowPrivateHosts: false })({ kind: 'duckdb', file: demo.file, connection: {} });
    const [catalog, model] = [await adapter.introspect(), parseModel(readFileSync(demo.modelFile, 'utf8'))];
    engine = createSemanticEngine(catalog, model, { minConfidence: 0.28 });
    await adapter.close();
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const after = (question: string, next: string): Generation => {
    const lastTree = engine.generate(question, { now }).tree as QueryTree;
    return engine.generate(next, { now, lastTree });
  };
  const rows = async (sql: string): Promise<string[]> => {
    const found = await sandbox.runQuery({ file: demo.file, sql, maxRows: 10_000, maxBytes: 10_000_000, timeoutMs: 60_000 });
    const cell = (value: unknown): string => {
      const number = typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) ? Number(value) : null;
      return number === null ? String(value).replace(/[T ]00:00:00$/, '') : number.toFixed(4);
    };
    return found.rows.map((row) => row.map(cell).join(' | ')).sort();
  };

  it.each(followUps)('%s, then: %s', async (question, next, expected) => {
    const { sql } = after(question, next);
    expect(sql).not.toBeNull();
    expect(await rows(sql!)).toEqual(await rows(expected));
  });

  it('says which year “last year” is after a question about another year', () => {
    expect(after('revenue by region in 2024', 'same for last year').warnings.join(' ')).toContain('the year before the period');
  });

  it('asks back where words of a follow-up are not understood', () => {
    expect(after('revenue by region', 'only the blue ones').sql).toBeNull();
    expect(after('revenue by region', 'top 7 blue ones').sql).toBeNull();
  });

  it.each(['delete the orders of 2023', 'please cancel all orders from Germany', 'can you update the prices of laptops'])(
    'says that data is only read: %s',
    (request) => {
      const { sql, clarification } = engine.generate(request, { now });
      expect(sql).toBeNull();
      expect(clarification?.question).toContain('only reads');
    },
  );

  it.each(['drop in revenue by month in 2024', 'cancel rate by region', 'update count by month', 'drop-off in orders by month'])(
    'does not take a noun for a request to write: %s',
    (question) => {
      expect(engine.generate(question, { now }).clarification?.question ?? '').not.toContain('only reads');
    },
  );

  it('says a whole period by its name, and no order for a time axis', () => {
    expect(engine.generate('revenue by month in 2024', { now }).explanation).toBe(
      'Revenue for each month of ordered at, where ordered at is in 2024.',
    );
    expect(engine.generate('revenue in March 2024', { now }).explanation).toContain('in March 2024');
  });
});
