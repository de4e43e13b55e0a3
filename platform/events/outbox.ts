import { sql } from 'kysely';

import { json, newId, signalAfterCommit, type AnyTx } from '#platform/db';

export interface OutboxEvent {
  readonly tenantId: string;
  /** `dashboard.changed` */
  readonly type: string;
  readonly data: unknown;
  /** Topic of the event log to publish to, within the tenant: `dashboard:dash-…`. Without one only subscribers of the type get it. */
  readonly topic?: string;
  /** Where the event was tried on the log before. @default a new one */
  readonly id?: string;
}

export const outboxChannel = 'outbox';
export const jobsChannel = 'jobs';

/** `a.b.c` is wanted by subscribers of `a.b.c`, `a.b.*`, `a.*` and `*`. */
const wantedBy = (type: string): string[] => {
  const parts = type.split('.');
  return [type, ...parts.slice(1).map((_, index) => `${parts.slice(0, index + 1).join('.')}.*`), '*'];
};

/**
 * Writes an event in the caller's transaction: it is published exactly if the transaction commits, at least once, in order per topic,
 * under one id by which repetitions are recognised. Returns that id.
 */
export async function appendToOutbox(tx: AnyTx, { tenantId, type, data, topic, id = newId('evt') }: OutboxEvent): Promise<string> {
  if (topic !== undefined) {
    await sql`insert into outbox (id, tenant_id, topic, type, data) values (${id}, ${tenantId}, ${topic}, ${type}, ${json(data)})`.execute(
      tx,
    );
    signalAfterCommit(outboxChannel);
  }
  // One job per subscriber, made here: it neither waits for the event log nor is lost with it.
  const payload = { id, tenantId, topic: topic ?? null, type, data, timestamp: new Date().toISOString() };
  const jobs = await sql`
    insert into jobs (id, tenant_id, queue, payload, max_attempts, run_at)
    select cast(${id} as text) || ':' || subscriber, ${tenantId}, 'event:' || subscriber, ${json(payload)}, 10, now()
    from event_subscriptions where type = any(cast(${wantedBy(type)} as text[])) group by subscriber`.execute(tx);
  if (jobs.numAffectedRows) signalAfterCommit(jobsChannel);
  return id;
}
