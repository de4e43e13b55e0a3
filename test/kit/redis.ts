import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Redis } from 'ioredis';

import { findProgram } from './external';
import { freePort } from './free-port';
import { until } from './until';

/** `describeWith(redisProgram(), 'on Redis', …)` */
export const redisProgram = () => findProgram({ name: 'redis-server', aptPackage: 'redis-server' });

export interface TestRedis {
  readonly url: string;
  /** SIGSTOP makes it a black hole. */
  signal(name: NodeJS.Signals): void;
  /** At once; everything in it is gone, unless it keeps what it was told. */
  kill(): Promise<void>;
  /** After `kill()`, on the same port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

class LocalRedis implements TestRedis {
  private server: ChildProcess | undefined;

  constructor(
    private readonly program: string,
    private readonly directory: string,
    private readonly port: number,
    private readonly keeps: boolean,
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--dir', this.directory];
    const kept = this.keeps ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    this.server = spawn(this.program, [...options, ...kept], { stdio: 'ignore' });
    await until(() => this.answers(), { withinMs: 60_000, everyMs: 20 });
  }

  signal(name: NodeJS.Signals): void {
    this.server!.kill(name);
  }

  async kill(): Promise<void> {
    const { server } = this;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async answers(): Promise<boolean> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, disconnectTimeout: 100 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.ping()) === 'PONG';
    } catch {
      return false;
    } finally {
      client.disconnect();
    }
  }
}

/** A server of its own on a free loopback port. It keeps nothing over `kill()` and `start()`, unless `keeps` is set, as in production. */
export async function startRedis({ keeps = false }: { readonly keeps?: boolean } = {}): Promise<TestRedis> {
  const program = redisProgram();
  if ('missing' in program) throw new Error(program.missing);
  const server = new LocalRedis(program.path, mkdtempSync(path.join(tmpdir(), 'parley-redis-')), await freePort(), keeps);
  await server.start();
  return server;
}
