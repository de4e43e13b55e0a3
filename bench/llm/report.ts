import { cpus, getPriority, loadavg, totalmem } from 'node:os';

import type { Pair } from './load';
import { median, spread, type Spread } from './spread';

/** What stands between client and provider; a proxy that only passes bytes on is what no router can be below. */
export const ways = ['a proxy that does nothing', 'the same on Express', 'routed', 'routed, budget and cache'] as const;

export interface Row {
  readonly way: (typeof ways)[number];
  readonly stream: boolean;
  readonly pairs: readonly Pair[];
  /** CPU time of its process a request, all threads: unlike latency it hardly depends on what else the machine does. */
  readonly cpuMs: number;
}

type Cost = Spread & { readonly cpuMs: number };
export type InProcess = Readonly<Record<'direct' | 'routed', Cost>>;

export interface Memory {
  readonly after: number;
  readonly usage: { readonly rss: number; readonly heapUsed: number; readonly external: number };
}

export interface Settings {
  readonly rate: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly streams: number;
  readonly pinned: boolean;
}

export interface Figures {
  readonly rows: readonly Row[];
  readonly inProcess: Readonly<Record<'whole' | 'streamed', InProcess>>;
  readonly memory: readonly Memory[];
  readonly settings: Settings;
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const ms = (value: number): string => value.toFixed(2);
const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const table = (heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] => [
  line(heads),
  line(heads.map(() => '---')),
  ...rows.map(line),
];

/** What one round says: both ways' times, and the differences of requests that were sent side by side. */
function summary({ way, stream, pairs, cpuMs }: Row) {
  const direct = spread(pairs.map((pair) => pair.direct.wholeMs));
  const routed = spread(pairs.map((pair) => pair.routed.wholeMs));
  const added = spread(pairs.map((pair) => pair.routed.wholeMs - pair.direct.wholeMs));
  const firstAdded = spread(pairs.map((pair) => pair.routed.firstMs - pair.direct.firstMs));
  const pieces = (of: 'direct' | 'routed'): number => pairs.reduce((sum, pair) => sum + pair[of].pieces, 0) / pairs.length;
  return {
    way,
    stream,
    direct,
    routed,
    added,
    firstAdded,
    addedP99Ms: routed.p99Ms - direct.p99Ms,
    directPieces: pieces('direct'),
    pieces: pieces('routed'),
    cpuMs,
  };
}

/** The figures as a page and as data. Each cell is the median of the rounds. */
export function describe({ rows, inProcess, memory, settings }: Figures): { readonly text: string; readonly figures: object } {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadAverage: loadavg()[0],
    niceness: getPriority(),
  };
  const rounds = rows.map(summary);
  type Summary = ReturnType<typeof summary>;
  const cells = (way: Row['way'], stream: boolean): readonly (string | number)[] => {
    const of = (pick: (each: Summary) => number): string =>
      ms(median(rounds.filter((each) => each.way === way && each.stream === stream).map(pick)));
    return [
      stream ? 'streamed' : 'whole',
      way,
      of(({ direct }) => direct.p50Ms),
      of(({ direct }) => direct.p99Ms),
      of(({ routed }) => routed.p50Ms),
      of(({ routed }) => routed.p99Ms),
      of(({ added }) => added.p50Ms),
      of(({ addedP99Ms }) => addedP99Ms),
      of(({ added }) => added.p99Ms),
      of(({ firstAdded }) => firstAdded.p50Ms),
      `${of(({ directPieces }) => directPieces)} → ${of(({ pieces }) => pieces)}`,
      of(({ cpuMs }) => cpuMs),
    ];
  };
  const text = [
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}, load average ${machine.loadAverage?.toFixed(1)}, niceness ${machine.niceness};`,
    settings.pinned
      ? 'the router with its embedded database, or the proxy, on one core, client and provider on another;'
      : 'client, router and provider share the machine;',
    `medians of ${settings.rounds} rounds of ${settings.seconds} s. Open loop: ${settings.rate} requests a second to the router and as many to the provider itself,`,
    'side by side, each timed from when it was due.',
    '',
    '**Over HTTP: the scripted provider called directly, and through the OpenAI-compatible door**',
    '',
    ...table(
      [
        'answer',
        'way',
        'direct p50 ms',
        'direct p99',
        'routed p50',
        'routed p99',
        'added p50',
        'added p99',
        'p99 of pairs',
        'first piece added p50',
        'pieces',
        'CPU ms',
      ],
      [false, true].flatMap((stream) => ways.map((way) => cells(way, stream))),
    ),
    '',
    '**In one process: the AI SDK model directly, and the same model through the router**',
    '',
    ...table(
      ['answer', 'direct p50 ms', 'routed p50 ms', 'added p50', 'added p99', 'direct CPU ms', 'routed CPU ms'],
      Object.entries(inProcess).map(([answer, { direct, routed }]) => [
        answer,
        ms(direct.p50Ms),
        ms(routed.p50Ms),
        ms(routed.p50Ms - direct.p50Ms),
        ms(routed.p99Ms - direct.p99Ms),
        ms(direct.cpuMs),
        ms(routed.cpuMs),
      ]),
    ),
    '',
    '**Memory of the router’s process over streams, after garbage collection**',
    '',
    ...table(
      ['streams', 'heap MiB', 'RSS MiB'],
      memory.map(({ after, usage }) => [after, mib(usage.heapUsed), mib(usage.rss)]),
    ),
  ].join('\n');
  return { text, figures: { machine, settings, rounds, inProcess, memory } };
}
