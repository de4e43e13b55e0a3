import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import { startServer, type TestServer } from '../test/kit/server';

/** `npm run bench`: what a person and a program meet first. One run on one machine; read the ratios, not the milliseconds. */
interface Measured {
  readonly name: string;
  readonly p50: number;
  readonly p95: number;
  readonly unit: string;
}

const questions: readonly (readonly [string, string])[] = [
  ['flights', 'How many flights were there?'],
  ['flights', 'average delay by origin airport, worst ten'],
  ['shop', 'total revenue by month in 2024'],
  ['shop', 'top 5 products by revenue in Europe last quarter'],
  ['shop', 'which customers have never ordered?'],
  ['shop', 'share of returned orders by category'],
];

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

async function measure(name: string, times: number, work: (round: number) => Promise<unknown>): Promise<Measured> {
  for (let round = 0; round < Math.min(10, times); round += 1) await work(round);
  const taken: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const started = performance.now();
    await work(round);
    taken.push(performance.now() - started);
  }
  return { name, p50: quantile(taken, 0.5), p95: quantile(taken, 0.95), unit: 'ms' };
}

async function throughput(name: string, work: () => Promise<unknown>): Promise<Measured> {
  const until = performance.now() + 4_000;
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  return { name, p50: done / 4, p95: done / 4, unit: 'requests/s' };
}

const residentMb = (server: TestServer): number => {
  const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
};

async function timedStart(dataDirectory: string): Promise<{ server: TestServer; seconds: number }> {
  const started = performance.now();
  const server = await startServer({ dataDirectory, environment: { RATE_LIMIT_ENTERPRISE: '1000000' } });
  return { server, seconds: (performance.now() - started) / 1_000 };
}

async function main(): Promise<void> {
  const dataDirectory = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
  const cold = await timedStart(dataDirectory);
  await cold.server.stop();
  const { server, seconds: warmSeconds } = await timedStart(dataDirectory);
  const token = server.token('demo');
  const body = (round: number): object => ({
    question: questions[round % questions.length]![1],
    source_id: questions[round % questions.length]![0],
  });
  const generate = 'mutation ($input: GenerateSqlInput!) { generateSql(input: $input) { sql } }';
  const one = '{ source(id: "shop") { id name tableCount } }';
  const results = [
    await measure('question to SQL, REST', 120, (round) => server.request('POST', '/api/v1/sql/generate', { token, body: body(round) })),
    await measure('question to SQL, GraphQL', 120, (round) =>
      server.graphql(generate, { token, variables: { input: { question: questions[round % 6]![1], sourceId: questions[round % 6]![0] } } }),
    ),
    await measure('question to rows, REST', 60, (round) => server.request('POST', '/api/v1/sql/ask', { token, body: body(round) })),
    await measure('simple read, REST', 200, () => server.request('GET', '/api/v1/sql/sources/shop', { token })),
    await measure('simple read, GraphQL', 200, () => server.graphql(one, { token })),
    await measure('HTTP alone (/health/live)', 200, () => server.request('GET', '/health/live')),
    await throughput('simple read, REST, 16 clients', () => server.request('GET', '/api/v1/sql/sources/shop', { token })),
    await throughput('simple read, GraphQL, 16 clients', () => server.graphql(one, { token })),
    { name: 'start, nothing there (demo data built)', p50: cold.seconds, p95: cold.seconds, unit: 's' },
    { name: 'start, second time', p50: warmSeconds, p95: warmSeconds, unit: 's' },
    { name: 'memory of the server after the run', p50: residentMb(server), p95: residentMb(server), unit: 'MB' },
  ];
  await server.stop();
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    loadAverage: loadavg()[0],
  };
  console.table(
    results.map(({ name, p50, p95, unit }) => ({ what: name, p50: Number(p50.toFixed(2)), p95: Number(p95.toFixed(2)), unit })),
  );
  const folder = path.join(projectRoot, 'bench', 'results');
  writeFileSync(
    path.join(folder, 'foundation.json'),
    `${JSON.stringify({ machine, measuredAt: new Date().toISOString(), results }, null, 2)}\n`,
  );
  const rows = results.map(({ name, p50, p95, unit }) => `| ${name} | ${p50.toFixed(2)} | ${p95.toFixed(2)} | ${unit} |`);
  writeFileSync(
    path.join(folder, 'foundation.md'),
    `# Foundation\n\n\`npm run bench\`, client and server on one machine: ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, load average ${machine.loadAverage?.toFixed(1)} before the table was written.\nCompare rows of one run; absolute times belong to the machine.\n\n| what | P50 | P95 | unit |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`,
  );
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
