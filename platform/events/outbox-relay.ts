import { sql } from 'kysely';

import { onSignal, type Database, type Log } from '#platform/db';
import { startWakeLoop } from '#platform/jobs';

import { outboxChannel } from './outbox';
import type { EventLog, NewEvent } from './types';

export interface OutboxRelayOptions {
  readonly db: Database;
  readonly log: EventLog;
  readonly logger?: Log;
  /** How often to look for events that another process wrote. @default 500 (PostgreSQL), 5_000 (embedded: there is no other) */
  readonly pollMs?: number;
}

export interface OutboxRelay {
  /** Ends after the batch in hand; what is left is published at the next start. */
  stop(): Promise<void>;
}

interface Row {
  readonly position: string;
  readonly id: string;
  readonly tenant_id: string;
  readonly topic: string;
  readonly type: string;
  readonly data: unknown;
}

const batchSize = 200;
const lockKey = 7_272_002;

/** Neighbouring rows of one topic are appended together. */
const byTopic = (rows: readonly Row[]): Row[][] => {
  const runs = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.tenant_id, row.topic]);
    const run = runs.get(key);
    if (run) run.push(row);
    else runs.set(key, [row]);
  }
  return [...runs.values()];
};

/**
 * Publishes the outbox to the event log, at once after a commit of this process. One relay at a time over all processes, so that a
 * topic keeps its order. Rows are deleted in the transaction that published them: a crash in between publishes again, under the same ids.
 */
export function startOutboxRelay({ db, log, logger, pollMs }: OutboxRelayOptions): OutboxRelay {
  const idleMs = pollMs ?? (db.kind === 'postgresql' ? 500 : 5_000);

  const publishBatch = (): Promise<number> =>
    db.asSystem(async (tx) => {
      const { rows: lock } = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(${lockKey}) as taken`.execute(tx);
      if (!lock[0]?.taken) return 0;
      const { rows } = await sql<Row>`
        select position, id, tenant_id, topic, type, data from outbox order by position limit ${batchSize}`.execute(tx);
      if (rows.length === 0) return 0;
      for (const run of byTopic(rows)) {
        const events = run.map(({ id, type, data }): NewEvent => ({ id, type, data }));
        await log.append({ tenantId: run[0]!.tenant_id, name: run[0]!.topic }, events);
      }
      await sql`delete from outbox where position = any(cast(${rows.map(({ position }) => position)} as bigint[]))`.execute(tx);
      return rows.length;
    });

  const loop = startWakeLoop(
    async () => ((await publishBatch()) === batchSize ? 0 : idleMs),
    (error) => logger?.warn({ event: 'outbox.relay_failed', err: error }, 'outbox not published; trying again'),
  );
  const leave = onSignal(db, outboxChannel, () => loop.wake());
  return {
    async stop() {
      leave();
      await loop.stop();
    },
  };
}
