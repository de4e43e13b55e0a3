import type { Insertable, Selectable } from 'kysely';

import type { Tx } from '#platform/db';

import type { SqlTables, VerifiedQueryRow } from './rows';

export type StoredVerifiedQuery = Selectable<VerifiedQueryRow>;

export class VerifiedQueryStore {
  insert(tx: Tx<SqlTables>, row: Insertable<VerifiedQueryRow>): Promise<StoredVerifiedQuery> {
    return tx.insertInto('sql_verified_queries').values(row).returningAll().executeTakeFirstOrThrow();
  }

  /** Nothing where the id is there already. */
  async insertOnce(tx: Tx<SqlTables>, row: Insertable<VerifiedQueryRow>): Promise<void> {
    await tx
      .insertInto('sql_verified_queries')
      .values(row)
      .onConflict((conflict) => conflict.columns(['tenant_id', 'id']).doNothing())
      .execute();
  }

  /** Newest first. */
  list(tx: Tx<SqlTables>, tenantId: string, sourceId?: string): Promise<StoredVerifiedQuery[]> {
    let query = tx.selectFrom('sql_verified_queries').selectAll().where('tenant_id', '=', tenantId);
    if (sourceId) query = query.where('source_id', '=', sourceId);
    return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1_000).execute();
  }

  async find(tx: Tx<SqlTables>, tenantId: string, id: string): Promise<StoredVerifiedQuery | null> {
    const query = tx.selectFrom('sql_verified_queries').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id);
    return (await query.executeTakeFirst()) ?? null;
  }

  async approve(tx: Tx<SqlTables>, tenantId: string, id: string): Promise<StoredVerifiedQuery | null> {
    const approved = await tx
      .updateTable('sql_verified_queries')
      .set({ status: 'approved' })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return approved ?? null;
  }

  async delete(tx: Tx<SqlTables>, tenantId: string, id: string): Promise<boolean> {
    const deleted = await tx
      .deleteFrom('sql_verified_queries')
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst();
    return deleted !== undefined;
  }
}
