import type { Insertable, Selectable } from 'kysely';

import type { Tx } from '#platform/db';

import type { DashboardTables, LinkRow, ShareRow } from './rows';

export type StoredShare = Selectable<ShareRow>;
export type StoredLink = Selectable<LinkRow>;

export class SharingStore {
  shares(tx: Tx<DashboardTables>, tenantId: string, dashboardIds: readonly string[]): Promise<StoredShare[]> {
    return tx
      .selectFrom('dash_shares')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('dashboard_id', 'in', [...dashboardIds])
      .execute();
  }

  async replaceShares(
    tx: Tx<DashboardTables>,
    key: { tenantId: string; dashboardId: string },
    shares: readonly StoredShare[],
  ): Promise<void> {
    await tx.deleteFrom('dash_shares').where('tenant_id', '=', key.tenantId).where('dashboard_id', '=', key.dashboardId).execute();
    if (shares.length > 0)
      await tx
        .insertInto('dash_shares')
        .values([...shares])
        .execute();
  }

  insertLink(tx: Tx<DashboardTables>, row: Insertable<LinkRow>): Promise<StoredLink> {
    return tx.insertInto('dash_links').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async link(tx: Tx<DashboardTables>, tenantId: string, id: string): Promise<StoredLink | null> {
    return (
      (await tx.selectFrom('dash_links').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  links(tx: Tx<DashboardTables>, tenantId: string, dashboardId: string): Promise<StoredLink[]> {
    return tx
      .selectFrom('dash_links')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('dashboard_id', '=', dashboardId)
      .orderBy('created_at', 'desc')
      .limit(200)
      .execute();
  }

  async revoke(tx: Tx<DashboardTables>, tenantId: string, id: string): Promise<StoredLink | null> {
    const row = await tx
      .updateTable('dash_links')
      .set({ revoked_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row ?? null;
  }
}
