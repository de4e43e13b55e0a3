import { sql, type Insertable, type Selectable } from 'kysely';

import type { Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { DashboardRow, DashboardTables, VersionRow } from './rows';

export type StoredDashboard = Selectable<DashboardRow>;
export type StoredVersion = Selectable<VersionRow>;

type DashTx = Tx<DashboardTables>;

/** Who asks, for lists: what is shared with the user and their teams is theirs to see. */
export interface Viewer {
  readonly tenantId: string;
  readonly userId: string;
  readonly teams: readonly string[];
  readonly isAdmin: boolean;
}

export interface ListFilter {
  readonly visibility?: string | null;
  readonly tag?: string | null;
  readonly q?: string | null;
  readonly sort: 'updated_at' | 'created_at' | 'name';
  readonly deleted: boolean;
}

export class DashboardStore {
  insert(tx: DashTx, row: Insertable<DashboardRow>): Promise<StoredDashboard> {
    return tx.insertInto('dash_dashboards').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async find(tx: DashTx, tenantId: string, id: string): Promise<StoredDashboard | null> {
    return (
      (await tx.selectFrom('dash_dashboards').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  /** Locks the row until the transaction ends, so that two editors change one after the other. */
  async lock(tx: DashTx, tenantId: string, id: string): Promise<StoredDashboard | null> {
    const row = await tx
      .selectFrom('dash_dashboards')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    return row ?? null;
  }

  findMany(tx: DashTx, tenantId: string, ids: readonly string[]): Promise<StoredDashboard[]> {
    return tx
      .selectFrom('dash_dashboards')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .execute();
  }

  update(
    tx: DashTx,
    row: Pick<StoredDashboard, 'tenant_id' | 'id' | 'version' | 'name' | 'visibility' | 'tags' | 'deleted_at'> & { document: unknown },
  ): Promise<StoredDashboard> {
    const { tenant_id: tenantId, id, ...change } = row;
    return tx
      .updateTable('dash_dashboards')
      .set({ ...change, updated_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  async replaceWidgets(tx: DashTx, key: { tenantId: string; dashboardId: string }, ids: readonly string[]): Promise<void> {
    await tx.deleteFrom('dash_widgets').where('tenant_id', '=', key.tenantId).where('dashboard_id', '=', key.dashboardId).execute();
    if (ids.length === 0) return;
    await tx
      .insertInto('dash_widgets')
      .values(ids.map((id) => ({ tenant_id: key.tenantId, dashboard_id: key.dashboardId, id })))
      .execute();
  }

  async dashboardsOfWidgets(tx: DashTx, tenantId: string, widgetIds: readonly string[]): Promise<{ id: string; dashboard_id: string }[]> {
    return tx
      .selectFrom('dash_widgets')
      .select(['id', 'dashboard_id'])
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...widgetIds])
      .execute();
  }

  async insertVersion(tx: DashTx, row: Insertable<VersionRow>): Promise<void> {
    await tx.insertInto('dash_versions').values(row).execute();
  }

  versions(tx: DashTx, tenantId: string, dashboardId: string): Promise<StoredVersion[]> {
    return tx
      .selectFrom('dash_versions')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('dashboard_id', '=', dashboardId)
      .orderBy('version', 'desc')
      .limit(200)
      .execute();
  }

  async version(tx: DashTx, key: { tenantId: string; dashboardId: string; version: number }): Promise<StoredVersion | null> {
    const row = await tx
      .selectFrom('dash_versions')
      .selectAll()
      .where('tenant_id', '=', key.tenantId)
      .where('dashboard_id', '=', key.dashboardId)
      .where('version', '=', key.version)
      .executeTakeFirst();
    return row ?? null;
  }

  /** What the viewer may see; one row more than the page, and the number of all. */
  async list(
    tx: DashTx,
    viewer: Viewer,
    { filter, page }: { filter: ListFilter; page: Page },
  ): Promise<{ rows: StoredDashboard[]; total: number }> {
    const base = this.visible(tx, viewer, filter);
    const { total } = await base.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow();
    const direction = filter.sort === 'name' ? 'asc' : 'desc';
    let query = base.selectAll('d').orderBy(`d.${filter.sort}`, direction).orderBy('d.id', direction);
    if (page.after) {
      const [key, id] = page.after;
      const value = filter.sort === 'name' ? sql`${String(key)}` : sql`cast(${String(key)} as timestamptz)`;
      const operator = sql.raw(direction === 'asc' ? '>' : '<');
      query = query.where(sql<boolean>`(d.${sql.raw(filter.sort)}, d.id) ${operator} (${value}, ${String(id)})`);
    }
    return {
      rows: await query
        .limit(page.limit + 1)
        .offset(page.offset)
        .execute(),
      total: Number(total),
    };
  }

  /** Ends what was deleted before this time. */
  async purge(tx: DashTx, tenantId: string, before: Date): Promise<void> {
    await tx.deleteFrom('dash_dashboards').where('tenant_id', '=', tenantId).where('deleted_at', '<', before).execute();
  }

  private visible(tx: DashTx, viewer: Viewer, filter: ListFilter) {
    let query = tx.selectFrom('dash_dashboards as d').where('d.tenant_id', '=', viewer.tenantId);
    query = filter.deleted ? query.where('d.deleted_at', 'is not', null) : query.where('d.deleted_at', 'is', null);
    if (filter.visibility) query = query.where('d.visibility', '=', filter.visibility);
    if (filter.tag) query = query.where(sql<boolean>`${filter.tag} = any(d.tags)`);
    if (filter.q) query = query.where(sql<boolean>`position(lower(${filter.q}) in lower(d.name)) > 0`);
    if (viewer.isAdmin) return query;
    const subjects = [{ type: 'user', id: viewer.userId }, ...viewer.teams.map((id) => ({ type: 'team', id }))];
    return query.where((where) =>
      where.or([
        where('d.owner_id', '=', viewer.userId),
        where('d.visibility', 'in', ['tenant', 'public']),
        where.exists(
          where
            .selectFrom('dash_shares as s')
            .select('s.subject_id')
            .whereRef('s.tenant_id', '=', 'd.tenant_id')
            .whereRef('s.dashboard_id', '=', 'd.id')
            .where((share) =>
              share.or(subjects.map(({ type, id }) => share.and([share('s.subject_type', '=', type), share('s.subject_id', '=', id)]))),
            ),
        ),
      ]),
    );
  }
}
