import { randomUUID } from 'node:crypto';

import { sql } from 'kysely';

import type { AnyTx, Database } from '#platform/db';

import type { IdempotencyStore, StoredAnswer } from './types';

export interface IdempotencyOptions {
  readonly db: Database;
  /** How long an answer is replayed. @default 86_400_000 // 24 h */
  readonly keepMs?: number;
  /** After this a claim whose process died may be claimed again; longer than the longest request. @default 600_000 // 10 min */
  readonly claimMs?: number;
}

interface Row {
  readonly hash: string;
  readonly token: string;
  readonly status: number | null;
  readonly body: string | null;
}

/** Part of the claims that also clear up after their tenant, so that the table stays small without a schedule. */
const sweepShare = 1 / 64;

const removeSome = (tx: AnyTx) =>
  sql`
  delete from idempotency_keys where (tenant_id, key) in (
    select tenant_id, key from idempotency_keys where expires_at <= now() limit 1000 for update skip locked)`.execute(tx);

/** Keys and answers on the metadata database, so that they outlive Redis and this process. */
export function createIdempotencyStore({ db, keepMs = 86_400_000, claimMs = 600_000 }: IdempotencyOptions): IdempotencyStore {
  const inMs = (milliseconds: number) => sql`now() + make_interval(secs => cast(${milliseconds / 1000} as double precision))`;

  return {
    claim: (tenantId, key, hash) =>
      db.inTenant(tenantId, async (tx) => {
        const token = randomUUID();
        // One statement decides: the row lock of the conflict makes rivals wait and then see the winner's row.
        const { rows: mine } = await sql`
          insert into idempotency_keys (tenant_id, key, hash, token, claimed_until, expires_at)
          values (${tenantId}, ${key}, ${hash}, ${token}, ${inMs(claimMs)}, ${inMs(keepMs)})
          on conflict (tenant_id, key) do update
            set hash = excluded.hash, token = excluded.token, status = null, body = null,
                claimed_until = excluded.claimed_until, expires_at = excluded.expires_at
            where idempotency_keys.expires_at <= now()
               or (idempotency_keys.status is null and idempotency_keys.claimed_until <= now() and idempotency_keys.hash = excluded.hash)
          returning 1 as claimed`.execute(tx);
        if (mine.length > 0) {
          if (Math.random() < sweepShare) await removeSome(tx);
          return { outcome: 'claimed', token } as const;
        }

        const { rows } = await sql<Row>`
          select hash, token, status, body from idempotency_keys where tenant_id = ${tenantId} and key = ${key}`.execute(tx);
        const known = rows[0];
        // Released between the two statements: the caller may come again at once.
        if (!known) return { outcome: 'conflict' } as const;
        if (known.hash !== hash) return { outcome: 'reused' } as const;
        if (known.status === null) return { outcome: 'conflict' } as const;
        const answer: StoredAnswer = { status: known.status, body: JSON.parse(known.body ?? 'null') };
        return { outcome: 'replay', answer } as const;
      }),

    publish: (tenantId, key, token, { status, body }) =>
      db.inTenant(tenantId, async (tx) => {
        await sql`
          update idempotency_keys set status = ${status}, body = ${JSON.stringify(body ?? null)}, expires_at = ${inMs(keepMs)}
          where tenant_id = ${tenantId} and key = ${key} and token = ${token}`.execute(tx);
      }),

    release: (tenantId, key, token) =>
      db.inTenant(tenantId, async (tx) => {
        await sql`
          delete from idempotency_keys
          where tenant_id = ${tenantId} and key = ${key} and token = ${token} and status is null`.execute(tx);
      }),

    removeExpired: () =>
      db.asSystem(async (tx) => {
        const { numAffectedRows } = await sql`delete from idempotency_keys where expires_at <= now()`.execute(tx);
        return Number(numAffectedRows ?? 0);
      }),
  };
}
