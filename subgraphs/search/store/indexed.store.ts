import type { Selectable } from 'kysely';

import type { Tx } from '#platform/db';

import type { IndexedRow, SearchTables } from './rows';

export type Indexed = Selectable<IndexedRow>;

/** What the index holds, thing by thing. */
export class IndexedStore {
  async put(tx: Tx<SearchTables>, row: Omit<Indexed, 'indexed_at'>): Promise<void> {
    const change = { entry_count: row.entry_count, model: row.model, indexed_at: new Date() };
    await tx
      .insertInto('search_indexed')
      .values({ ...row, indexed_at: change.indexed_at })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'collection', 'owner_id']).doUpdateSet(change))
      .execute();
  }

  async remove(tx: Tx<SearchTables>, key: Pick<Indexed, 'tenant_id' | 'collection' | 'owner_id'>): Promise<void> {
    await tx
      .deleteFrom('search_indexed')
      .where('tenant_id', '=', key.tenant_id)
      .where('collection', '=', key.collection)
      .where('owner_id', '=', key.owner_id)
      .execute();
  }

  owners(tx: Tx<SearchTables>, tenantId: string): Promise<Indexed[]> {
    return tx.selectFrom('search_indexed').selectAll().where('tenant_id', '=', tenantId).execute();
  }
}
