import { Worker } from 'node:worker_threads';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

import type { RawResult, WorkerReply, WorkerRequest, WorkerSettings } from './pglite-protocol';

interface Pending {
  readonly resolve: (result: RawResult | Uint8Array | null) => void;
  readonly reject: (error: Error) => void;
}

type Unsent<Request> = Request extends WorkerRequest ? Omit<Request, 'id'> : never;

/** The end of the worker: its open transaction is gone, and in memory everything else too. */
export class WorkerEnded extends Error {
  override readonly name = 'WorkerEnded';
}

/** One PGlite in one worker thread: requests out, replies in. */
export class PgliteClient {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  ended = false;
  /** Resolves when the database is open. */
  readonly ready: Promise<unknown>;

  constructor({ dataDirectory, seedFile }: WorkerSettings) {
    // Only what is named: the caller's object may carry functions, which cannot be sent to a thread.
    const settings: WorkerSettings = { dataDirectory, seedFile };
    this.worker = new Worker(builtFile('platform/db/pglite-worker'), { execArgv: [...builtExecArgv], workerData: settings, env: {} });
    this.ready = new Promise((resolve, reject) => this.pending.set(0, { resolve, reject }));
    this.ready.catch(() => undefined);
    this.worker.on('message', (reply: WorkerReply) => this.settle(reply));
    this.worker.on('error', (error) => this.end(error));
    this.worker.on('exit', () => this.end());
  }

  request(request: Unsent<WorkerRequest>): Promise<RawResult | Uint8Array | null> {
    if (this.ended) return Promise.reject(new WorkerEnded('The embedded database has ended.'));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ ...request, id });
    });
  }

  async terminate(): Promise<void> {
    this.end();
    await this.worker.terminate();
  }

  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.worker.once('exit', resolve));
    await this.request({ kind: 'close' });
    await exited;
  }

  private settle(reply: WorkerReply): void {
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if ('error' in reply) pending?.reject(Object.assign(new Error(reply.error.message), reply.error));
    else pending?.resolve(reply.result);
  }

  private end(cause?: unknown): void {
    this.ended = true;
    for (const { reject } of this.pending.values()) reject(new WorkerEnded('The embedded database has ended.', { cause }));
    this.pending.clear();
  }
}
