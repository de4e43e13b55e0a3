import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import type { Catalog, Dialect } from '../subgraphs/sql/service/engine/catalog';
import { createResultCache } from '../subgraphs/sql/service/cache';
import { buildDemo } from '../subgraphs/sql/service/demo';
import { checkSql } from '../subgraphs/sql/service/guard';
import { createSandbox } from '../subgraphs/sql/service/sandbox';
import { createOpenSource } from '../subgraphs/sql/service/sources';

interface Row {
  readonly what: string;
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

async function measure(what: string, count: number, work: () => Promise<unknown>): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { what, count, p50Ms: at(times, 0.5), p95Ms: at(times, 0.95) };
}

const question =
  "select c.region, count(*) as n, sum(i.amount) as revenue from order_items i join orders o on o.id = i.order_id join customers c on c.id = o.customer_id where o.status <> 'cancelled' and o.ordered_at >= '2024-01-01' group by c.region order by revenue desc limit 10";

async function guardRows(catalog: Catalog): Promise<Row[]> {
  const rows: Row[] = [];
  for (const dialect of ['duckdb', 'postgresql', 'sqlite', 'mysql', 'clickhouse', 'trino'] as const satisfies readonly Dialect[]) {
    const run = () => checkSql({ sql: question, dialect, catalog: { ...catalog, dialect } });
    for (let warm = 0; warm < 50; warm += 1) await run();
    rows.push(await measure(`guard, ${dialect}`, 300, run));
  }
  return rows;
}

async function run(): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-sql-'));
  const sandbox = createSandbox();
  const rows: Row[] = [];
  try {
    const now = new Date();
    rows.push(await measure('build the shop (141,000 orders)', 1, () => buildDemo('shop', { directory, now })));
    rows.push(await measure('build the flights (3,000,000)', 1, () => buildDemo('flights', { directory, now })));
    const [shop, flights] = [await buildDemo('shop', { directory, now }), await buildDemo('flights', { directory, now })];
    const open = createOpenSource({ sandbox });
    const [shopSource, flightSource] = [shop, flights].map(({ file }) => open({ kind: 'duckdb', file, connection: {} }));
    rows.push(await measure('introspect the shop', 3, () => shopSource!.introspect()));
    rows.push(await measure('introspect the flights', 3, () => flightSource!.introspect()));
    const limits = { maxRows: 1_000, maxBytes: 10_000_000, timeoutMs: 30_000 };
    rows.push(await measure('sandbox: select 1', 300, () => shopSource!.query({ sql: 'select 1', ...limits })));
    rows.push(await measure('sandbox: the question below', 50, () => shopSource!.query({ sql: question, ...limits })));
    rows.push(
      await measure('sandbox: average delay by origin, 3,000,000 rows', 20, () =>
        flightSource!.query({ sql: 'select origin, avg(delay) from flights group by origin', ...limits }),
      ),
    );
    rows.push(
      await measure('sandbox: first 1,000 of 3,000,000 rows', 20, () => flightSource!.query({ sql: 'select * from flights', ...limits })),
    );
    const endless = 'select count(*) from range(1000000) a, range(1000000) b where (a.range * b.range) % 7 = 3';
    const cancelled = async () => {
      const controller = new AbortController();
      const running = shopSource!.query({ sql: endless, ...limits, signal: controller.signal }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const started = performance.now();
      controller.abort();
      await running;
      return performance.now() - started;
    };
    const delays: number[] = [];
    for (let round = 0; round < 10; round += 1) delays.push(await cancelled());
    delays.sort((a, b) => a - b);
    rows.push({ what: 'answer after a cancel', count: delays.length, p50Ms: at(delays, 0.5), p95Ms: at(delays, 0.95) });
    const cache = createResultCache();
    const key = { tenantId: 't', sourceId: 's', dataVersion: '1', sql: question, policy: 'none', parameters: {}, maxRows: 1_000 };
    await cache.resolve(key, () => shopSource!.query({ sql: question, ...limits }));
    rows.push(await measure('result cache: hit', 1_000, () => cache.resolve(key, () => Promise.reject(new Error('not kept')))));
    rows.push(...(await guardRows(await shopSource!.introspect())));
    report(rows);
  } finally {
    await sandbox.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function report(rows: readonly Row[]): void {
  const machine = {
    cpus: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load: loadavg()[0],
  };
  const table = rows.map(({ what, count, p50Ms, p95Ms }) => `| ${what} | ${count} | ${p50Ms.toFixed(2)} | ${p95Ms.toFixed(2)} |`);
  const text = [
    '# SQL runtime: guard, sandbox, sources',
    '',
    `${machine.cpus}, ${machine.memoryGb} GB, Node ${machine.node}; load average ${machine.load?.toFixed(1)} while it ran.`,
    'Again: `node scripts/run.mjs bench/sql-runtime`.',
    '',
    '| what | times | p50 ms | p95 ms |',
    '| --- | --- | --- | --- |',
    ...table,
    '',
    `The question: \`${question}\``,
    '',
  ].join('\n');
  const folder = path.join(projectRoot, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'sql-runtime.json'), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
  writeFileSync(path.join(folder, 'sql-runtime.md'), text);
  console.log(text);
}

run().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
