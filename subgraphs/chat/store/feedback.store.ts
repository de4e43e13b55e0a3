import type { Insertable } from 'kysely';

import type { Tx } from '#platform/db';

import type { ChatTables, FeedbackRow, FeedbackTable } from './rows';

export class FeedbackStore {
  async insert(tx: Tx<ChatTables>, row: Insertable<FeedbackTable>): Promise<FeedbackRow> {
    return tx.insertInto('chat_feedback').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async listForMessages(tx: Tx<ChatTables>, tenantId: string, messageIds: readonly string[]): Promise<FeedbackRow[]> {
    return tx
      .selectFrom('chat_feedback')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('message_id', 'in', [...messageIds])
      .orderBy('created_at')
      .execute();
  }
}
