import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';

import type { Tx } from '#platform/db';

import type { AlertRow, DashboardTables, RunRow, ScheduleRow } from './rows';

export type StoredAlert = Selectable<AlertRow>;
export type StoredSchedule = Selectable<ScheduleRow>;
export type StoredRun = Selectable<RunRow>;

/** Alerts, schedules, and what they did. */
export class WatchStore {
  insertAlert(tx: Tx<DashboardTables>, row: Insertable<AlertRow>): Promise<StoredAlert> {
    return tx.insertInto('dash_alerts').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async updateAlert(
    tx: Tx<DashboardTables>,
    key: { tenantId: string; id: string },
    change: Updateable<AlertRow>,
  ): Promise<StoredAlert | null> {
    const row = await tx
      .updateTable('dash_alerts')
      .set(change)
      .where('tenant_id', '=', key.tenantId)
      .where('id', '=', key.id)
      .returningAll()
      .executeTakeFirst();
    return row ?? null;
  }

  async alert(tx: Tx<DashboardTables>, tenantId: string, id: string): Promise<StoredAlert | null> {
    return (
      (await tx.selectFrom('dash_alerts').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  /** Of one owner, or of all. */
  alerts(tx: Tx<DashboardTables>, tenantId: string, ownerId: string | null): Promise<StoredAlert[]> {
    const all = tx.selectFrom('dash_alerts').selectAll().where('tenant_id', '=', tenantId);
    const owned = ownerId === null ? all : all.where(sql<boolean>`owner ->> 'userId' = ${ownerId}`);
    return owned.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1_000).execute();
  }

  async deleteAlert(tx: Tx<DashboardTables>, tenantId: string, id: string): Promise<StoredAlert | null> {
    return (
      (await tx.deleteFrom('dash_alerts').where('tenant_id', '=', tenantId).where('id', '=', id).returningAll().executeTakeFirst()) ?? null
    );
  }

  insertSchedule(tx: Tx<DashboardTables>, row: Insertable<ScheduleRow>): Promise<StoredSchedule> {
    return tx.insertInto('dash_schedules').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async updateSchedule(
    tx: Tx<DashboardTables>,
    key: { tenantId: string; id: string },
    change: Updateable<ScheduleRow>,
  ): Promise<StoredSchedule | null> {
    const row = await tx
      .updateTable('dash_schedules')
      .set(change)
      .where('tenant_id', '=', key.tenantId)
      .where('id', '=', key.id)
      .returningAll()
      .executeTakeFirst();
    return row ?? null;
  }

  async schedule(tx: Tx<DashboardTables>, tenantId: string, id: string): Promise<StoredSchedule | null> {
    return (
      (await tx.selectFrom('dash_schedules').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  /** Of one owner, or of all. */
  schedules(tx: Tx<DashboardTables>, tenantId: string, ownerId: string | null): Promise<StoredSchedule[]> {
    const all = tx.selectFrom('dash_schedules').selectAll().where('tenant_id', '=', tenantId);
    const owned = ownerId === null ? all : all.where(sql<boolean>`owner ->> 'userId' = ${ownerId}`);
    return owned.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1_000).execute();
  }

  async deleteSchedule(tx: Tx<DashboardTables>, tenantId: string, id: string): Promise<StoredSchedule | null> {
    return (
      (await tx.deleteFrom('dash_schedules').where('tenant_id', '=', tenantId).where('id', '=', id).returningAll().executeTakeFirst()) ??
      null
    );
  }

  /** Null where this due time was recorded before: a repeated job finds its work done. */
  async insertRun(tx: Tx<DashboardTables>, row: Insertable<RunRow>): Promise<StoredRun | null> {
    const inserted = await tx
      .insertInto('dash_runs')
      .values(row)
      .onConflict((conflict) => conflict.columns(['tenant_id', 'subject_id', 'due_key']).doNothing())
      .returningAll()
      .executeTakeFirst();
    return inserted ?? null;
  }

  async updateRun(tx: Tx<DashboardTables>, key: { tenantId: string; id: string }, change: Updateable<RunRow>): Promise<void> {
    await tx.updateTable('dash_runs').set(change).where('tenant_id', '=', key.tenantId).where('id', '=', key.id).execute();
  }

  runs(tx: Tx<DashboardTables>, tenantId: string, subjectId: string): Promise<StoredRun[]> {
    return tx
      .selectFrom('dash_runs')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('subject_id', '=', subjectId)
      .orderBy('ran_at', 'desc')
      .orderBy('id', 'desc')
      .limit(100)
      .execute();
  }
}
