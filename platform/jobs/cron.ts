import { Cron as Pattern } from 'croner';
import { sql } from 'kysely';

import { json, onSignal, signalAfterCommit, type Database, type Log } from '#platform/db';
import { errors } from '#platform/errors';

import type { Cron, JobQueue } from './types';
import { startWakeLoop, type WakeLoop } from './wake-loop';

export interface CronOptions {
  readonly db: Database;
  readonly jobs: JobQueue;
  readonly logger?: Log;
  /** How often to look for entries that another process changed. @default 1_000 (PostgreSQL), 5_000 (embedded) */
  readonly pollMs?: number;
  /** A run later than this was missed, and `catchUp` decides. @default 60_000 */
  readonly missedAfterMs?: number;
  /** For tests. @default the clock of this process */
  readonly clock?: () => Date;
}

interface Row {
  readonly tenant_id: string;
  readonly queue: string;
  readonly key: string;
  readonly cron: string;
  readonly timezone: string;
  readonly payload: unknown;
  readonly catch_up: 'once' | 'skip';
  readonly next_run_at: Date;
}

const channel = 'cron';
const batchSize = 50;

/** The next time after `from`; INVALID_REQUEST for a pattern or time zone that cannot be read or never fires. */
export function nextRun(cron: string, timezone: string, from: Date): Date {
  if (cron.trim().split(/\s+/).length !== 5) {
    throw errors.INVALID_REQUEST(
      { what: 'cron', hint: 'give five fields: minute, hour, day of month, month, day of week' },
      { field: 'cron' },
    );
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    throw errors.INVALID_REQUEST({ what: 'timezone', hint: 'give an IANA name such as Europe/Berlin' }, { field: 'timezone' });
  }
  let next: Date | null;
  try {
    next = new Pattern(cron, { timezone, paused: true }).nextRun(from);
  } catch (cause) {
    throw errors.INVALID_REQUEST(
      { what: 'cron', hint: 'it could not be read, for example "0 9 * * 1" is Mondays at nine' },
      { field: 'cron', cause },
    );
  }
  if (!next) throw errors.INVALID_REQUEST({ what: 'cron', hint: 'it never fires' }, { field: 'cron' });
  return next;
}

class DatabaseCron implements Cron {
  private loop: WakeLoop | undefined;
  private leaveSignals: (() => void) | undefined;

  constructor(private readonly options: CronOptions) {}

  async put(...[tx, entry]: Parameters<Cron['put']>): Promise<{ readonly nextRunAt: Date }> {
    const { tenantId, queue, key, cron, timezone, payload, enabled, catchUp = 'once' } = entry;
    const nextRunAt = nextRun(cron, timezone, this.now());
    // An entry that is put again unchanged, as at every start, keeps its next time: it may be one that was missed.
    const { rows } = await sql<{ next_run_at: Date }>`
      insert into cron_entries as e (tenant_id, queue, key, cron, timezone, payload, enabled, catch_up, next_run_at)
      values (${tenantId}, ${queue}, ${key}, ${cron}, ${timezone}, ${json(payload)}, ${enabled}, ${catchUp}, ${nextRunAt})
      on conflict (tenant_id, queue, key) do update set
        cron = excluded.cron, timezone = excluded.timezone, payload = excluded.payload, enabled = excluded.enabled,
        catch_up = excluded.catch_up,
        next_run_at = case when e.enabled and e.cron = excluded.cron and e.timezone = excluded.timezone
          then coalesce(e.next_run_at, excluded.next_run_at) else excluded.next_run_at end
      returning next_run_at`.execute(tx);
    signalAfterCommit(channel);
    return { nextRunAt: rows[0]?.next_run_at ?? nextRunAt };
  }

  async remove(...[tx, { tenantId, queue, key }]: Parameters<Cron['remove']>): Promise<void> {
    await sql`delete from cron_entries where tenant_id = ${tenantId} and queue = ${queue} and key = ${key}`.execute(tx);
  }

  async start(): Promise<void> {
    if (this.loop) return;
    const { db, logger, pollMs } = this.options;
    const idleMs = pollMs ?? (db.kind === 'postgresql' ? 1_000 : 5_000);
    this.leaveSignals = onSignal(db, channel, () => this.loop?.wake());
    this.loop = startWakeLoop(
      () => this.fireDue(idleMs),
      (err) => logger?.warn({ event: 'cron.failed', err }, 'schedules not read; trying again'),
    );
  }

  async stop(): Promise<void> {
    this.leaveSignals?.();
    await this.loop?.stop();
    this.loop = undefined;
  }

  /** The job and the entry's next time are one transaction, so that each due time becomes exactly one job, whatever dies when. */
  private fireDue(idleMs: number): Promise<number> {
    return this.options.db.asSystem(async (tx) => {
      const now = this.now();
      const { rows } = await sql<Row>`
        select tenant_id, queue, key, cron, timezone, payload, catch_up, next_run_at from cron_entries
        where enabled and next_run_at <= ${now} order by next_run_at limit ${batchSize} for update skip locked`.execute(tx);
      for (const row of rows) {
        if (!this.isSkipped(row, now)) await this.options.jobs.enqueue(tx, jobOf(row));
        await sql`update cron_entries set next_run_at = ${this.following(row, now)}
          where tenant_id = ${row.tenant_id} and queue = ${row.queue} and key = ${row.key}`.execute(tx);
      }
      if (rows.length === batchSize) return 0;
      const { rows: next } = await sql<{ at: Date | null }>`select min(next_run_at) as at from cron_entries where enabled`.execute(tx);
      const waitMs = next[0]?.at ? next[0].at.getTime() - now.getTime() : idleMs;
      return Math.min(idleMs, Math.max(20, waitMs));
    });
  }

  private isSkipped({ catch_up, next_run_at }: Row, now: Date): boolean {
    return catch_up === 'skip' && now.getTime() - next_run_at.getTime() > (this.options.missedAfterMs ?? 60_000);
  }

  /** After now and not after the missed time: downtime is made up for once. Null for a pattern that has ended. */
  private following({ cron, timezone }: Row, now: Date): Date | null {
    try {
      return nextRun(cron, timezone, now);
    } catch (err) {
      this.options.logger?.warn({ event: 'cron.ended', err }, 'a schedule has no further times');
      return null;
    }
  }

  private now(): Date {
    return this.options.clock?.() ?? new Date();
  }
}

const jobOf = ({ tenant_id: tenantId, queue, key, payload, next_run_at: runAt }: Row) => ({
  tenantId,
  queue,
  payload,
  key: `cron:${key}@${runAt.toISOString()}`,
  runAt,
});

/** Schedules on the metadata database. */
export const createCron = (options: CronOptions): Cron => new DatabaseCron(options);
