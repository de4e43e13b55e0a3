import { errors, type AppError } from '#platform/errors';

import { EngineChild, type ChildLimits, type ChildOutcome } from './engine-child';
import type { SandboxEngine } from './types';

export interface PoolOptions extends ChildLimits {
  readonly concurrency: number;
  readonly maxChildren: number;
  readonly maxWaiting: number;
  readonly graceMs: number;
  readonly idleMs: number;
  readonly warm: boolean;
}

interface Request {
  readonly engine: SandboxEngine;
  /** The file, as it was when asked for. */
  readonly key: string;
  readonly signal: AbortSignal;
}

interface Waiting extends Request {
  readonly start: (child: EngineChild) => void;
  readonly fail: (error: AppError) => void;
}

/** Keeps the children: who runs, who waits, who is idle, who is being stopped. A child belongs to one file for its whole life. */
export class ChildPool {
  killed = 0;
  private readonly children = new Set<EngineChild>();
  private readonly busy = new Map<EngineChild, string>();
  /** Told to stop, and not yet back. They take no place: the next query need not wait for them. */
  private readonly stopping = new Set<EngineChild>();
  private readonly waiting: Waiting[] = [];
  private readonly reaper: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly options: PoolOptions) {
    this.reaper = setInterval(() => this.retireIdle(), Math.min(options.idleMs, 30_000));
    this.reaper.unref();
    this.keepSpare();
  }

  get sizes(): { readonly children: number; readonly running: number; readonly waiting: number } {
    return { children: this.children.size + this.stopping.size, running: this.busy.size, waiting: this.waiting.length };
  }

  /** Waits for a place; rejects with the signal's reason where that comes first. */
  acquire(request: Request): Promise<EngineChild> {
    if (this.closed || this.waiting.length >= this.options.maxWaiting) return Promise.reject(errors.SERVICE_UNAVAILABLE());
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        request.signal.removeEventListener('abort', onAbort);
        const index = this.waiting.indexOf(waiter);
        if (index >= 0) this.waiting.splice(index, 1);
      };
      const waiter: Waiting = {
        ...request,
        start: (child) => {
          settle();
          resolve(child);
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      };
      const onAbort = (): void => waiter.fail(request.signal.reason as AppError);
      request.signal.addEventListener('abort', onAbort, { once: true });
      this.waiting.push(waiter);
      this.dispatch();
    });
  }

  /** Gives a child's place back; the child itself may be stopping or gone. */
  free(child: EngineChild): void {
    this.busy.delete(child);
    child.idleSince = Date.now();
    this.dispatch();
    this.keepSpare();
  }

  /** For a child that was told to stop: it comes back when it obeys and is killed when its grace is over. */
  stop(child: EngineChild, outcome: Promise<ChildOutcome>): void {
    this.children.delete(child);
    this.stopping.add(child);
    const graceMs = child.engine === 'sqlite' ? 0 : this.options.graceMs; // SQLite's thread is the child's only one: it cannot hear
    const timer = setTimeout(() => {
      this.killed += 1;
      void child.kill();
    }, graceMs);
    void outcome.then(() => {
      clearTimeout(timer);
      this.stopping.delete(child);
      if (!child.alive) return;
      if (this.closed || this.children.size >= this.options.maxChildren) void child.kill();
      else this.children.add(child);
    });
  }

  async remove(child: EngineChild): Promise<void> {
    this.children.delete(child);
    await child.kill();
  }

  async removeIdle(holds: (key: string) => boolean): Promise<void> {
    const holders = [...this.children].filter((child) => child.boundTo !== undefined && holds(child.boundTo) && !this.busy.has(child));
    await Promise.all(holders.map((child) => this.remove(child)));
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.reaper);
    for (const waiter of this.waiting.splice(0)) waiter.fail(errors.SERVICE_UNAVAILABLE());
    await Promise.all([...this.children, ...this.stopping].map((child) => this.remove(child)));
  }

  /** Of those waiting, the one whose file has the fewest running queries goes first, so that no tenant takes all places. */
  private dispatch(): void {
    while (!this.closed && this.waiting.length > 0 && this.busy.size < this.options.concurrency) {
      const runningFor = (key: string): number => [...this.busy.values()].filter((other) => other === key).length;
      const next = this.waiting.reduce((best, waiter) => (runningFor(waiter.key) < runningFor(best.key) ? waiter : best));
      const child = this.pick(next.key, next.engine);
      this.busy.set(child, next.key);
      next.start(child);
    }
  }

  private pick(key: string, engine: SandboxEngine): EngineChild {
    const idle = [...this.children].filter((child) => child.alive && child.engine === engine && !this.busy.has(child));
    const found = idle.find((child) => child.boundTo === key) ?? idle.find((child) => child.boundTo === undefined);
    if (found) return found;
    const oldest = [...this.children].filter((child) => !this.busy.has(child)).sort((a, b) => a.idleSince - b.idleSince);
    while (this.children.size >= this.options.maxChildren && oldest.length > 0) void this.remove(oldest.shift()!);
    return this.spawn(engine);
  }

  private spawn(engine: SandboxEngine): EngineChild {
    const child = new EngineChild(engine, this.options);
    this.children.add(child);
    return child;
  }

  /** A start costs a third of a second, so that one unbound child waits for the next file. */
  private keepSpare(): void {
    if (this.closed || !this.options.warm || this.children.size >= this.options.maxChildren) return;
    if ([...this.children].some((child) => child.alive && child.engine === 'duckdb' && child.boundTo === undefined)) return;
    this.spawn('duckdb');
  }

  private retireIdle(): void {
    const limit = Date.now() - this.options.idleMs;
    for (const child of this.children) {
      if (!child.alive || (child.boundTo !== undefined && !this.busy.has(child) && child.idleSince < limit)) void this.remove(child);
    }
    this.keepSpare();
  }
}
