import { stat } from 'node:fs/promises';

import { AppError, errors } from '#platform/errors';

import { ChildPool } from './child-pool';
import { cleanMessage } from './clean-message';
import type { ChildOutcome, EngineChild } from './engine-child';
import type { Cell, QueryResult, Sandbox, SandboxQuery, SandboxStats } from './types';

export interface SandboxOptions {
  /** Queries that run at once; the rest waits. DuckDB is as fast with two as with sixteen. @default 2 */
  readonly concurrency?: number;
  /** Child processes kept, idle ones included; each takes about 140 MB. @default 3 */
  readonly maxChildren?: number;
  /** Queries that may wait before new ones are refused. @default 200 */
  readonly maxWaiting?: number;
  /** DuckDB's own memory limit. @default 512 MB */
  readonly memoryLimitMb?: number;
  /** Hard limit of a child's memory, Node's own included. @default 2048 MB */
  readonly dataLimitMb?: number;
  /** Threads of one query. @default 2 */
  readonly threads?: number;
  /** From the interrupt to the kill. @default 1_000 ms */
  readonly graceMs?: number;
  /** A child that holds a file and has had nothing to do for this long ends. @default 300_000 ms */
  readonly idleMs?: number;
  /** Starts a child before the first query asks. @default true */
  readonly warm?: boolean;
}

const defaults: Required<SandboxOptions> = {
  concurrency: 2,
  maxChildren: 3,
  maxWaiting: 200,
  memoryLimitMb: 512,
  dataLimitMb: 2_048,
  threads: 2,
  graceMs: 1_000,
  idleMs: 300_000,
  warm: true,
};

const tooMuchMemory = (cause?: unknown): AppError =>
  errors.QUERY_FAILED(
    { reason: 'it needed more memory than a query may use; ask for less at once' },
    { details: { resource: 'memory' }, cause },
  );

/** Runs generated SQL in killable child processes, each over one file, so that what a query breaks is its own process. */
class ProcessSandbox implements Sandbox {
  private readonly pool: ChildPool;
  private readonly counts = { completed: 0, failed: 0, timedOut: 0, cancelled: 0, crashed: 0 };

  constructor(options: SandboxOptions) {
    const settings = { ...defaults, ...options };
    this.pool = new ChildPool({ ...settings, maxChildren: Math.max(settings.maxChildren, settings.concurrency) });
  }

  async runQuery(query: SandboxQuery): Promise<QueryResult> {
    const stopped = new AbortController();
    const timer = setTimeout(() => stopped.abort(errors.TIMEOUT({ seconds: query.timeoutMs / 1_000 })), query.timeoutMs);
    const onAbort = (): void => stopped.abort(errors.QUERY_FAILED({ reason: 'it was cancelled' }, { details: { cancelled: true } }));
    query.signal?.addEventListener('abort', onAbort, { once: true });
    if (query.signal?.aborted) onAbort();
    try {
      stopped.signal.throwIfAborted();
      return await this.runUntil(stopped.signal, query);
    } catch (thrown) {
      this.count(thrown);
      throw thrown;
    } finally {
      clearTimeout(timer);
      query.signal?.removeEventListener('abort', onAbort);
    }
  }

  release(file: string): Promise<void> {
    return this.pool.removeIdle((key) => key.endsWith(`:${file}`));
  }

  stats(): SandboxStats {
    return { ...this.pool.sizes, ...this.counts, killed: this.pool.killed };
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async runUntil(stopped: AbortSignal, query: SandboxQuery): Promise<QueryResult> {
    const key = await fileKey(query);
    const child = await this.pool.acquire({ engine: query.engine ?? 'duckdb', key, signal: stopped });
    try {
      if (child.boundTo === undefined) await this.bind(child, query, { key, stopped });
      const { sql, parameters, trusted, maxRows, maxBytes } = query;
      const { outcome, interrupt } = child.run({ sql, parameters, trusted, maxRows, maxBytes });
      const first = await Promise.race([outcome, aborted(stopped)]);
      if (first !== 'stopped') return this.finish(first, child, query.file);
      // The caller is answered at once; the child gets its grace to obey, and no other query until it has.
      interrupt();
      this.pool.stop(child, outcome);
      throw stopped.reason;
    } finally {
      this.pool.free(child);
    }
  }

  private async bind(child: EngineChild, query: SandboxQuery, { key, stopped }: { key: string; stopped: AbortSignal }): Promise<void> {
    child.boundTo = key;
    const opened = child.open(query.file).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    const failure = await Promise.race([opened, aborted(stopped)]);
    if (failure === undefined) return;
    void this.pool.remove(child);
    if (failure === 'stopped') throw stopped.reason;
    const hint = cleanMessage(failure.message, query.file);
    throw errors.QUERY_FAILED({ reason: 'the source could not be opened' }, { cause: failure, details: { hint } });
  }

  private finish(outcome: ChildOutcome, child: EngineChild, file: string): QueryResult {
    if (outcome.type === 'result') {
      this.counts.completed += 1;
      const { columns, rows, truncated, executionTimeMs } = outcome;
      return { columns, rows: rows as Cell[][], truncated, executionTimeMs };
    }
    if (outcome.type === 'exited') {
      this.counts.crashed += 1;
      void this.pool.remove(child);
      throw tooMuchMemory(new Error(`the query process ended with ${String(outcome.code)}`));
    }
    if (/out of memory|failed to allocate|bad_alloc/i.test(outcome.message)) throw tooMuchMemory(new Error(outcome.message));
    throw errors.QUERY_FAILED({ reason: cleanMessage(outcome.message, file) });
  }

  private count(thrown: unknown): void {
    if (!(thrown instanceof AppError)) return;
    if (thrown.code === 'TIMEOUT') this.counts.timedOut += 1;
    else if (thrown.details?.cancelled) this.counts.cancelled += 1;
    else this.counts.failed += 1;
  }
}

/** A file that was replaced under its name is another file: children hold what they opened. */
async function fileKey({ file, engine = 'duckdb' }: SandboxQuery): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (!found) throw errors.QUERY_FAILED({ reason: 'the source is not there; refresh or add it again' });
  return `${engine}:${found.ino}-${found.mtimeMs}:${file}`;
}

const aborted = (signal: AbortSignal): Promise<'stopped'> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve('stopped');
    else signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });

/** The sandbox of this process. One is enough for all tenants; close it last. */
export const createSandbox = (options: SandboxOptions = {}): Sandbox => new ProcessSandbox(options);
