import { sql, type Insertable } from 'kysely';

import { json, type Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { AgentTables, GuardrailRow, MemoryRow, MemoryTable } from './rows';

export interface MemoryFilter {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string | null;
}

/** Guardrail settings of a tenant, and what agents keep about people. */
export class SettingsStore {
  async guardrails(tx: Tx<AgentTables>, tenantId: string): Promise<GuardrailRow[]> {
    return tx.selectFrom('agent_guardrails').selectAll().where('tenant_id', '=', tenantId).execute();
  }

  async putGuardrail(
    tx: Tx<AgentTables>,
    row: {
      readonly tenantId: string;
      readonly name: string;
      readonly enabled: boolean;
      readonly thresholds: unknown;
      readonly updatedBy: string;
    },
  ): Promise<GuardrailRow> {
    const values = {
      tenant_id: row.tenantId,
      name: row.name,
      enabled: row.enabled,
      thresholds: json(row.thresholds),
      updated_by: row.updatedBy,
    };
    return tx
      .insertInto('agent_guardrails')
      .values(values)
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'name'])
          .doUpdateSet({ enabled: row.enabled, thresholds: json(row.thresholds), updated_by: row.updatedBy, updated_at: sql<Date>`now()` }),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  async remember(tx: Tx<AgentTables>, row: Insertable<MemoryTable>): Promise<void> {
    await tx
      .insertInto('agent_memory')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async memory(tx: Tx<AgentTables>, { tenantId, userId, sessionId }: MemoryFilter, page: Page): Promise<MemoryRow[]> {
    let query = tx
      .selectFrom('agent_memory')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .offset(page.offset);
    if (sessionId) query = query.where('session_id', '=', sessionId);
    if (page.after) query = query.where('id', '<', String(page.after[0]));
    return query.execute();
  }

  /** What is known about a person beyond one session. */
  async userMemory(
    tx: Tx<AgentTables>,
    { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
    limit: number,
  ): Promise<MemoryRow[]> {
    return tx
      .selectFrom('agent_memory')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('session_id', 'is', null)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
  }

  async forget(tx: Tx<AgentTables>, { tenantId, userId, sessionId, id }: MemoryFilter & { readonly id: string | null }): Promise<number> {
    let query = tx.deleteFrom('agent_memory').where('tenant_id', '=', tenantId).where('user_id', '=', userId);
    if (sessionId) query = query.where('session_id', '=', sessionId);
    if (id) query = query.where('id', '=', id);
    return Number((await query.executeTakeFirst()).numDeletedRows);
  }
}
