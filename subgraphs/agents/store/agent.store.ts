import { sql, type Insertable } from 'kysely';

import type { Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { AgentRow, AgentTable, AgentTables, AgentVersionRow, AgentVersionTable, TeamRow, TeamTable } from './rows';

export interface Key {
  readonly tenantId: string;
  readonly id: string;
}

export class AgentStore {
  async insert(tx: Tx<AgentTables>, row: Insertable<AgentTable>): Promise<AgentRow> {
    return tx.insertInto('agents').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async find(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<AgentRow | null> {
    const found = await tx
      .selectFrom('agents')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    return found ?? null;
  }

  async findByIds(tx: Tx<AgentTables>, tenantId: string, ids: readonly string[]): Promise<AgentRow[]> {
    return tx
      .selectFrom('agents')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .where('deleted_at', 'is', null)
      .execute();
  }

  /** Newest first; one row more than the page. */
  async list(tx: Tx<AgentTables>, tenantId: string, page: Page): Promise<AgentRow[]> {
    let query = tx
      .selectFrom('agents')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('deleted_at', 'is', null)
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .offset(page.offset);
    if (page.after) query = query.where('id', '<', String(page.after[0]));
    return query.execute();
  }

  /** Null where it is not there or not at `expectedVersion` any more. */
  async update(
    tx: Tx<AgentTables>,
    { tenantId, id }: Key,
    change: Pick<Insertable<AgentTable>, 'name' | 'description' | 'type' | 'role' | 'config'> & { readonly expectedVersion: number },
  ): Promise<AgentRow | null> {
    const { expectedVersion, ...columns } = change;
    const updated = await tx
      .updateTable('agents')
      .set({ ...columns, version: expectedVersion + 1, updated_at: sql<Date>`now()` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('version', '=', expectedVersion)
      .where('deleted_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return updated ?? null;
  }

  async softDelete(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<AgentRow | null> {
    const deleted = await tx
      .updateTable('agents')
      .set({ deleted_at: sql<Date>`now()` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return deleted ?? null;
  }

  async insertVersion(tx: Tx<AgentTables>, row: Insertable<AgentVersionTable>): Promise<void> {
    await tx.insertInto('agent_versions').values(row).execute();
  }

  async listVersions(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<AgentVersionRow[]> {
    return tx
      .selectFrom('agent_versions')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('agent_id', '=', id)
      .orderBy('version', 'desc')
      .limit(100)
      .execute();
  }

  async insertTeam(tx: Tx<AgentTables>, row: Insertable<TeamTable>): Promise<TeamRow> {
    return tx.insertInto('agent_teams').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async findTeam(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<TeamRow | null> {
    return (
      (await tx.selectFrom('agent_teams').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  async listTeams(tx: Tx<AgentTables>, tenantId: string, page: Page): Promise<TeamRow[]> {
    let query = tx
      .selectFrom('agent_teams')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .offset(page.offset);
    if (page.after) query = query.where('id', '<', String(page.after[0]));
    return query.execute();
  }
}
