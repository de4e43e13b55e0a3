import type { Selectable } from 'kysely';

import type { Tx } from '#platform/db';

import type { GenerationRow, SearchTables } from './rows';

export type StoredGeneration = Selectable<GenerationRow>;

/** Which model's vectors a tenant is served from, and which are being filled. */
export class GenerationStore {
  list(tx: Tx<SearchTables>, tenantId: string): Promise<StoredGeneration[]> {
    return tx.selectFrom('search_generations').selectAll().where('tenant_id', '=', tenantId).execute();
  }

  /** Takes the generation where the tenant has none yet; nothing otherwise. */
  async serveFirst(tx: Tx<SearchTables>, tenantId: string, generation: Pick<StoredGeneration, 'model' | 'dimension'>): Promise<void> {
    await tx
      .insertInto('search_generations')
      .values({ tenant_id: tenantId, model: generation.model, dimension: generation.dimension, state: 'serving' })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async put(tx: Tx<SearchTables>, row: Omit<StoredGeneration, 'since'>): Promise<void> {
    await tx
      .insertInto('search_generations')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'model']).doUpdateSet({ state: row.state, dimension: row.dimension, since: new Date() }),
      )
      .execute();
  }

  async retire(tx: Tx<SearchTables>, tenantId: string, state: 'serving' | 'filling'): Promise<void> {
    await tx
      .updateTable('search_generations')
      .set({ state: 'retired', since: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('state', '=', state)
      .execute();
  }

  /** False where the generation is in use (again). */
  async forget(tx: Tx<SearchTables>, tenantId: string, model: string): Promise<boolean> {
    const { numDeletedRows } = await tx
      .deleteFrom('search_generations')
      .where('tenant_id', '=', tenantId)
      .where('model', '=', model)
      .where('state', '=', 'retired')
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Tenants that are not served from this model, or hold a thing that was not embedded by it. Across tenants: as system. */
  async tenantsBehind(tx: Tx<SearchTables>, model: string): Promise<string[]> {
    const others = tx.selectFrom('search_generations').select('tenant_id').where('state', '=', 'serving').where('model', '<>', model);
    const unfinished = tx
      .selectFrom('search_things as thing')
      .select('thing.tenant_id')
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('search_indexed as done')
              .select('done.owner_id')
              .whereRef('done.tenant_id', '=', 'thing.tenant_id')
              .whereRef('done.owner_id', '=', 'thing.owner_id')
              .where('done.model', '=', model)
              .where('done.embedded', '=', true),
          ),
        ),
      );
    return (await others.union(unfinished).execute()).map(({ tenant_id }) => tenant_id);
  }
}
