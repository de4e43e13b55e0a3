import type { Insertable, Selectable, Updateable } from 'kysely';

import type { Tx } from '#platform/db';

import type { SourceRow, SqlTables } from './rows';

export type StoredSource = Selectable<SourceRow>;

/** Sources of a tenant are few: lists are read whole. */
export class SourceStore {
  insert(tx: Tx<SqlTables>, row: Insertable<SourceRow>): Promise<StoredSource> {
    return tx.insertInto('sql_sources').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async update(tx: Tx<SqlTables>, key: { tenantId: string; id: string }, change: Updateable<SourceRow>): Promise<StoredSource | null> {
    const updated = await tx
      .updateTable('sql_sources')
      .set(change)
      .where('tenant_id', '=', key.tenantId)
      .where('id', '=', key.id)
      .returningAll()
      .executeTakeFirst();
    return updated ?? null;
  }

  async delete(tx: Tx<SqlTables>, key: { tenantId: string; id: string }): Promise<StoredSource | null> {
    const deleted = await tx
      .deleteFrom('sql_sources')
      .where('tenant_id', '=', key.tenantId)
      .where('id', '=', key.id)
      .returningAll()
      .executeTakeFirst();
    return deleted ?? null;
  }

  async findById(tx: Tx<SqlTables>, tenantId: string, id: string): Promise<StoredSource | null> {
    const found = await tx.selectFrom('sql_sources').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst();
    return found ?? null;
  }

  list(tx: Tx<SqlTables>, tenantId: string): Promise<StoredSource[]> {
    return tx.selectFrom('sql_sources').selectAll().where('tenant_id', '=', tenantId).orderBy('created_at').orderBy('id').execute();
  }
}
