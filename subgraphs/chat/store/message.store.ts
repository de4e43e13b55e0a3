import { sql, type Insertable, type Updateable } from 'kysely';

import type { Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { ChatTables, MessageRow, MessageTable } from './rows';
import type { SessionKey } from './session.store';

export interface HistoryFilter {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly role: string | null;
}

export class MessageStore {
  async insert(tx: Tx<ChatTables>, rows: readonly Insertable<MessageTable>[]): Promise<void> {
    await tx
      .insertInto('chat_messages')
      .values([...rows])
      .execute();
  }

  async find(tx: Tx<ChatTables>, { tenantId, id }: SessionKey): Promise<MessageRow | null> {
    return (
      (await tx.selectFrom('chat_messages').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  async findByIds(tx: Tx<ChatTables>, tenantId: string, ids: readonly string[]): Promise<MessageRow[]> {
    return tx
      .selectFrom('chat_messages')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .execute();
  }

  async update(tx: Tx<ChatTables>, { tenantId, id }: SessionKey, change: Updateable<MessageTable>): Promise<MessageRow | null> {
    const updated = await tx
      .updateTable('chat_messages')
      .set(change)
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return updated ?? null;
  }

  /** Oldest first, without undone turns; one row more than the page. */
  async list(tx: Tx<ChatTables>, { tenantId, sessionId, role }: HistoryFilter, page: Page): Promise<MessageRow[]> {
    let query = tx
      .selectFrom('chat_messages')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('session_id', '=', sessionId)
      .where('status', '!=', 'undone')
      .orderBy('ordinal')
      .limit(page.limit + 1)
      .offset(page.offset);
    if (role) query = query.where('role', '=', role);
    if (page.after) query = query.where('ordinal', '>', Number(page.after[0]));
    return query.execute();
  }

  /** The first messages of several sessions at once. */
  async listFirst(
    tx: Tx<ChatTables>,
    { tenantId, sessionIds, limit }: { tenantId: string; sessionIds: readonly string[]; limit: number },
  ): Promise<MessageRow[]> {
    const numbered = tx
      .selectFrom('chat_messages')
      .selectAll()
      .select(sql<number>`row_number() over (partition by session_id order by ordinal)::int`.as('place'))
      .where('tenant_id', '=', tenantId)
      .where('session_id', 'in', [...sessionIds])
      .where('status', '!=', 'undone');
    return tx
      .selectFrom(numbered.as('numbered'))
      .selectAll()
      .where('place', '<=', limit)
      .orderBy('session_id')
      .orderBy('ordinal')
      .execute();
  }

  async count(tx: Tx<ChatTables>, { tenantId, sessionId, role }: HistoryFilter): Promise<number> {
    let query = tx
      .selectFrom('chat_messages')
      .select((all) => all.fn.countAll<string>().as('count'))
      .where('tenant_id', '=', tenantId)
      .where('session_id', '=', sessionId)
      .where('status', '!=', 'undone');
    if (role) query = query.where('role', '=', role);
    return Number((await query.executeTakeFirstOrThrow()).count);
  }

  /** The last messages, newest first, without undone turns. */
  async last(tx: Tx<ChatTables>, { tenantId, sessionId }: { tenantId: string; sessionId: string }, limit: number): Promise<MessageRow[]> {
    return tx
      .selectFrom('chat_messages')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('session_id', '=', sessionId)
      .where('status', '!=', 'undone')
      .orderBy('ordinal', 'desc')
      .limit(limit)
      .execute();
  }

  /** The newest answer that has a query: what a refinement edits. */
  async lastAnswered(tx: Tx<ChatTables>, { tenantId, sessionId }: { tenantId: string; sessionId: string }): Promise<MessageRow | null> {
    const found = await tx
      .selectFrom('chat_messages')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('session_id', '=', sessionId)
      .where('role', '=', 'assistant')
      .where('status', '=', 'completed')
      .where(sql<boolean>`answer->>'sql' is not null`)
      .orderBy('ordinal', 'desc')
      .limit(1)
      .executeTakeFirst();
    return found ?? null;
  }

  /** Everything up to and with `ordinal`, oldest first: what a branch starts from. */
  async upTo(
    tx: Tx<ChatTables>,
    { tenantId, sessionId, ordinal }: { tenantId: string; sessionId: string; ordinal: number },
  ): Promise<MessageRow[]> {
    return tx
      .selectFrom('chat_messages')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('session_id', '=', sessionId)
      .where('ordinal', '<=', ordinal)
      .where('status', '!=', 'undone')
      .orderBy('ordinal')
      .execute();
  }

  async markUndone(
    tx: Tx<ChatTables>,
    { tenantId, sessionId, fromOrdinal }: { tenantId: string; sessionId: string; fromOrdinal: number },
  ): Promise<number> {
    const { numUpdatedRows } = await tx
      .updateTable('chat_messages')
      .set({ status: 'undone' })
      .where('tenant_id', '=', tenantId)
      .where('session_id', '=', sessionId)
      .where('ordinal', '>=', fromOrdinal)
      .where('status', '!=', 'undone')
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }

  /** Ends answers that were being written by a process that is gone. Returns them. */
  async failRunning(
    tx: Tx<ChatTables>,
    { tenantId, sessionId, exceptRunId, error }: { tenantId: string; sessionId: string; exceptRunId: string | null; error: unknown },
  ): Promise<MessageRow[]> {
    let query = tx
      .updateTable('chat_messages')
      .set({ status: 'failed', error: JSON.stringify(error), completed_at: sql<Date>`now()` })
      .where('tenant_id', '=', tenantId)
      .where('session_id', '=', sessionId)
      .where('status', '=', 'running');
    if (exceptRunId) query = query.where('run_id', '!=', exceptRunId);
    return query.returningAll().execute();
  }
}
