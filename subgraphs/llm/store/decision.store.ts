import { sql, type Insertable, type Selectable } from 'kysely';

import type { Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { DecisionRow, LlmTables } from './rows';

export type StoredDecision = Selectable<DecisionRow>;

export class DecisionStore {
  /** Rows have all columns; see CallStore. */
  async insertMany(tx: Tx<LlmTables>, rows: readonly Insertable<DecisionRow>[]): Promise<void> {
    if (rows.length === 0) return;
    await sql`insert into llm_decisions select * from json_populate_recordset(null::llm_decisions, cast(${JSON.stringify(rows)} as json))
      on conflict do nothing`.execute(tx);
  }

  findByIds(tx: Tx<LlmTables>, tenantId: string, ids: readonly string[]): Promise<StoredDecision[]> {
    return tx
      .selectFrom('llm_decisions')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .execute();
  }

  /** Newest first; one row more than the page. `userId` narrows to one person's. */
  list(tx: Tx<LlmTables>, owner: { tenantId: string; userId?: string }, page: Page): Promise<StoredDecision[]> {
    let query = tx
      .selectFrom('llm_decisions')
      .selectAll()
      .where('tenant_id', '=', owner.tenantId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .offset(page.offset);
    if (owner.userId !== undefined) query = query.where('user_id', '=', owner.userId);
    if (page.after) {
      const at = new Date(String(page.after[0]));
      const id = String(page.after[1]);
      query = query.where((where) =>
        where.or([where('created_at', '<', at), where.and([where('created_at', '=', at), where('id', '<', id)])]),
      );
    }
    return query.execute();
  }

  async deleteBefore(tx: Tx<LlmTables>, tenantId: string, before: Date): Promise<void> {
    await tx.deleteFrom('llm_decisions').where('tenant_id', '=', tenantId).where('created_at', '<', before).execute();
  }
}
