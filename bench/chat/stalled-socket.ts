import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { WebSocket } from 'ws';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

import { clockMs, type Memory, type ServerReply, type ServerRequest } from './socket-protocol';

export interface SocketOptions {
  readonly sockets: number;
  readonly sessions: readonly string[];
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly largeBytes: number;
}

export interface SocketRound {
  readonly latenciesMs: readonly number[];
  readonly delivered: number;
  readonly expected: number;
  /** Sockets that did not get each event of their session once and in order. */
  readonly inexact: number;
  /** With the sockets open and no event yet, after the last event, and with the sockets closed. */
  readonly memory: { readonly open: Memory; readonly read: Memory; readonly closed: Memory };
  /** How the socket that never read was closed; null in a round without one. */
  readonly stalledCode: number | null;
}

/** The serving process, asked one thing at a time. */
export class SocketServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly failed: Promise<never>,
    readonly url: string,
    readonly token: string,
  ) {}

  static async start(): Promise<SocketServer> {
    const child = fork(builtFile('bench/chat/socket-server'), [], {
      execArgv: [...builtExecArgv, '--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the serving process ended with ${String(code)}`)));
    failed.catch(() => undefined);
    const [{ url, token }] = (await Promise.race([once(child, 'message'), failed])) as [ServerReply];
    return new SocketServer(child, failed, url!, token!);
  }

  async ask(request: ServerRequest): Promise<ServerReply> {
    this.child.send(request);
    return ((await Promise.race([once(this.child, 'message'), this.failed])) as [ServerReply])[0];
  }

  async memory(): Promise<Memory> {
    return (await this.ask({ do: 'memory' })).memory!;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

interface Frame {
  readonly type: string;
  readonly data?: { readonly at?: number };
  readonly metadata?: { readonly sequence?: number };
}

class Reader {
  readonly sequences: number[] = [];
  closedWith: number | null = null;
  readonly ready: Promise<void>;
  private readonly socket: WebSocket;

  constructor({ url, token }: SocketServer, sessionId: string, latenciesMs: number[] | null) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws/chat/${sessionId}`, { headers: { authorization: `Bearer ${token}` } });
    this.ready = new Promise((resolve, reject) => {
      this.socket.on('message', (data: Buffer) => {
        const { type, data: content, metadata } = JSON.parse(String(data)) as Frame;
        if (type === 'connection_ready') resolve();
        if (type !== 'text' || metadata?.sequence === undefined) return;
        this.sequences.push(metadata.sequence);
        latenciesMs?.push(clockMs() - content!.at!);
      });
      this.socket.on('error', reject);
      this.socket.on('close', (code) => {
        this.closedWith = code;
        reject(new Error(`closed with ${code}`));
      });
    });
  }

  stall = (): void => this.socket.pause();
  readOn = (): void => this.socket.resume();
  end = (): void => this.socket.terminate();
}

/** Waits for a state, at most 30 s; what is then missing is in the numbers. */
async function settled(isReached: () => boolean | Promise<boolean>): Promise<void> {
  for (const until = Date.now() + 30_000; Date.now() < until && !(await isReached());) await pause(50);
}

/** Many sockets over real TCP while events are published, with or without one more on the first session that never reads. */
export async function socketRound(server: SocketServer, options: SocketOptions, withStalled: boolean): Promise<SocketRound> {
  const { sockets, sessions, seconds, eventsPerSecond, largeBytes } = options;
  const latenciesMs: number[] = [];
  const stalled = withStalled ? new Reader(server, sessions[0]!, null) : null;
  const readers = Array.from(
    { length: sockets - (stalled ? 1 : 0) },
    (_, i) => new Reader(server, sessions[i % sessions.length]!, latenciesMs),
  );
  await Promise.all([...readers, ...(stalled ? [stalled] : [])].map(({ ready }) => ready));
  stalled?.stall();
  const open = await server.memory();
  const published = (await server.ask({ do: 'publish', sessions, seconds, eventsPerSecond, largeBytes })).published!;
  const expectedOf = readers.map((_, i) => published[i % sessions.length]!);
  await settled(() => readers.every(({ sequences }, i) => sequences.length >= expectedOf[i]!));
  const read = await server.memory();
  stalled?.readOn();
  if (stalled) await settled(() => stalled.closedWith !== null);
  const isExact = (sequences: readonly number[], count: number): boolean =>
    sequences.length === count && sequences.every((sequence, i) => sequence === sequences[0]! + i);
  const inexact = readers.filter(({ sequences }, i) => !isExact(sequences, expectedOf[i]!)).length;
  for (const reader of readers) reader.end();
  stalled?.end();
  await settled(async () => (await server.ask({ do: 'sockets' })).sockets === 0);
  return {
    latenciesMs,
    delivered: latenciesMs.length,
    expected: expectedOf.reduce((sum, count) => sum + count, 0),
    inexact,
    memory: { open, read, closed: await server.memory() },
    stalledCode: stalled?.closedWith ?? null,
  };
}
