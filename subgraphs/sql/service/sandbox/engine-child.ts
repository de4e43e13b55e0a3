import type { ChildProcess } from 'node:child_process';

import type { EngineSettings, FromChild, ToChild } from './messages';
import { spawnLimited } from './spawn-limited';
import type { SandboxEngine } from './types';

type Answer = Extract<FromChild, { type: 'result' | 'failed' }>;
export type ChildOutcome = Answer | { readonly type: 'exited'; readonly code: number | null };

export interface ChildLimits extends EngineSettings {
  /** Data segment of the process (RLIMIT_DATA), which counts every private mapping: what `memory_limit` does not. */
  readonly dataLimitMb: number;
}

const entries: Record<SandboxEngine, string> = {
  duckdb: 'subgraphs/sql/service/sandbox/duckdb-child',
  sqlite: 'subgraphs/sql/service/sandbox/sqlite-child',
};

/** A child process with one file, or none yet. It runs one query at a time and may be killed at any moment. */
export class EngineChild {
  boundTo: string | undefined;
  idleSince = Date.now();
  private readonly process: ChildProcess;
  private readonly exited: Promise<void>;
  private readonly ready: Promise<void>;
  private exitCode: number | null | undefined;
  private listener: ((message: FromChild) => void) | undefined;
  private nextId = 1;
  private errorText = '';

  constructor(
    readonly engine: SandboxEngine,
    private readonly limits: ChildLimits,
  ) {
    this.process = spawnLimited(entries[engine], limits.dataLimitMb);
    this.process.stderr?.on('data', (data: Buffer) => {
      this.errorText = (this.errorText + data.toString()).slice(-2_000);
    });
    this.exited = new Promise((resolve) => {
      const end = (code: number | null): void => {
        this.exitCode = code;
        resolve();
      };
      this.process.once('exit', end);
      this.process.once('error', () => end(null));
    });
    this.process.on('message', (message: FromChild) => this.listener?.(message));
    this.ready = this.expect((message) => message.type === 'ready').then(() => undefined);
    this.ready.catch(() => undefined);
  }

  get alive(): boolean {
    return this.exitCode === undefined;
  }

  /** Opens the child's one file. Throws the engine's message where it cannot. */
  async open(file: string): Promise<void> {
    await this.ready;
    const opened = this.expect((message) => message.type === 'opened' || message.type === 'open-failed');
    this.send({ type: 'open', file, settings: { memoryLimitMb: this.limits.memoryLimitMb, threads: this.limits.threads } });
    const answer = await opened;
    if (answer.type === 'open-failed') throw new Error(answer.message);
  }

  /** Starts a query; `interrupt` asks it to stop, `kill` makes it. */
  run(query: Omit<Extract<ToChild, { type: 'query' }>, 'type' | 'id'>): {
    readonly outcome: Promise<ChildOutcome>;
    readonly interrupt: () => void;
  } {
    const id = this.nextId;
    this.nextId += 1;
    const answer = this.expect((message) => (message.type === 'result' || message.type === 'failed') && message.id === id);
    this.send({ type: 'query', id, ...query });
    const outcome = answer.then(
      (message) => message as Answer,
      (): ChildOutcome => ({ type: 'exited', code: this.exitCode ?? null }),
    );
    return { outcome, interrupt: () => this.send({ type: 'interrupt', id }) };
  }

  async kill(): Promise<void> {
    if (this.alive) this.process.kill('SIGKILL');
    await this.exited;
  }

  private send(message: ToChild): void {
    if (this.process.connected) this.process.send(message, () => undefined);
  }

  private expect(wanted: (message: FromChild) => boolean): Promise<FromChild> {
    return new Promise((resolve, reject) => {
      this.listener = (message) => {
        if (wanted(message)) resolve(message);
      };
      void this.exited.then(() => reject(new Error(`the query process ended with ${String(this.exitCode)}: ${this.errorText}`)));
    });
  }
}
