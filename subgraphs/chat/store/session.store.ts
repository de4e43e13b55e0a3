import { sql, type Insertable, type Updateable } from 'kysely';

import type { Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { ChatTables, SessionRow, SessionTable } from './rows';

export interface SessionKey {
  readonly tenantId: string;
  readonly id: string;
}

export interface SessionFilter {
  readonly tenantId: string;
  readonly userId: string;
  readonly status: string | null;
}

export interface Claim extends SessionKey {
  readonly userId: string;
  readonly runId: string;
  readonly leaseMs: number;
  /** Messages that the turn adds. */
  readonly messages: number;
  /** Names a session that has no name of its own yet. */
  readonly title?: { readonly instead: string; readonly to: string } | null;
}

/** A claimed session, and the turn whose lease had run out, if one held it. */
export type ClaimedSession = SessionRow & { readonly abandoned_run_id: string | null };

const leaseEnd = (leaseMs: number) => sql<Date>`now() + ${leaseMs} * interval '1 millisecond'`;

export class SessionStore {
  /** Null where the id is taken. */
  async insert(tx: Tx<ChatTables>, row: Insertable<SessionTable>): Promise<SessionRow | null> {
    const inserted = await tx
      .insertInto('chat_sessions')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    return inserted ?? null;
  }

  async findByIds(tx: Tx<ChatTables>, tenantId: string, ids: readonly string[]): Promise<SessionRow[]> {
    return tx
      .selectFrom('chat_sessions')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .execute();
  }

  async find(tx: Tx<ChatTables>, { tenantId, id }: SessionKey): Promise<SessionRow | null> {
    return (
      (await tx.selectFrom('chat_sessions').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  /** Newest activity first; one row more than the page, which tells whether another page follows. */
  async list(tx: Tx<ChatTables>, { tenantId, userId, status }: SessionFilter, page: Page): Promise<SessionRow[]> {
    let query = tx
      .selectFrom('chat_sessions')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .orderBy('last_activity_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .offset(page.offset);
    if (status) query = query.where('status', '=', status);
    if (page.after) {
      const [at, id] = [new Date(String(page.after[0])), String(page.after[1])];
      query = query.where((where) =>
        where.or([where('last_activity_at', '<', at), where.and([where('last_activity_at', '=', at), where('id', '<', id)])]),
      );
    }
    return query.execute();
  }

  async count(tx: Tx<ChatTables>, { tenantId, userId, status }: SessionFilter): Promise<number> {
    let query = tx
      .selectFrom('chat_sessions')
      .select((all) => all.fn.countAll<string>().as('count'))
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId);
    if (status) query = query.where('status', '=', status);
    return Number((await query.executeTakeFirstOrThrow()).count);
  }

  async update(tx: Tx<ChatTables>, { tenantId, id }: SessionKey, change: Updateable<SessionTable>): Promise<SessionRow | null> {
    const updated = await tx
      .updateTable('chat_sessions')
      .set({ ...change, updated_at: sql<Date>`now()` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return updated ?? null;
  }

  async delete(tx: Tx<ChatTables>, { tenantId, id }: SessionKey): Promise<boolean> {
    const { numDeletedRows } = await tx
      .deleteFrom('chat_sessions')
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /**
   * Takes an active session for one turn and makes room for its messages. Null where it is not there, not active, or held by a turn
   * whose lease still runs: one statement, so that two turns cannot both win.
   */
  async claim(tx: Tx<ChatTables>, { tenantId, id, userId, runId, leaseMs, messages, title }: Claim): Promise<ClaimedSession | null> {
    const claimed = await tx
      .updateTable('chat_sessions')
      .set((row) => ({
        active_run_id: runId,
        lease_until: leaseEnd(leaseMs),
        cancel_requested: false,
        last_ordinal: row('last_ordinal', '+', messages),
        ...(title ? { title: sql<string>`case when title = ${title.instead} then ${title.to} else title end` } : {}),
        message_count: row('message_count', '+', messages),
        last_activity_at: sql<Date>`now()`,
        updated_at: sql<Date>`now()`,
      }))
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .where('status', '=', 'active')
      .where((where) => where.or([where('active_run_id', 'is', null), where('lease_until', '<', sql<Date>`now()`)]))
      .returningAll()
      // A subquery sees the row as it was before this statement.
      .returning((row) =>
        row
          .selectFrom('chat_sessions as before')
          .select('before.active_run_id')
          .where('before.tenant_id', '=', tenantId)
          .where('before.id', '=', id)
          .as('abandoned_run_id'),
      )
      .executeTakeFirst();
    return claimed ?? null;
  }

  /** Renews the lease; null where the turn no longer holds the session. */
  async renew(
    tx: Tx<ChatTables>,
    { tenantId, id, runId, leaseMs }: SessionKey & { readonly runId: string; readonly leaseMs: number },
  ): Promise<{ cancelRequested: boolean } | null> {
    const renewed = await tx
      .updateTable('chat_sessions')
      .set({ lease_until: leaseEnd(leaseMs) })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('active_run_id', '=', runId)
      .returning('cancel_requested')
      .executeTakeFirst();
    return renewed ? { cancelRequested: renewed.cancel_requested } : null;
  }

  /** Ends the turn's hold. Null where another turn has taken over. */
  async release(tx: Tx<ChatTables>, { tenantId, id, runId }: SessionKey & { readonly runId: string }): Promise<SessionRow | null> {
    const released = await tx
      .updateTable('chat_sessions')
      .set({
        active_run_id: null,
        lease_until: null,
        cancel_requested: false,
        updated_at: sql<Date>`now()`,
        last_activity_at: sql<Date>`now()`,
      })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('active_run_id', '=', runId)
      .returningAll()
      .executeTakeFirst();
    return released ?? null;
  }

  /** Sessions of all tenants whose turn stopped renewing its lease: its process is gone. */
  async findAbandoned(tx: Tx<ChatTables>, limit: number): Promise<SessionRow[]> {
    return tx
      .selectFrom('chat_sessions')
      .selectAll()
      .where('active_run_id', 'is not', null)
      .where('lease_until', '<', sql<Date>`now()`)
      .orderBy('lease_until')
      .limit(limit)
      .execute();
  }

  /** Marks idle sessions of all tenants as expired. Returns how many. */
  async expireIdle(tx: Tx<ChatTables>, idleMs: number): Promise<number> {
    const { numUpdatedRows } = await tx
      .updateTable('chat_sessions')
      .set({ status: 'expired', updated_at: sql<Date>`now()` })
      .where('status', '=', 'active')
      .where('active_run_id', 'is', null)
      .where('last_activity_at', '<', sql<Date>`now() - ${idleMs} * interval '1 millisecond'`)
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }
}
