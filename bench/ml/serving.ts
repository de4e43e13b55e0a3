import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Pool } from 'undici';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

import { startServer } from '../../test/kit/server';
import { until } from '../../test/kit/until';

import { features, names, synthetic, type Figure } from './synthetic';
import { summarise, timedRequest, type Summary, type Timed } from './tail';

/** The service in a process of its own, over HTTP with a token, as clients use it: the quota is counted, predictions are remembered. */
export async function serving(requests: number): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'serving-'));
  const file = path.join(folder, 'points.csv');
  const { matrix, target } = synthetic(20_000, 3);
  await writeFile(file, [[...names, 'y'].join(), ...matrix.map((row, place) => [...row, target[place]].join())].join('\n'));
  const environment = { DEMO_DATA: 'false', RATE_LIMIT_FREE: '1000000' };
  const floor = await bareServer();
  const server = await startServer({ arguments: ['--data', file], environment });
  try {
    const call = client(server.url, server.token('demo', { lifetimeSeconds: 3_600 }));
    const pid = server.child.pid!;
    const { id: sourceId } = (await call('GET', '/api/v1/sql/sources')).data.items[0] as { id: string };
    const dataset = { source_id: sourceId, query: 'select * from points' };
    const model_id = await trained(call, { name: 'points', task_type: 'classification', dataset, target_column: 'y', hyperparameters: { n_estimators: 100 } }); // prettier-ignore
    const rows = matrix.slice(0, 1_000).map((row) => Object.fromEntries(names.map((name, place) => [name, row[place]])));
    const tensors = rows.map((row) => names.map((name) => ({ name, shape: [1], datatype: 'FP64', data: [row[name]] })));
    const bare = client(floor.url, 'none');
    const [one, infer, least] = await alternately(requests, [
      { pid, ask: (n) => call('POST', '/api/v1/ml/predict', { model_id, features: rows[n % 1_000] }) },
      { pid, ask: (n) => call('POST', '/v2/models/points/infer', { inputs: tensors[n % 1_000] }) },
      { pid: floor.child.pid!, ask: (n) => bare('POST', '/api/v1/ml/predict', { model_id, features: rows[n % 1_000] }) },
    ]);
    const started = performance.now();
    for (let n = 0; n < 20; n += 1) await call('POST', '/api/v1/ml/predict', { model_id, features: rows });
    const listed = 20_000 / ((performance.now() - started) / 1_000);
    const before = performance.now();
    const table = await call('POST', '/api/v1/ml/batch-predict', { model_id, source_id: sourceId, query: dataset.query, max_rows: 20_000 });
    const batch = table.data.row_count / ((performance.now() - before) / 1_000);
    return [
      {
        what: `one prediction with contributions through REST, ${features} features, 100 trees, ${requests} one after the other, after as many to warm up`,
        wanted: 'P99 under 2 ms',
        measured: one!.text,
        met: one!.p99 < 2,
      },
      { what: 'one inference at /v2', wanted: 'P99 under 2 ms', measured: infer!.text, met: infer!.p99 < 2 },
      { what: 'the same request answered with a constant by a bare HTTP server, in turn with them', wanted: '–', measured: least!.text, met: null }, // prettier-ignore
      { what: 'lists of 1,000 rows through REST', wanted: '–', measured: `${Math.round(listed)} rows a second`, met: null },
      { what: 'batch: 20,000 rows of a query', wanted: '–', measured: `${Math.round(batch)} rows a second, query included`, met: null },
    ];
  } finally {
    floor.child.kill();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(server.dataDirectory, { recursive: true, force: true });
  }
}

interface Envelope {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each route has data of its own
  readonly data: Record<string, any>;
}
type Call = (method: 'GET' | 'POST', route: string, body?: unknown) => Promise<Envelope>;

function client(url: string, token: string): Call {
  const pool = new Pool(url, { connections: 1 });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return async (method, route, body) => {
    const answer = await pool.request({ method, path: route, headers, body: body === undefined ? null : JSON.stringify(body) });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${route}: ${answer.statusCode} ${text.slice(0, 500)}`);
    return JSON.parse(text) as Envelope;
  };
}

async function trained(call: Call, request: object): Promise<string> {
  const { job_id: job } = (await call('POST', '/api/v1/ml/train', request)).data as { job_id: string };
  const ended = await until(
    async () => {
      const { data } = await call('GET', `/api/v1/ml/train/${job}`);
      return data.status === 'completed' || data.status === 'failed' ? data : null;
    },
    { withinMs: 120_000, everyMs: 200 },
  );
  if (ended.status === 'failed') throw new Error(ended.error);
  return ended.model_id as string;
}

async function bareServer(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [...builtExecArgv, builtFile('bench/ml/floor')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve) => child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim())));
  return { url, child };
}

interface Asked {
  readonly pid: number;
  ask(n: number): Promise<unknown>;
}

const rounds = 5;

/**
 * Each is asked `count` times, in rounds that take turns, so that what the machine does meanwhile meets all of them. As many before that warm
 * up: V8 compiles in threads of its own for some thousands of requests, and an asker woken meanwhile waits for one of them.
 */
async function alternately(count: number, asked: readonly Asked[]): Promise<Summary[]> {
  const times = asked.map((): Timed[] => []);
  for (const { ask } of asked) for (let n = 0; n < count; n += 1) await ask(n);
  for (let round = 0; round < rounds; round += 1)
    for (const [place, { pid, ask }] of asked.entries())
      for (let n = 0; n < count / rounds; n += 1) times[place]!.push(await timedRequest(pid, () => ask(n)));
  return times.map((each) => summarise(each));
}
