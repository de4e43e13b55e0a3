import type { AnyTx } from '#platform/db';

export interface NewJob {
  /** Which handler takes it: `ml.train`, `search.index`. */
  readonly queue: string;
  readonly tenantId: string;
  readonly payload: unknown;
  /** A second job with the same queue, tenant and key is not added while the first is unfinished. */
  readonly key?: string;
  /** @default now */
  readonly runAt?: Date;
  /** Attempts in all before the job is failed. @default 5 */
  readonly maxAttempts?: number;
}

export interface Job {
  readonly id: string;
  readonly queue: string;
  readonly tenantId: string;
  readonly payload: unknown;
  /** 1 on the first run. */
  readonly attempt: number;
  /** When it was due; for a job of a schedule, the time it stands for. */
  readonly runAt: Date;
}

export interface JobContext {
  /** Aborts on cancellation, shutdown, or when the lease was lost to another process. */
  readonly signal: AbortSignal;
  /** Stores a fraction 0–1 and a word for people. */
  progress(fraction: number, note?: string): Promise<void>;
}

/** An AppError that blames the caller ends the job at once, since a repetition would fail alike; anything else is tried again. */
export type JobHandler = (job: Job, context: JobContext) => Promise<void>;

export interface WorkOptions {
  /** Jobs of this queue at once in this process. @default 1 */
  readonly concurrency?: number;
  /** A job whose process died is taken over after this. @default 30_000 */
  readonly leaseMs?: number;
  /** Wait before the next attempt. @default exponential from 1 s to 5 min, with jitter */
  readonly backoffMs?: (attempt: number) => number;
  /** Called once when the last attempt has failed. */
  readonly onFailed?: (job: Job, error: unknown) => Promise<void>;
}

export interface JobStatus {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly attempt: number;
  readonly progress: number;
  readonly note: string | null;
  /** What the last failed attempt said; for logs and operators, not for callers. */
  readonly lastError: string | null;
}

/**
 * A durable queue on the metadata database. At least once: a handler must be safe to repeat. A job is taken by one process at a time
 * (`for update skip locked` and a lease that the worker renews).
 */
export interface JobQueue {
  /**
   * In the caller's transaction, so that the job exists exactly if the write does. Returns the job's id; with a `key`, that of the
   * unfinished job where there is one.
   */
  enqueue(tx: AnyTx, job: NewJob): Promise<string>;
  /** Registers the handler of a queue. Work begins with `start()`, or at once after it. */
  work(queue: string, handler: JobHandler, options?: WorkOptions): void;
  /** Cancels a queued job at once, a running one by its signal. False where it had ended. */
  cancel(tenantId: string, id: string): Promise<boolean>;
  status(tenantId: string, id: string): Promise<JobStatus | null>;
  start(): Promise<void>;
  /** Takes no new jobs, aborts the running ones, waits for their handlers. Unfinished jobs are queued again. */
  stop(): Promise<void>;
}

export interface CronEntry {
  /** Unique per tenant and queue. */
  readonly key: string;
  readonly tenantId: string;
  readonly queue: string;
  /** Five fields. */
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
  readonly payload: unknown;
  readonly enabled: boolean;
  /** After downtime: one run for all that was missed, or none. @default 'once' */
  readonly catchUp?: 'once' | 'skip';
}

/** Schedules on the same database: each due time becomes exactly one job, on whichever process gets there first. */
export interface Cron {
  /** Adds or replaces an entry, in the caller's transaction. Throws INVALID_REQUEST for a cron that never fires. */
  put(tx: AnyTx, entry: CronEntry): Promise<{ readonly nextRunAt: Date }>;
  remove(tx: AnyTx, entry: Pick<CronEntry, 'tenantId' | 'queue' | 'key'>): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
