import { deepStrictEqual } from 'node:assert';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

import { Command } from 'commander';

import { projectRoot } from '#platform/lifecycle';

import { cases, type BenchCase } from './gateway/cases';
import { startChild, stopChildren, type Child } from './gateway/child';
import { ask, drive, type Timing } from './gateway/drive';
import { sendDistinct, type Misses } from './gateway/misses';
import { measureRest, type RestRow } from './gateway/rest-ratio';
import { fanOut, type FanOut } from './gateway/subscribers';
import { variants, type Variant } from './gateway/variants';

interface Arguments {
  readonly scale: number;
  readonly rounds: number;
  readonly subscribers: number;
  /** Distinct operations sent to one engine in a row. */
  readonly distinct: number;
  readonly peers: string;
  readonly only?: string;
}

interface Measured extends Timing {
  /** CPU time of the gateway's process for one request. */
  readonly gatewayMs: number;
  /** The same with the subgraphs' process: what one answer costs, whatever else the machine does meanwhile. */
  readonly cpuMs: number;
}

type Table = Map<string, Map<string, Measured>>;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const missing = ({ needs = [] }: Variant, peers: string): string[] =>
  needs.filter((name) => {
    if (peers === '') return true;
    try {
      createRequire(path.join(peers, 'package.json')).resolve(name);
      return false;
    } catch {
      return true;
    }
  });

/** One variant, one case: the answer is compared first, then the server warmed, then the rounds. */
async function measure(
  server: Child,
  bench: BenchCase,
  { scale, expected, subgraphs }: { readonly scale: number; readonly expected: unknown; readonly subgraphs: Child },
): Promise<Measured> {
  const url = `http://127.0.0.1:${server.port}/graphql`;
  if (bench.name !== 'distinct') deepStrictEqual(await ask(url, bench.query(0)), expected);
  const requests = Math.max(4, Math.round(bench.requests * scale));
  const concurrency = bench.name === 'large' ? 2 : 16;
  const body = (offset: number) => (index: number) => JSON.stringify({ query: bench.query(offset + index) });
  warmed += 1;
  const unique = warmed * 1_000_000;
  // A trial run is for seeing that everything works: it warms up as little as it measures.
  const warmUp = Math.max(4, Math.round(bench.warmUp * Math.min(1, scale * 2)));
  await drive({ url, requests: warmUp, concurrency, body: body(unique + 500_000) });
  const before = [await server.cpuMs(), await subgraphs.cpuMs()] as const;
  const timing = await drive({ url, requests, concurrency, body: body(unique) });
  const gateway = (await server.cpuMs()) - before[0];
  const below = (await subgraphs.cpuMs()) - before[1];
  return { ...timing, gatewayMs: gateway / requests, cpuMs: (gateway + below) / requests };
}
let warmed = 0;

async function run({ scale, rounds, subscribers, distinct, peers, only }: Arguments): Promise<void> {
  const wanted = variants.filter(({ name }) => !only || only.split(',').some((part) => name.includes(part)));
  const absent = wanted.filter((variant) => missing(variant, peers).length > 0);
  const present = wanted.filter((variant) => !absent.includes(variant));
  const subgraphs = await startChild('bench/gateway/serve-subgraphs', []);
  const start = (name: string): Promise<Child> => startChild('bench/gateway/serve', [name, String(subgraphs.port), peers]);

  const reference = await start('monolith-apollo');
  const expected = new Map<string, unknown>();
  for (const bench of cases) expected.set(bench.name, await ask(`http://127.0.0.1:${reference.port}/graphql`, bench.query(0)));
  await reference.stop();

  // Variants take turns in every round, so that a busy minute of the machine falls on all of them.
  const timings = new Map<string, Map<string, Measured[]>>();
  for (let round = 0; round < rounds; round += 1) {
    for (const { name } of present) {
      const server = await start(name);
      for (const bench of cases) {
        const timing = await measure(server, bench, { scale, expected: expected.get(bench.name), subgraphs });
        const ofCase = timings.get(bench.name) ?? new Map<string, Measured[]>();
        ofCase.set(name, [...(ofCase.get(name) ?? []), timing]);
        timings.set(bench.name, ofCase);
      }
      await server.stop();
      process.stderr.write(`round ${round + 1}/${rounds}: ${name}\n`);
    }
  }
  const table: Table = new Map(
    [...timings].map(([bench, byVariant]) => [
      bench,
      new Map(
        [...byVariant].map(([name, all]) => [
          name,
          {
            perSecond: median(all.map((t) => t.perSecond)),
            p50Ms: median(all.map((t) => t.p50Ms)),
            p99Ms: median(all.map((t) => t.p99Ms)),
            gatewayMs: median(all.map((t) => t.gatewayMs)),
            cpuMs: median(all.map((t) => t.cpuMs)),
          },
        ]),
      ),
    ]),
  );

  let stream: FanOut | undefined;
  let misses: readonly Misses[] = [];
  let rest: readonly RestRow[] = [];
  if (distinct > 0)
    for (const { name } of present.filter((variant) => missVariants.has(variant.name)))
      misses = [...misses, await sendDistinct(await start(name), name, distinct)];
  if (!only) {
    const server = await start('thin-engine-local');
    stream = await fanOut(server.port, { subscribers, events: 10 });
    await server.stop();
    rest = await measureRest(Math.max(50, Math.round(1_500 * scale)), rounds);
  }
  await subgraphs.stop();
  report({ table, stream, misses, rest, present, absent, settings: { scale, rounds } });
}

interface Report {
  readonly table: Table;
  readonly stream?: FanOut;
  readonly misses: readonly Misses[];
  readonly rest: readonly RestRow[];
  readonly present: readonly Variant[];
  readonly absent: readonly Variant[];
  readonly settings: { readonly scale: number; readonly rounds: number };
}

/** Ratios that the gateway has to reach, each between two variants of this very run. */
const goals: readonly [what: string, of: string, against: string, least: number, bench?: string][] = [
  ['engine in process against the stock gateway, same front', 'engine-local', 'stock-http', 4],
  ['engine in process with graphql-jit against the stock gateway, same front', 'engine-local-jit', 'stock-http', 4],
  ['engine over HTTP against the stock gateway over HTTP, same front', 'engine-remote', 'stock-http', 3],
  ['engine in process against the Apollo Server monolith, same front', 'engine-local', 'monolith-apollo', 1],
  ['engine in process behind its own front against the Apollo Server monolith', 'thin-engine-local', 'monolith-apollo', 1],
  ['engine in process against the stock gateway, thin front', 'thin-engine-local', 'thin-stock-http', 4],
  ['engine over HTTP against the stock gateway, thin front', 'thin-engine-remote', 'thin-stock-http', 3],
  ['engine in process against the Apollo Server monolith, same front', 'engine-local', 'monolith-apollo', 1, 'nested'],
  ['engine in process against the Apollo Server monolith, same front', 'engine-local', 'monolith-apollo', 1, 'read'],
  ['engine in process with graphql-jit against the Apollo Server monolith, same front', 'engine-local-jit', 'monolith-apollo', 1, 'nested'],
  ['engine in process behind its own front against the Apollo Server monolith', 'thin-engine-local', 'monolith-apollo', 1, 'nested'],
];

function report({ table, stream, misses, rest, present, absent, settings }: Report): void {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  const lines: string[] = [
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}; medians of ${settings.rounds} rounds at scale ${settings.scale}`,
    '',
  ];
  for (const bench of cases) {
    const rows = table.get(bench.name);
    if (!rows) continue;
    lines.push(
      `**${bench.what}** (\`${bench.name}\`)`,
      '',
      '| variant | front | CPU ms a request | of it gateway | × stock-http by CPU | requests/s | p50 ms | p99 ms |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
    );
    const base = rows.get('stock-http')?.cpuMs;
    for (const { name, front } of present) {
      const timing = rows.get(name);
      if (!timing) continue;
      const ratio = base ? (base / timing.cpuMs).toFixed(2) : '–';
      const { cpuMs, gatewayMs, perSecond, p50Ms, p99Ms } = timing;
      lines.push(
        `| ${name} | ${front} | ${cpuMs.toFixed(2)} | ${gatewayMs.toFixed(2)} | ${ratio} | ${perSecond.toFixed(1)} | ${p50Ms.toFixed(1)} | ${p99Ms.toFixed(1)} |`,
      );
    }
    lines.push('');
  }
  lines.push('**Goals**', '', '| ratio | case | at least | by CPU time | by requests/s | |', '| --- | --- | --- | --- | --- | --- |');
  const ratios = goals.flatMap(([what, of, against, least, bench = 'join']) => {
    const rows = table.get(bench);
    const [a, b] = [rows?.get(of), rows?.get(against)];
    if (!a || !b) return [];
    const [byCpu, byRate] = [b.cpuMs / a.cpuMs, a.perSecond / b.perSecond];
    const isReached = byCpu >= least ? 'reached' : 'missed';
    lines.push(`| ${what} | ${bench} | ${least}× | ${byCpu.toFixed(2)}× | ${byRate.toFixed(2)}× | ${isReached} |`);
    return [{ what, bench, of, against, least, byCpu, byRate }];
  });
  for (const row of rest)
    lines.push(
      `| a REST route against the same GraphQL operation | ${row.case} | at most 1.3× | ${row.restToGraphqlCpu.toFixed(2)}× | ${row.restToGraphqlTime.toFixed(2)}× | ${row.restToGraphqlCpu <= 1.3 ? 'reached' : 'missed'} |`,
    );
  if (misses.length > 0)
    lines.push(
      '',
      `**${misses[0]!.operations} distinct operations in a row**; the engine keeps 500 of them. Live heap is what is left after a full collection.`,
      '',
      '| variant | CPU ms each, gateway | live heap MB after half | after all |',
      '| --- | --- | --- | --- |',
      ...misses.map(
        ({ name, cpuMs, liveMegabytes: [half, all] }) => `| ${name} | ${cpuMs.toFixed(2)} | ${half.toFixed(0)} | ${all.toFixed(0)} |`,
      ),
    );
  if (stream)
    lines.push(
      '',
      `**${stream.subscribers} subscribers to one topic**, a field of another subgraph in each event: ${Math.round(stream.deliveriesPerSecond)} deliveries/s, ${stream.medianMs.toFixed(0)} ms from mutation to last client.`,
    );
  if (absent.length > 0)
    lines.push('', `Not measured, since not installed: ${absent.map(({ what, needs }) => `${what} (${needs?.join(', ')})`).join('; ')}.`);
  const text = lines.join('\n');
  console.log(text);
  const folder = path.join(projectRoot, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const plain = Object.fromEntries([...table].map(([bench, rows]) => [bench, Object.fromEntries(rows)]));
  writeFileSync(
    path.join(folder, 'gateway.json'),
    `${JSON.stringify({ machine, settings, variants: present, absent, results: plain, ratios, rest, misses, stream }, null, 2)}\n`,
  );
  writeFileSync(path.join(folder, 'gateway.md'), `${howTo}\n${text}\n`);
}

/** To whom distinct operations are sent in a row, to see what of them stays in memory. */
const missVariants: ReadonlySet<string> = new Set([
  'stock-http',
  'engine-local',
  'monolith-apollo',
  'thin-engine-local',
  'thin-engine-local-hive',
]);

const howTo = `# Gateway

\`npm run bench:gateway\` (options: \`-- --scale 1 --rounds 3 --subscribers 1000 --distinct 10000 --peers FOLDER --only engine,stock\`). One run, the same subgraphs behind every
variant, answers compared before anything is timed, warm-up first, variants in turns. Client, server and subgraphs share the machine, so read ratios and not
absolute numbers. Where other work shares the machine too, requests a second tell little; CPU time a request (gateway and subgraphs, not
the client) stays comparable, and the goals are judged by it. Peers that are not dependencies are looked for in the \`node_modules\` of the folder given by \`--peers\`
(\`npm install graphql@16.15.0 graphql-yoga @graphql-hive/gateway-runtime @graphql-mesh/transport-http\` there).

Subgraphs in process are run by the engine's own compiled operations, whose answers are compared with graphql-js by test; \`-jit\` puts graphql-jit in their place.
A REST request and the GraphQL operation beside it pay for the same things: a verified token, one count of the quota, an operation planned at start. The write has
no Idempotency-Key, as the mutation has none: with one, REST keeps a durable record that GraphQL does not offer, and is no longer the same thing. On a
plain read next to nothing is left of the engine in the profile (about 5 % of the process); there the front is what is measured. Behind Apollo Server the
engine comes with its plugin (\`apolloServerParts\`), which answers before the server prepares a call of its gateway and shares what it has parsed and validated.
`;

new Command('bench:gateway')
  .option('--scale <number>', 'times the usual number of requests', Number, 1)
  .option('--rounds <number>', 'rounds', Number, 3)
  .option('--subscribers <number>', 'subscribers of the fan-out', Number, 1_000)
  .option('--distinct <number>', 'distinct operations sent in a row', Number, 10_000)
  .option('--peers <folder>', 'where optional peers are installed', '')
  .option('--only <names>', 'only variants whose names hold one of these')
  .action(run)
  .parseAsync()
  .catch((failure: unknown) => {
    console.error(failure);
    process.exitCode = 1;
  })
  .finally(stopChildren);
