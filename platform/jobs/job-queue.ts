import { randomUUID } from 'node:crypto';

import { onSignal, signalAfterCommit, type AnyTx, type Database, type Log } from '#platform/db';

import {
  claimJobs,
  closeAbandoned,
  endLeases,
  findStatus,
  insertJob,
  nextDueMs,
  removeFinished,
  requestCancel,
  type ClaimedJob,
  type Now,
} from './job-store';
import { defaultLeaseMs, RunningJob } from './running-job';
import type { JobHandler, JobQueue, JobStatus, NewJob, WorkOptions } from './types';
import { startWakeLoop, type WakeLoop } from './wake-loop';

export interface JobQueueOptions {
  readonly db: Database;
  readonly logger?: Log;
  /** How often to look for jobs that another process added. @default 500 (PostgreSQL), 5_000 (embedded: there is no other) */
  readonly pollMs?: number;
  /** Finished jobs are removed after this. @default 604_800_000 // 7 days */
  readonly keepMs?: number;
  /** No other process works on this database: what is running when it starts was left by one that died, and is taken over at once. @default false */
  readonly isAlone?: boolean;
  /** For tests. @default the database's clock, which all processes share */
  readonly clock?: () => Date;
}

interface Worker {
  readonly handler: JobHandler;
  readonly options: WorkOptions;
  readonly running: Map<string, RunningJob>;
}

const jobsChannel = 'jobs';
const housekeepingMs = 600_000;

class DatabaseJobQueue implements JobQueue {
  private readonly workers = new Map<string, Worker>();
  private housekeeping: NodeJS.Timeout | undefined;
  private loop: WakeLoop | undefined;
  private leaveSignals: (() => void) | undefined;

  constructor(private readonly options: JobQueueOptions) {}

  async enqueue(tx: AnyTx, job: NewJob): Promise<string> {
    const id = await insertJob(tx, job, this.now());
    signalAfterCommit(jobsChannel);
    return id;
  }

  work(queue: string, handler: JobHandler, options: WorkOptions = {}): void {
    if (this.workers.has(queue)) throw new Error(`The queue ${queue} has a handler already.`);
    this.workers.set(queue, { handler, options, running: new Map() });
    this.loop?.wake();
  }

  async cancel(tenantId: string, id: string): Promise<boolean> {
    const outcome = await this.options.db.inTenant(tenantId, (tx) => requestCancel(tx, tenantId, id));
    // Another process reads the request when it renews its lease.
    if (outcome === 'requested') this.find(id)?.stop('cancelled');
    return outcome !== 'ended';
  }

  status(tenantId: string, id: string): Promise<JobStatus | null> {
    return this.options.db.inTenant(tenantId, (tx) => findStatus(tx, tenantId, id));
  }

  async start(): Promise<void> {
    if (this.loop) return;
    const { db, logger } = this.options;
    if (this.options.isAlone) await db.asSystem((tx) => endLeases(tx, this.now()));
    const keepMs = this.options.keepMs ?? 604_800_000;
    this.housekeeping = setInterval(() => {
      db.asSystem((tx) => removeFinished(tx, this.now(), keepMs)).catch((err: unknown) =>
        logger?.warn({ event: 'jobs.housekeeping_failed', err }, 'finished jobs not removed'),
      );
    }, housekeepingMs);
    this.housekeeping.unref();
    this.leaveSignals = onSignal(db, jobsChannel, () => this.loop?.wake());
    this.loop = startWakeLoop(
      () => this.claim(),
      (error) => logger?.warn({ event: 'jobs.claim_failed', err: error }, 'jobs not claimed; trying again'),
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.housekeeping);
    this.leaveSignals?.();
    await this.loop?.stop();
    this.loop = undefined;
    const running = this.running();
    for (const job of running) job.stop('shutdown');
    await Promise.allSettled(running.map(({ ended }) => ended));
  }

  /** Fills the free places of each queue. Returns how long nothing will be due. */
  private async claim(): Promise<number> {
    const { db, pollMs } = this.options;
    const idleMs = pollMs ?? (db.kind === 'postgresql' ? 500 : 5_000);
    const room = [...this.workers]
      .map(([queue, { options, running }]) => ({
        queue,
        free: (options.concurrency ?? 1) - running.size,
        leaseMs: options.leaseMs ?? defaultLeaseMs,
      }))
      .filter(({ free }) => free > 0);
    if (room.length === 0) return idleMs;
    const { jobs, waitMs } = await db.asSystem(async (tx) => {
      const now = this.now();
      const claimed = await claimJobs(tx, room, { token: randomUUID(), now });
      if (claimed.length > 0) return { jobs: claimed, waitMs: 0 };
      await closeAbandoned(tx, now);
      const dueMs = await nextDueMs(
        tx,
        room.map(({ queue }) => queue),
        now,
      );
      // Due and yet not claimed: a rival holds the row for the moment.
      return { jobs: [], waitMs: dueMs === null ? idleMs : Math.min(idleMs, Math.max(20, dueMs)) };
    });
    for (const job of jobs) this.run(job);
    return waitMs;
  }

  private run(job: ClaimedJob): void {
    const { db, logger } = this.options;
    const worker = this.workers.get(job.queue)!;
    // Its lease ran out here, in a process that stood still, and it was claimed again by this very process.
    worker.running.get(job.id)?.stop('lease lost');
    const running = new RunningJob(job, { db, logger, handler: worker.handler, options: worker.options, now: () => this.now() });
    worker.running.set(job.id, running);
    running.ended
      // Where the outcome could not be written, the lease runs out and the job is taken again.
      .catch((err: unknown) =>
        logger?.error({ event: 'jobs.outcome_lost', queue: job.queue, jobId: job.id, err }, 'job outcome not stored'),
      )
      .finally(() => {
        if (worker.running.get(job.id) === running) worker.running.delete(job.id);
        this.loop?.wake();
      });
  }

  private running(): RunningJob[] {
    return [...this.workers.values()].flatMap(({ running }) => [...running.values()]);
  }

  private find(id: string): RunningJob | undefined {
    return this.running().find(({ claimed }) => claimed.id === id);
  }

  private now(): Now {
    return this.options.clock?.() ?? null;
  }
}

/** A queue on the metadata database. */
export const createJobQueue = (options: JobQueueOptions): JobQueue => new DatabaseJobQueue(options);
