import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Command, Option } from 'commander';

import { projectRoot } from '#platform/lifecycle';

import { startChild, stopChildren, type Child } from './gateway/child';
import { createAsker, type Asker } from './llm/asker';
import { driveInPairs, flood } from './llm/load';
import { pinTo } from './llm/pin';
import { describe, ways as wayNames, type InProcess, type Memory, type Row, type Settings } from './llm/report';

/** Requests of each way before anything is measured: enough for the compiler to have seen them often. */
const warmUp = 1_500;

interface Way {
  readonly server: Child;
  readonly asker: Asker;
}

interface Options extends Omit<Settings, 'pinned'> {
  readonly pin: boolean;
  /** The one way to measure, shown and not kept; without it all of them. */
  readonly only?: Row['way'];
}

interface Router {
  memory(): Promise<Memory['usage']>;
  inProcess(calls: number, stream: boolean): Promise<InProcess>;
}

async function run({ rate, seconds, rounds, streams, pin, only }: Options): Promise<void> {
  // The router has a core to itself; provider and client share another.
  const pinned = pin && pinTo(1);
  const provider = await startChild('bench/llm/serve-provider', []);
  const start = (module: string, ...args: readonly string[]): Promise<Child> =>
    startChild(module, [`http://127.0.0.1:${provider.port}/v1`, ...args, ...(pinned ? ['0'] : [])]);
  const child = await start('bench/llm/serve-router');
  const [bare, express] = [await start('bench/llm/serve-floor', 'node'), await start('bench/llm/serve-floor', 'express')];
  const at = `http://127.0.0.1:${child.port}`;
  const ask = async <Answer>(route: string): Promise<Answer> => (await (await fetch(at + route)).json()) as Answer;
  const router: Router = {
    memory: () => ask('/process'),
    inProcess: (calls, stream) => ask(`/in-process?calls=${calls}&stream=${stream}`),
  };
  const direct = createAsker({ url: `http://127.0.0.1:${provider.port}/v1/chat/completions`, token: 'none' });
  const through = (server: Child, token: string): Way => ({
    server,
    asker: createAsker({ url: `http://127.0.0.1:${server.port}/v1/chat/completions`, token }),
  });
  const ways: Readonly<Record<Row['way'], Way>> = {
    'a proxy that does nothing': through(bare, 'plain'),
    'the same on Express': through(express, 'plain'),
    routed: through(child, 'plain'),
    'routed, budget and cache': through(child, 'careful'),
  };

  for (const asker of [direct, ...Object.values(ways).map((way) => way.asker)])
    for (const stream of [false, true]) await flood(asker, { stream, requests: warmUp, concurrency: 8 });
  const rows: Row[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [way, { server, asker: routed }] of Object.entries(ways) as [Row['way'], Way][]) {
      if (only !== undefined && way !== only) continue;
      for (const stream of [false, true]) {
        const before = await server.cpuMs();
        const pairs = await driveInPairs({ direct, routed, stream, requests: rate * seconds, perSecond: rate });
        rows.push({ way, stream, pairs, cpuMs: ((await server.cpuMs()) - before) / pairs.length });
      }
    }
    process.stderr.write(`round ${round + 1}/${rounds}\n`);
  }
  const inProcess = { whole: await router.inProcess(1_000, false), streamed: await router.inProcess(1_000, true) };
  const memory: Memory[] = [{ after: 0, usage: await router.memory() }];
  const step = Math.max(1, Math.floor(streams / 5));
  for (let done = step; done <= streams; done += step) {
    await flood(ways.routed.asker, { stream: true, requests: step, concurrency: 32 });
    memory.push({ after: done, usage: await router.memory() });
  }
  await Promise.all([child, bare, express, provider].map((each) => each.stop()));
  const described = describe({ rows, inProcess, memory, settings: { rate, seconds, rounds, streams, pinned } });
  process.stdout.write(`${described.text}\n`);
  if (only === undefined) keep(described);
}

function keep({ text, figures }: ReturnType<typeof describe>): void {
  const folder = path.join(projectRoot, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'llm.json'), `${JSON.stringify(figures, null, 2)}\n`);
  writeFileSync(
    path.join(folder, 'llm.md'),
    `# Model router\n\nReproduce with \`npm run bench:llm\`; \`-- --help\` lists the sizes.\n\n${text}\n`,
  );
}

const whole = (text: string): number => Number.parseInt(text, 10);
new Command('bench:llm')
  .description('What the model router adds to a provider, and what it keeps.')
  .option('--rate <n>', 'requests a second', whole, 200)
  .option('--seconds <n>', 'length of one measurement', whole, 10)
  .option('--rounds <n>', 'rounds', whole, 5)
  .option('--streams <n>', 'streams of the memory test', whole, 10_000)
  .addOption(new Option('--only <way>', 'one way, shown and not kept').choices(wayNames))
  .option('--no-pin', 'do not keep the router to one core')
  .action((given: Parameters<typeof run>[0]) => run(given).finally(stopChildren))
  .parseAsync()
  .then(() => process.exit())
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
