import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';

import { Pool } from 'undici';

import { projectRoot } from '#platform/lifecycle';

import { createChartRenderer } from '../subgraphs/dashboards/service/render/chart-renderer';
import { startServer, type TestServer } from '../test/kit/server';
import { until } from '../test/kit/until';

import { widgets } from './dashboards/widgets';

interface Row {
  readonly what: string;
  readonly loads: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

interface Loaded {
  readonly query_count: number;
  readonly widgets: readonly {
    readonly name: string;
    readonly spec: Record<string, unknown> | null;
    readonly cache_hit: boolean;
    readonly error: { message: string } | null;
  }[];
}

const tenant = 'bench';
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

function rowOf(what: string, times: readonly number[]): Row {
  const sorted = [...times].sort((a, b) => a - b);
  const rounded = (share: number): number => Math.round(at(sorted, share) * 10) / 10;
  return { what, loads: sorted.length, p50Ms: rounded(0.5), p95Ms: rounded(0.95) };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function repeat(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const measured: number[] = [];
  for (let n = 0; n < times; n += 1) measured.push(await timed(work));
  return measured;
}

const together = async (clients: number, work: () => Promise<number[]>): Promise<number[]> =>
  (await Promise.all(Array.from({ length: clients }, work))).flat();

async function forSeconds(seconds: number, work: () => Promise<unknown>): Promise<number[]> {
  const measured: number[] = [];
  for (const end = performance.now() + seconds * 1_000; performance.now() < end;) measured.push(await timed(work));
  return measured;
}

/** CPU milliseconds that a process has used, at the 100 ticks a second of Linux; with other work on the machine it says more than times do. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** One load a second, begun at a moment of its own, as people's browsers do. */
async function oncePerSecond(seconds: number, work: () => Promise<unknown>): Promise<number[]> {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const measured: number[] = [];
  await wait(Math.random() * 1_000);
  for (let n = 0; n < seconds; n += 1) {
    const tookMs = await timed(work);
    measured.push(tookMs);
    await wait(Math.max(0, 1_000 - tookMs));
  }
  return measured;
}

async function makeDashboard(server: TestServer, token: string): Promise<string> {
  const { body } = await server.request('POST', '/api/v1/bi/dashboards', { token, body: { name: 'Flights' } });
  const id = (body as { data: { id: string } }).data.id;
  for (const widget of widgets) {
    const { status, body: answer } = await server.request('POST', `/api/v1/bi/dashboards/${id}/widgets`, { token, body: widget });
    if (status !== 201) throw new Error(`widget ${widget.name}: ${JSON.stringify(answer)}`);
  }
  return id;
}

interface Loads {
  readonly rows: Row[];
  readonly first: Loaded;
  readonly bytes: number;
  /** Of the server, for one cached load. */
  readonly cpuMs: number;
}

async function measureLoads(server: TestServer, token: string): Promise<Loads> {
  const id = await makeDashboard(server, token);
  const pool = new Pool(server.url, { connections: 50 });
  let bytes = 0;
  let etag = '';
  const ask = async (query: string, { expected, ...headers }: Record<string, string> & { expected: string }): Promise<Buffer> => {
    const answer = await pool.request({
      method: 'GET',
      path: `/api/v1/bi/dashboards/${id}/data${query}`,
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
    const content = Buffer.from(await answer.body.arrayBuffer());
    if (String(answer.statusCode) !== expected) throw new Error(`${answer.statusCode}: ${content.toString().slice(0, 300)}`);
    etag = String(answer.headers.etag);
    return content;
  };
  const load = async (query = ''): Promise<Buffer> => {
    const content = await ask(query, { expected: '200' });
    bytes = content.length;
    return content;
  };
  const revalidate = (): Promise<Buffer> => ask('', { expected: '304', 'if-none-match': etag });
  try {
    let first!: Loaded;
    const cold = await timed(async () => {
      first = (JSON.parse((await load()).toString()) as { data: Loaded }).data;
    });
    const failed = first.widgets.find(({ error, cache_hit: hit }) => error !== null || hit);
    if (failed) throw new Error(`the first load of ${failed.name}: ${failed.error?.message ?? 'came from a cache'}`);
    const rows = [
      rowOf('cold: the first load', [cold]),
      rowOf('warm: every query runs again, 1 client', await repeat(10, () => load('?refresh=true'))),
    ];
    rows.push(rowOf('warm, 50 clients at once', await together(50, () => repeat(1, () => load('?refresh=true')))));
    await repeat(100, load);
    rows.push(rowOf('cached, 1 client', await repeat(300, () => load())));
    rows.push(rowOf('cached, 50 clients, each one load a second', await together(50, () => oncePerSecond(8, () => load()))));
    rows.push(
      rowOf('cached and unchanged (304), 50 clients, each one load a second', await together(50, () => oncePerSecond(8, revalidate))),
    );
    const before = cpuMsOf(server.child.pid!);
    const fastest = await together(50, () => forSeconds(5, () => load()));
    const cpuMs = Math.round((10 * (cpuMsOf(server.child.pid!) - before)) / fastest.length) / 10;
    rows.push(rowOf('cached, 50 clients, each as fast as it can', fastest));
    return { rows, first, bytes, cpuMs };
  } finally {
    await pool.close();
  }
}

async function measureCharts({ widgets: drawn }: Loaded): Promise<Row[]> {
  const renderer = createChartRenderer();
  const specs = drawn.flatMap(({ spec }) => (spec ? [spec] : []));
  try {
    await renderer.render({ spec: specs[0]!, format: 'png' });
    const rows: Row[] = [];
    for (const format of ['svg', 'png'] as const) {
      const times: number[] = [];
      for (let round = 0; round < 3; round += 1) for (const spec of specs) times.push(await timed(() => renderer.render({ spec, format })));
      rows.push(rowOf(`chart to ${format.toUpperCase()}`, times));
    }
    return rows;
  } finally {
    await renderer.close();
  }
}

async function run(): Promise<void> {
  const environment = { DEMO_DATA: 'true', RATE_LIMIT_FREE: '1000000', LOG_LEVEL: 'error' };
  await using server = await startServer({ environment });
  const token = server.token(tenant);
  await until(async () => (await server.request('GET', '/api/v1/sql/sources/flights', { token })).body?.data?.status === 'ready', {
    withinMs: 60_000,
    everyMs: 500,
  });
  const { rows: loads, first, bytes, cpuMs } = await measureLoads(server, token);
  await server.stop();
  const rows = [...loads, ...(await measureCharts(first))];

  const cpu = cpus();
  const machine = `${cpu.length} × ${cpu[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}; load average ${loadavg()[0]!.toFixed(1)} while it ran`;
  const lines = rows.map(({ what, loads: count, p50Ms, p95Ms }) => `| ${what} | ${count} | ${p50Ms} | ${p95Ms} |`);
  const table = ['| what | times | p50 ms | p95 ms |', '| --- | --- | --- | --- |', ...lines].join('\n');
  const about = `${widgets.length} widgets over the 3,000,000 flights, loaded over REST from a started server: ${first.query_count} queries a load, ${Math.round(bytes / 1024)} KB an answer, ${cpuMs} ms of the server's CPU a cached load.`;
  console.log(`${about}\n\n${table}`);
  const results = path.join(projectRoot, 'bench', 'results');
  mkdirSync(results, { recursive: true });
  writeFileSync(
    path.join(results, 'dashboards.json'),
    `${JSON.stringify({ machine, widgets: widgets.length, queriesPerLoad: first.query_count, answerBytes: bytes, cpuMsPerCachedLoad: cpuMs, rows }, null, 2)}\n`,
  );
  writeFileSync(
    path.join(results, 'dashboards.md'),
    `# Dashboards\n\n${about}\n\n${machine}; the clients run on the same machine.\nAgain: \`npm run bench:dashboards\`.\n\n${table}\n`,
  );
}

void run().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
