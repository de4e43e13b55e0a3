import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, getPriority, loadavg, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Command } from 'commander';

import type { Caller } from '#platform/auth';
import { migrate, openDatabase } from '#platform/db';
import { createMemoryEventLog } from '#platform/events';
import { projectRoot } from '#platform/lifecycle';
import { silentLogger } from '#platform/telemetry';

import { chatMigrations, createChatSubgraph, type Analyst, type AnalystAnswer, type ChatSubgraph } from '../subgraphs/chat';

import { ShopAnalyst } from './chat/shop-analyst';
import { stalledRound, type StalledRound } from './chat/stalled-reader';
import type { Memory } from './chat/socket-protocol';
import { SocketServer, socketRound, type SocketRound } from './chat/stalled-socket';

interface Arguments {
  readonly sessions: number;
  readonly turns: number;
  readonly thinkMs: number;
  readonly overhead: number;
  readonly readers: number;
  readonly readerSeconds: number;
  readonly sockets: number;
  readonly socketSessions: number;
  readonly socketSeconds: number;
  readonly socketEvents: number;
  readonly socketRounds: number;
}

const questions = ['revenue by month', 'orders by region', 'revenue by product', 'orders by month', 'revenue in June 2024'];
const callerOf = (user: number): Caller => ({ tenantId: 'bench', userId: `user-${user}`, roles: ['analyst'], tier: 'enterprise' });

const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0;
const spread = (values: readonly number[]) => ({
  n: values.length,
  p50: quantile(values, 0.5),
  p95: quantile(values, 0.95),
  p99: quantile(values, 0.99),
  max: Math.max(...values),
});
const ms = (value: number): string => value.toFixed(1);

/** From the request until the reader of the stream has the first event, and until it has the last. */
async function timedTurn(
  chat: ChatSubgraph,
  me: Caller,
  { sessionId, question, after }: { readonly sessionId: string; readonly question: string; readonly after: number },
) {
  const controller = new AbortController();
  const startedAt = performance.now();
  // The reader is there before the turn, as with an open socket.
  const events = await chat.services.streams.follow(me, { sessionId, after, signal: controller.signal });
  let firstMs = 0;
  let accepted = 0;
  const askedAt = performance.now();
  const starting = chat.services.turns
    .start(me, { sessionId, request: { kind: 'message', text: question }, requestId: null })
    .then(() => (accepted = performance.now() - askedAt));
  let last = after;
  for await (const event of events) {
    if (firstMs === 0) firstMs = performance.now() - askedAt;
    last = event.sequence;
    if (event.type === 'stream_end') break;
  }
  const wholeMs = performance.now() - askedAt;
  await starting;
  controller.abort();
  return { firstMs, wholeMs, acceptedMs: accepted, subscribedMs: askedAt - startedAt, last };
}

async function concurrentSessions(chat: ChatSubgraph, { sessions, turns, thinkMs }: Arguments) {
  const measured: { firstMs: number; wholeMs: number; acceptedMs: number }[] = [];
  const cpuBefore = process.cpuUsage();
  await Promise.all(
    Array.from({ length: sessions }, async (_, user) => {
      const me = callerOf(user);
      const { id } = await chat.services.sessions.create(me, {});
      let after = 0;
      for (let turn = 0; turn < turns; turn += 1) {
        await pause(thinkMs * (0.5 + Math.random()));
        const timed = await timedTurn(chat, me, { sessionId: id, question: questions[(user + turn) % questions.length]!, after });
        after = timed.last;
        measured.push(timed);
      }
    }),
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    first: spread(measured.map(({ firstMs }) => firstMs)),
    accepted: spread(measured.map(({ acceptedMs }) => acceptedMs)),
    whole: spread(measured.map(({ wholeMs }) => wholeMs)),
    cpuMsPerTurn: (user + system) / 1_000 / measured.length,
  };
}

/** Answers at once with the same rows: what a turn then takes is the orchestrator's own. */
class InstantAnalyst implements Analyst {
  constructor(private readonly answer: AnalystAnswer) {}
  ask = () => Promise.resolve(this.answer);
  refine = () => Promise.resolve(this.answer);
  runSql = () => Promise.resolve(this.answer);
  describe = () => Promise.resolve([]);
  suggest = () => Promise.resolve([]);
}

async function overheadOf(db: Awaited<ReturnType<typeof openDatabase>>, answer: AnalystAnswer, turns: number) {
  const log = createMemoryEventLog();
  const chat = createChatSubgraph({ db, log, logger: silentLogger, analyst: new InstantAnalyst(answer) });
  const me = callerOf(1_000);
  const { id } = await chat.services.sessions.create(me, {});
  const own: number[] = [];
  const whole: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const startedAt = performance.now();
    const message = await chat.services.turns.send(me, {
      sessionId: id,
      request: { kind: 'message', text: 'revenue by month' },
      requestId: null,
    });
    whole.push(performance.now() - startedAt);
    own.push(message.answer!.executionTimeMs);
  }
  await chat.stop();
  await log.close();
  return { orchestrator: spread(own), withStorage: spread(whole) };
}

const shown = ({ latenciesMs, rssMbBefore, rssMbAfter, delivered, expected }: StalledRound) => ({
  delivered,
  expected,
  rssMbBefore,
  rssMbAfter,
  latency: spread(latenciesMs),
});
const stalledRow = (name: string, { delivered, expected, latency, rssMbBefore, rssMbAfter }: ReturnType<typeof shown>): string =>
  `| ${name} | ${delivered} of ${expected} | ${ms(latency.p50)} | ${ms(latency.p99)} | ${ms(latency.max)} | ${ms(rssMbBefore)} | ${ms(rssMbAfter)} |`;

const shownSockets = (name: string, { latenciesMs, ...round }: SocketRound) => ({ name, ...round, latency: spread(latenciesMs) });
const socketRow = ({ name, delivered, expected, inexact, latency, stalledCode }: ReturnType<typeof shownSockets>) =>
  `| ${name} | ${delivered} of ${expected} | ${inexact} | ${ms(latency.p50)} | ${ms(latency.p99)} | ${ms(latency.max)} | ${stalledCode ?? ''} |`;
const memoryRow = (name: string, { heap, buffers, rss }: Memory): string => `| ${name} | ${ms(heap)} | ${ms(buffers)} | ${ms(rss)} |`;

/** Over TCP, from a process of its own: rounds without the socket that never reads, and with it, by turns. */
async function overSockets(options: Arguments) {
  const { sockets, socketSessions, socketSeconds: seconds, socketEvents: eventsPerSecond, socketRounds } = options;
  const server = await SocketServer.start();
  try {
    const sessions = (await server.ask({ do: 'sessions', count: socketSessions })).sessions!;
    const round = { sockets, sessions, seconds, eventsPerSecond, largeBytes: 40_000 };
    // Fills what the log keeps of each session, so that what grows afterwards is the sockets' doing.
    for (let time = 0; time < 2; time += 1) await socketRound(server, round, false);
    const start = await server.memory();
    const rounds = [];
    for (let number = 1; number <= socketRounds; number += 1) {
      rounds.push(shownSockets(`${number}: all read`, await socketRound(server, round, false)));
      rounds.push(shownSockets(`${number}: one never reads`, await socketRound(server, round, true)));
    }
    const kbPerSocket = ((rounds[0]!.memory.open.heap + rounds[0]!.memory.open.buffers - start.heap - start.buffers) * 1_024) / sockets;
    return { start, rounds, kbPerSocket };
  } finally {
    await server.stop();
  }
}

async function main(options: Arguments): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
  const db = await openDatabase({ dataDirectory: path.join(directory, 'db') });
  await migrate(db, [chatMigrations]);
  const analyst = await ShopAnalyst.open();
  const log = createMemoryEventLog();
  const chat = createChatSubgraph({ db, log, logger: silentLogger, analyst });

  await concurrentSessions(chat, { ...options, sessions: 5, turns: 3, thinkMs: 50 });
  const results = await concurrentSessions(chat, options);
  const sample = await analyst.ask(null, {
    question: 'revenue by month',
    sourceId: null,
    sessionId: null,
    previous: null,
    signal: new AbortController().signal,
  });
  const overhead = await overheadOf(db, sample, options.overhead);

  const readers = { readers: options.readers, seconds: options.readerSeconds, eventsPerSecond: 400 };
  const world = { chat, log, me: callerOf(2_000) };
  await stalledRound(world, { ...readers, seconds: 2 }, false);
  const without = shown(await stalledRound(world, readers, false));
  const withStalled = shown(await stalledRound(world, readers, true));

  const tcp = await overSockets(options);

  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}, load average ${loadavg()[0]!.toFixed(1)}, process priority ${getPriority()}`;
  const rows: readonly (readonly [string, ReturnType<typeof spread>])[] = [
    ['turn accepted (question stored)', results.accepted],
    ['first event at the reader', results.first],
    ['last event at the reader', results.whole],
    ['orchestrator alone, no SQL', overhead.orchestrator],
    ['whole turn, no SQL, storage included', overhead.withStorage],
  ];
  const table = [
    '| what | n | p50 ms | p95 ms | p99 ms | max ms |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(([name, { n, p50, p95, p99, max }]) => `| ${name} | ${n} | ${ms(p50)} | ${ms(p95)} | ${ms(p99)} | ${ms(max)} |`),
  ].join('\n');
  const text = [
    '# Chat',
    '',
    'Reproduce with `npm run bench:chat`; `-- --help` lists the sizes.',
    '',
    `${machine} (asking, answering and storing share the machine and one process)`,
    '',
    `${options.sessions} sessions at once, ${options.turns} turns each with about ${options.thinkMs} ms between them, embedded database on disk, events in memory, a small analyst over`,
    'DuckDB in place of the sql subgraph; each reader was subscribed before its turn. The last two rows: one session, an analyst that answers at once.',
    '',
    table,
    '',
    `**${options.readers} readers of 50 sessions, 400 events a second for ${options.readerSeconds} s, each event to ten readers**`,
    '',
    '| | delivered | p50 ms | p99 ms | max ms | RSS before, MB | RSS after, MB |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    stalledRow('all read', without),
    stalledRow('one never reads', withStalled),
    '',
    `**${options.sockets} sockets on /ws/chat over TCP, ${options.socketSessions} sessions, ${options.socketEvents} events a second for ${options.socketSeconds} s; the serving process is another one**`,
    '',
    'Every fourth event has 40 kB and goes to the first session, that of the socket that never reads. Time from the append to the parsed frame. Not exact: sockets',
    'that did not get each event of their session once and in order.',
    '',
    '| round | delivered | not exact | p50 ms | p99 ms | max ms | the stalled one closed with |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...tcp.rounds.map(socketRow),
    '',
    `Memory of the serving process after a garbage collection, the log of the sessions having been filled before; ${ms(tcp.kbPerSocket)} kB a socket. RSS holds the`,
    'embedded database, DuckDB and what the allocators keep for later too.',
    '',
    '| when | heap, MB | buffers, MB | RSS, MB |',
    '| --- | --- | --- | --- |',
    memoryRow('before the first round', tcp.start),
    ...tcp.rounds.flatMap(({ name, memory }) => [
      memoryRow(`${name}, sockets open`, memory.open),
      memoryRow(`${name}, all events read`, memory.read),
      memoryRow(`${name}, sockets closed`, memory.closed),
    ]),
    '',
    `CPU of the process a turn, readers included: ${ms(results.cpuMsPerTurn)} ms.`,
    '',
  ].join('\n');
  console.log(text);
  const folder = path.join(projectRoot, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'chat.json'),
    `${JSON.stringify({ machine, options, ...results, overhead, readers: { without, withStalled }, sockets: tcp }, null, 2)}\n`,
  );
  writeFileSync(path.join(folder, 'chat.md'), text);

  await chat.stop();
  await log.close();
  analyst.close();
  await db.close();
  rmSync(directory, { recursive: true, force: true });
}

const program = new Command()
  .option('--sessions <n>', 'sessions at once', Number, 50)
  .option('--turns <n>', 'turns of each', Number, 10)
  .option('--think-ms <n>', 'pause between two turns of a session', Number, 2_000)
  .option('--readers <n>', 'readers of streams', Number, 500)
  .option('--reader-seconds <n>', 'how long they read', Number, 10)
  .option('--sockets <n>', 'sockets over TCP', Number, 500)
  .option('--socket-sessions <n>', 'sessions that they read', Number, 50)
  .option('--socket-seconds <n>', 'how long they read', Number, 8)
  .option('--socket-events <n>', 'events a second over all of them', Number, 300)
  .option('--socket-rounds <n>', 'how often, without and with one that never reads', Number, 3)
  .option('--overhead <n>', 'turns without SQL', Number, 200)
  .parse();
void main(program.opts<Arguments>());
