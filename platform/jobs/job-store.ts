import { sql } from 'kysely';

import { json, newId, type AnyTx } from '#platform/db';

import type { JobStatus, NewJob } from './types';

export interface ClaimedJob {
  readonly id: string;
  readonly queue: string;
  readonly tenant_id: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly run_at: Date;
  readonly lease_token: string;
}

/** Null: the database's own clock. */
export type Now = Date | null;

const at = (now: Now) => sql`coalesce(cast(${now} as timestamptz), now())`;
const later = (now: Now, milliseconds: number) => sql`${at(now)} + make_interval(secs => cast(${milliseconds / 1000} as double precision))`;

export async function insertJob(tx: AnyTx, job: NewJob, now: Now): Promise<string> {
  const { queue, tenantId, payload, key = null, runAt = null, maxAttempts = 5 } = job;
  for (;;) {
    const { rows } = await sql<{ id: string }>`
      insert into jobs (id, tenant_id, queue, key, payload, max_attempts, run_at)
      values (${newId('job')}, ${tenantId}, ${queue}, ${key}, ${json(payload)}, ${maxAttempts}, coalesce(cast(${runAt} as timestamptz), ${at(now)}))
      on conflict (queue, tenant_id, key) where key is not null and state in ('queued', 'running') do nothing returning id`.execute(tx);
    if (rows[0]) return rows[0].id;
    const { rows: twin } = await sql<{ id: string }>`
      select id from jobs where tenant_id = ${tenantId} and queue = ${queue} and key = ${key} and state in ('queued', 'running')`.execute(
      tx,
    );
    // Finished between the two statements: then there is room for the new one.
    if (twin[0]) return twin[0].id;
  }
}

export interface QueueRoom {
  readonly queue: string;
  readonly free: number;
  readonly leaseMs: number;
}

/** Takes due jobs, and those whose worker has not renewed its lease: `skip locked` lets rivals pass each other. */
export async function claimJobs(
  tx: AnyTx,
  room: readonly QueueRoom[],
  { token, now }: { token: string; now: Now },
): Promise<readonly ClaimedJob[]> {
  const { rows } = await sql<ClaimedJob>`
    with room as (
      select * from unnest(
        cast(${room.map(({ queue }) => queue)} as text[]),
        cast(${room.map(({ free }) => free)} as integer[]),
        cast(${room.map(({ leaseMs }) => leaseMs / 1000)} as double precision[])) as r(queue, free, lease_seconds)),
    due as (
      select j.id, room.lease_seconds from room cross join lateral (
        select id from jobs
        where queue = room.queue and not cancel_requested
          and ((state = 'queued' and run_at <= ${at(now)}) or (state = 'running' and lease_until <= ${at(now)}))
        order by run_at, id limit room.free for update skip locked) as j)
    update jobs set state = 'running', attempt = attempt + 1, lease_token = ${token},
      lease_until = ${at(now)} + make_interval(secs => due.lease_seconds)
    from due where jobs.id = due.id
    returning jobs.id, queue, tenant_id, payload, attempt, max_attempts, run_at, lease_token`.execute(tx);
  return [...rows].sort((a, b) => a.run_at.getTime() - b.run_at.getTime() || (a.id < b.id ? -1 : 1));
}

/** Milliseconds until the next job of these queues is due; null where none waits. */
export async function nextDueMs(tx: AnyTx, queues: readonly string[], now: Now): Promise<number | null> {
  const { rows } = await sql<{ wait: number | null }>`
    select cast(extract(epoch from min(case when state = 'queued' then run_at else lease_until end) - ${at(now)}) * 1000 as double precision) as wait
    from jobs where queue = any(cast(${queues} as text[])) and state in ('queued', 'running')`.execute(tx);
  return rows[0]?.wait ?? null;
}

type Held = Pick<ClaimedJob, 'id' | 'lease_token'>;

/** `lost`: the job is no longer this worker's. */
export async function renewLease(
  tx: AnyTx,
  job: Held,
  { leaseMs, now }: { leaseMs: number; now: Now },
): Promise<'held' | 'lost' | 'cancel'> {
  const { rows } = await sql<{ cancel_requested: boolean }>`
    update jobs set lease_until = ${later(now, leaseMs)}
    where id = ${job.id} and lease_token = ${job.lease_token} and state = 'running' returning cancel_requested`.execute(tx);
  if (!rows[0]) return 'lost';
  return rows[0].cancel_requested ? 'cancel' : 'held';
}

export type Ending =
  | { readonly state: 'completed' | 'cancelled' }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'queued'; readonly error: string | null; readonly delayMs: number; readonly countsAttempt: boolean };

/** Ends this worker's hold on a job; nothing where it was lost to another. */
export async function endJob(tx: AnyTx, job: Held, ending: Ending & { readonly now: Now }): Promise<boolean> {
  const { now } = ending;
  const isQueued = ending.state === 'queued';
  const error = 'error' in ending ? ending.error : null;
  const { numAffectedRows } = await sql`
    update jobs set
      state = ${ending.state},
      lease_token = null, lease_until = null,
      run_at = ${isQueued ? later(now, ending.delayMs) : sql`run_at`},
      attempt = ${isQueued && !ending.countsAttempt ? sql`attempt - 1` : sql`attempt`},
      progress = ${ending.state === 'completed' ? sql`1` : sql`progress`},
      last_error = coalesce(cast(${error} as text), last_error),
      finished_at = ${isQueued ? sql`null` : at(now)}
    where id = ${job.id} and lease_token = ${job.lease_token} and state = 'running'`.execute(tx);
  return numAffectedRows === 1n;
}

/** `cancelled`: it had not begun. `requested`: its worker has to be told. `ended`: too late. */
export async function requestCancel(tx: AnyTx, tenantId: string, id: string): Promise<'cancelled' | 'requested' | 'ended'> {
  const { rows } = await sql<{ state: string }>`
    update jobs set
      cancel_requested = true,
      state = case when state = 'queued' then 'cancelled' else state end,
      finished_at = case when state = 'queued' then now() end
    where tenant_id = ${tenantId} and id = ${id} and state in ('queued', 'running') returning state`.execute(tx);
  if (!rows[0]) return 'ended';
  return rows[0].state === 'cancelled' ? 'cancelled' : 'requested';
}

/** Ends every lease: what is marked as running can be taken at once. */
export async function endLeases(tx: AnyTx, now: Now): Promise<void> {
  await sql`update jobs set lease_until = ${at(now)} where state = 'running' and lease_until > ${at(now)}`.execute(tx);
}

/** Running jobs that were to be cancelled and whose worker died meanwhile. */
export async function closeAbandoned(tx: AnyTx, now: Now): Promise<void> {
  await sql`update jobs set state = 'cancelled', lease_token = null, lease_until = null, finished_at = ${at(now)}
    where state = 'running' and cancel_requested and lease_until <= ${at(now)}`.execute(tx);
}

export async function removeFinished(tx: AnyTx, now: Now, keepMs: number): Promise<void> {
  await sql`delete from jobs where finished_at < ${later(now, -keepMs)}`.execute(tx);
}

export async function storeProgress(tx: AnyTx, job: Held, progress: { fraction: number; note: string | null }): Promise<void> {
  await sql`update jobs set progress = ${progress.fraction}, note = coalesce(cast(${progress.note} as text), note)
    where id = ${job.id} and lease_token = ${job.lease_token}`.execute(tx);
}

export async function findStatus(tx: AnyTx, tenantId: string, id: string): Promise<JobStatus | null> {
  const { rows } = await sql<JobStatus>`
    select id, state, attempt, progress, note, last_error as "lastError" from jobs where tenant_id = ${tenantId} and id = ${id}`.execute(
    tx,
  );
  return rows[0] ?? null;
}
