import type { Database, Log } from '#platform/db';
import { AppError } from '#platform/errors';

import { endJob, renewLease, storeProgress, type ClaimedJob, type Ending, type Now } from './job-store';
import type { Job, JobHandler, WorkOptions } from './types';

export interface RunningJobDeps {
  readonly db: Database;
  readonly handler: JobHandler;
  readonly options: WorkOptions;
  readonly now: () => Now;
  readonly logger?: Log;
}

/** Why a running job is told to end. */
export type StopReason = 'cancelled' | 'shutdown' | 'lease lost';

export const defaultLeaseMs = 30_000;

const defaultBackoffMs = (attempt: number): number => Math.min(300_000, 1_000 * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 2_000);

/** One attempt at one job: holds the lease while the handler runs, then records how it ended. */
export class RunningJob {
  private readonly abort = new AbortController();
  private stopReason: StopReason | undefined;
  readonly ended: Promise<void>;

  constructor(
    readonly claimed: ClaimedJob,
    private readonly deps: RunningJobDeps,
  ) {
    this.ended = this.hold();
  }

  stop(reason: StopReason): void {
    this.stopReason ??= reason;
    this.abort.abort(new Error(`The job was stopped: ${reason}.`));
  }

  private get job(): Job {
    const { id, queue, tenant_id: tenantId, payload, attempt, run_at: runAt } = this.claimed;
    return { id, queue, tenantId, payload, attempt, runAt };
  }

  private get leaseMs(): number {
    return this.deps.options.leaseMs ?? defaultLeaseMs;
  }

  private async hold(): Promise<void> {
    const timer = setInterval(() => {
      this.renew().catch((err: unknown) =>
        this.deps.logger?.warn({ event: 'jobs.lease_not_renewed', jobId: this.claimed.id, err }, 'lease not renewed'),
      );
    }, this.leaseMs / 3);
    timer.unref();
    try {
      await this.run();
    } finally {
      clearInterval(timer);
    }
  }

  private async renew(): Promise<void> {
    const lease = await this.deps.db.asSystem((tx) => renewLease(tx, this.claimed, { leaseMs: this.leaseMs, now: this.deps.now() }));
    if (lease === 'lost') this.stop('lease lost');
    if (lease === 'cancel') this.stop('cancelled');
  }

  private async run(): Promise<void> {
    const { attempt, max_attempts: maxAttempts } = this.claimed;
    // Its earlier workers died without a word, one after the other: perhaps of this very job.
    if (attempt > maxAttempts) return this.fail(new Error('every attempt ended with the death of its process'));
    try {
      await this.deps.handler(this.job, { signal: this.abort.signal, progress: (fraction, note) => this.progress(fraction, note) });
    } catch (error) {
      return this.afterError(error);
    }
    // A handler that finished although it was told to stop has finished.
    await this.end({ state: 'completed' });
  }

  private async afterError(error: unknown): Promise<void> {
    const { attempt, max_attempts: maxAttempts } = this.claimed;
    if (this.stopReason === 'lease lost') return;
    if (this.stopReason === 'cancelled') return void (await this.end({ state: 'cancelled' }));
    if (this.stopReason === 'shutdown') return void (await this.end({ state: 'queued', error: null, delayMs: 0, countsAttempt: false }));
    if (attempt >= maxAttempts || (error instanceof AppError && error.entry.blame === 'caller')) return this.fail(error);
    const delayMs = (this.deps.options.backoffMs ?? defaultBackoffMs)(attempt);
    await this.end({ state: 'queued', error: describe(error), delayMs, countsAttempt: true });
  }

  private async fail(error: unknown): Promise<void> {
    // Told before it is recorded: should the process die in between, the job is failed and told once more by another.
    await this.deps.options.onFailed?.(this.job, error);
    await this.end({ state: 'failed', error: describe(error) });
  }

  private end(ending: Ending): Promise<boolean> {
    return this.deps.db.asSystem((tx) => endJob(tx, this.claimed, { ...ending, now: this.deps.now() }));
  }

  private async progress(fraction: number, note?: string): Promise<void> {
    const clamped = Math.min(1, Math.max(0, fraction));
    await this.deps.db.asSystem((tx) => storeProgress(tx, this.claimed, { fraction: clamped, note: note ?? null }));
  }
}
