import { sql, type Insertable } from 'kysely';

import type { Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { Key } from './agent.store';
import type { AgentTables, ApprovalRow, ApprovalTable } from './rows';

export class ApprovalStore {
  async insert(tx: Tx<AgentTables>, row: Insertable<ApprovalTable>): Promise<ApprovalRow> {
    return tx.insertInto('agent_approvals').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async find(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<ApprovalRow | null> {
    return (
      (await tx.selectFrom('agent_approvals').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  async findByIds(tx: Tx<AgentTables>, tenantId: string, ids: readonly string[]): Promise<ApprovalRow[]> {
    return tx
      .selectFrom('agent_approvals')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .execute();
  }

  async ofRuns(tx: Tx<AgentTables>, tenantId: string, runIds: readonly string[]): Promise<ApprovalRow[]> {
    return tx
      .selectFrom('agent_approvals')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('run_id', 'in', [...runIds])
      .orderBy('created_at')
      .execute();
  }

  async list(
    tx: Tx<AgentTables>,
    { tenantId, status, requestedBy }: { readonly tenantId: string; readonly status: string | null; readonly requestedBy: string | null },
    page: Page,
  ): Promise<ApprovalRow[]> {
    let query = tx
      .selectFrom('agent_approvals')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .offset(page.offset);
    if (status) query = query.where('status', '=', status);
    if (requestedBy) query = query.where('requested_by', '=', requestedBy);
    if (page.after) {
      const [at, id] = [new Date(String(page.after[0])), String(page.after[1])];
      query = query.where((where) =>
        where.or([where('created_at', '<', at), where.and([where('created_at', '=', at), where('id', '<', id)])]),
      );
    }
    return query.execute();
  }

  /** Decides a pending approval once; null where it was decided before or its time is over. */
  async decide(
    tx: Tx<AgentTables>,
    { tenantId, id }: Key,
    { status, reviewerId, notes }: { readonly status: 'approved' | 'rejected'; readonly reviewerId: string; readonly notes: string | null },
  ): Promise<ApprovalRow | null> {
    const decided = await tx
      .updateTable('agent_approvals')
      .set({ status, reviewer_id: reviewerId, notes, decided_at: sql<Date>`now()` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .where('expires_at', '>', sql<Date>`now()`)
      .returningAll()
      .executeTakeFirst();
    return decided ?? null;
  }

  /** Pending ones of all tenants whose time is over. */
  async findOverdue(tx: Tx<AgentTables>, limit: number): Promise<ApprovalRow[]> {
    return tx
      .selectFrom('agent_approvals')
      .selectAll()
      .where('status', '=', 'pending')
      .where('expires_at', '<=', sql<Date>`now()`)
      .orderBy('expires_at')
      .limit(limit)
      .execute();
  }

  async expire(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<boolean> {
    const { numUpdatedRows } = await tx
      .updateTable('agent_approvals')
      .set({ status: 'expired', decided_at: sql<Date>`now()` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async expireOfRun(tx: Tx<AgentTables>, tenantId: string, runIds: readonly string[]): Promise<void> {
    await tx
      .updateTable('agent_approvals')
      .set({ status: 'expired', decided_at: sql<Date>`now()` })
      .where('tenant_id', '=', tenantId)
      .where('run_id', 'in', [...runIds])
      .where('status', '=', 'pending')
      .execute();
  }
}
