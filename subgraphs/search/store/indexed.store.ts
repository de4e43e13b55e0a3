import type { Selectable } from 'kysely';

import type { Tx } from '#platform/db';

import type { IndexedRow, SearchTables } from './rows';

export type Indexed = Selectable<IndexedRow>;

/** What the index holds: one row per thing, collection and model. */
export class IndexedStore {
  async put(tx: Tx<SearchTables>, row: Omit<Indexed, 'indexed_at'>): Promise<void> {
    const change = { entry_count: row.entry_count, embedded: row.embedded, indexed_at: new Date() };
    await tx
      .insertInto('search_indexed')
      .values({ ...row, indexed_at: change.indexed_at })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'collection', 'owner_id', 'model']).doUpdateSet(change))
      .execute();
  }

  async remove(tx: Tx<SearchTables>, key: Pick<Indexed, 'tenant_id' | 'collection' | 'owner_id' | 'model'>): Promise<void> {
    await tx
      .deleteFrom('search_indexed')
      .where('tenant_id', '=', key.tenant_id)
      .where('collection', '=', key.collection)
      .where('owner_id', '=', key.owner_id)
      .where('model', '=', key.model)
      .execute();
  }

  async removeModel(tx: Tx<SearchTables>, tenantId: string, model: string): Promise<void> {
    await tx.deleteFrom('search_indexed').where('tenant_id', '=', tenantId).where('model', '=', model).execute();
  }

  list(tx: Tx<SearchTables>, tenantId: string, model: string): Promise<Indexed[]> {
    return tx.selectFrom('search_indexed').selectAll().where('tenant_id', '=', tenantId).where('model', '=', model).execute();
  }
}
