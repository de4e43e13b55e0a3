import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, getPriority, loadavg, totalmem } from 'node:os';
import path from 'node:path';

import { Command } from 'commander';

import { projectRoot } from '#platform/lifecycle';

import { startChild, stopChildren } from './gateway/child';
import { drive, type Measured, type Spread } from './llm/load';

interface Arguments {
  readonly rate: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly streams: number;
}

interface Usage {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly cpuMs: number;
}

type Way = 'direct' | 'routed' | 'routed, budget and cache';
interface Row {
  readonly way: Way;
  readonly stream: boolean;
  readonly measured: Measured;
  /** CPU time of the router's process a request: unlike latency it does not depend on what else the machine does. */
  readonly cpuMs: number | null;
}

/** Requests of each way before anything is measured: enough for the compiler to have seen them often. */
const warmUp = 1_500;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const ms = (value: number): string => value.toFixed(2);

async function run({ rate, seconds, rounds, streams }: Arguments): Promise<void> {
  const provider = await startChild('bench/llm/serve-provider', []);
  const router = await startChild('bench/llm/serve-router', [`http://127.0.0.1:${provider.port}/v1`]);
  const at = `http://127.0.0.1:${router.port}`;
  const ways: Readonly<Record<Way, { readonly url: string; readonly token: string }>> = {
    direct: { url: `http://127.0.0.1:${provider.port}/v1/chat/completions`, token: 'none' },
    routed: { url: `${at}/v1/chat/completions`, token: 'plain' },
    'routed, budget and cache': { url: `${at}/v1/chat/completions`, token: 'careful' },
  };
  const usage = async (): Promise<Usage> => (await (await fetch(`${at}/process`)).json()) as Usage;

  for (const target of Object.values(ways))
    for (const stream of [false, true]) await drive({ ...target, stream, requests: warmUp, perSecond: 0, concurrency: 8 });
  const rows: Row[] = [];
  const requests = rate * seconds;
  // The ways take turns in every round, so that a busy minute of the machine falls on all of them.
  for (let round = 0; round < rounds; round += 1) {
    for (const way of Object.keys(ways) as Way[]) {
      for (const stream of [false, true]) {
        const before = await usage();
        const measured = await drive({ ...ways[way], stream, requests, perSecond: rate });
        const cpuMs = way === 'direct' ? null : ((await usage()).cpuMs - before.cpuMs) / requests;
        rows.push({ way, stream, measured, cpuMs });
      }
    }
    process.stderr.write(`round ${round + 1}/${rounds}\n`);
  }
  const inProcess: Record<string, Record<'direct' | 'routed', Spread>> = {};
  for (const stream of [false, true]) {
    inProcess[stream ? 'streamed' : 'whole'] = (await (await fetch(`${at}/in-process?calls=500&stream=${stream}`)).json()) as Record<
      'direct' | 'routed',
      Spread
    >;
  }
  const memory: { readonly after: number; readonly usage: Usage }[] = [{ after: 0, usage: await usage() }];
  const step = Math.max(1, Math.floor(streams / 5));
  for (let done = step; done <= streams; done += step) {
    await drive({ ...ways.routed, stream: true, requests: step, perSecond: 0 });
    memory.push({ after: done, usage: await usage() });
  }
  await Promise.all([router.stop(), provider.stop()]);
  report({ rows, inProcess, memory, settings: { rate, seconds, rounds, streams } });
}

interface Report {
  readonly rows: readonly Row[];
  readonly inProcess: Readonly<Record<string, Readonly<Record<'direct' | 'routed', Spread>>>>;
  readonly memory: readonly { readonly after: number; readonly usage: Usage }[];
  readonly settings: Arguments;
}

function report({ rows, inProcess, memory, settings }: Report): void {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadAverage: loadavg()[0],
    niceness: getPriority(),
  };
  const of = (way: Way, stream: boolean, pick: (row: Row) => number): number =>
    median(rows.filter((row) => row.way === way && row.stream === stream).map(pick));
  const lines = [
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}, load average ${machine.loadAverage?.toFixed(1)}, niceness ${machine.niceness} (client, router and provider share the machine);`,
    `medians of ${settings.rounds} rounds of ${settings.seconds} s at ${settings.rate} requests a second`,
    '',
    '**Over HTTP: the scripted provider called directly, and through the OpenAI-compatible door**',
    '',
    '| answer | way | p50 ms | p99 ms | added p50 | added p99 | first piece p50 | added | pieces | router CPU ms |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const stream of [false, true]) {
    for (const way of ['direct', 'routed', 'routed, budget and cache'] as const) {
      const p50 = of(way, stream, ({ measured }) => measured.whole.p50Ms);
      const p99 = of(way, stream, ({ measured }) => measured.whole.p99Ms);
      const first = of(way, stream, ({ measured }) => measured.first.p50Ms);
      const added = (value: number, pick: (row: Row) => number): string =>
        way === 'direct' ? '–' : ms(value - of('direct', stream, pick));
      const cpu = way === 'direct' ? '–' : ms(of(way, stream, (row) => row.cpuMs ?? 0));
      lines.push(
        `| ${stream ? 'streamed' : 'whole'} | ${way} | ${ms(p50)} | ${ms(p99)} | ${added(p50, ({ measured }) => measured.whole.p50Ms)} | ${added(p99, ({ measured }) => measured.whole.p99Ms)} | ${ms(first)} | ${added(first, ({ measured }) => measured.first.p50Ms)} | ${of(way, stream, ({ measured }) => measured.pieces).toFixed(1)} | ${cpu} |`,
      );
    }
  }
  lines.push(
    '',
    '**In one process: the AI SDK model directly, and the same model through the router**',
    '',
    '| answer | direct p50 ms | routed p50 ms | added p50 | added p99 |',
    '| --- | --- | --- | --- | --- |',
  );
  for (const [answer, { direct, routed }] of Object.entries(inProcess)) {
    lines.push(
      `| ${answer} | ${ms(direct.p50Ms)} | ${ms(routed.p50Ms)} | ${ms(routed.p50Ms - direct.p50Ms)} | ${ms(routed.p99Ms - direct.p99Ms)} |`,
    );
  }
  lines.push(
    '',
    '**Memory of the router’s process over streams, after garbage collection**',
    '',
    '| streams | heap MiB | RSS MiB |',
    '| --- | --- | --- |',
  );
  for (const { after, usage } of memory) lines.push(`| ${after} | ${mib(usage.heapUsed)} | ${mib(usage.rss)} |`);
  const text = lines.join('\n');
  process.stdout.write(`${text}\n`);
  const folder = path.join(projectRoot, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'llm.json'), `${JSON.stringify({ machine, settings, rows, inProcess, memory }, null, 2)}\n`);
  writeFileSync(
    path.join(folder, 'llm.md'),
    `# Model router\n\nReproduce with \`npm run bench:llm\`; \`-- --help\` lists the sizes.\n\n${text}\n`,
  );
}

const whole = (text: string): number => Number.parseInt(text, 10);
new Command('bench:llm')
  .description('What the model router adds to a provider, and what it keeps.')
  .option('--rate <n>', 'requests a second', whole, 200)
  .option('--seconds <n>', 'length of one measurement', whole, 5)
  .option('--rounds <n>', 'rounds', whole, 3)
  .option('--streams <n>', 'streams of the memory test', whole, 10_000)
  .action((given: Arguments) => run(given).finally(stopChildren))
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  });
