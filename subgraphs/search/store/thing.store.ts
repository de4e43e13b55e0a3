import type { Selectable } from 'kysely';

import type { Tx } from '#platform/db';

import type { SearchTables, ThingRow } from './rows';

export type StoredThing = Selectable<ThingRow>;
export type ThingKey = Pick<StoredThing, 'tenant_id' | 'kind' | 'owner_id'>;

/** Every searchable thing, with a revision that tells two indexers of one thing of each other. */
export class ThingStore {
  /** Says that the thing is about to be indexed, and gives its revision. */
  async raise(tx: Tx<SearchTables>, key: ThingKey): Promise<string> {
    const { revision } = await tx
      .insertInto('search_things')
      .values(key)
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'kind', 'owner_id']).doUpdateSet((row) => ({ revision: row('search_things.revision', '+', '1') })),
      )
      .returning('revision')
      .executeTakeFirstOrThrow();
    return revision;
  }

  /** Locked until the transaction ends; null where the thing was forgotten meanwhile. */
  async revision(tx: Tx<SearchTables>, key: ThingKey): Promise<string | null> {
    const row = await tx
      .selectFrom('search_things')
      .select('revision')
      .where('tenant_id', '=', key.tenant_id)
      .where('kind', '=', key.kind)
      .where('owner_id', '=', key.owner_id)
      .forUpdate()
      .executeTakeFirst();
    return row?.revision ?? null;
  }

  async remove(tx: Tx<SearchTables>, key: ThingKey): Promise<void> {
    await tx
      .deleteFrom('search_things')
      .where('tenant_id', '=', key.tenant_id)
      .where('kind', '=', key.kind)
      .where('owner_id', '=', key.owner_id)
      .execute();
  }

  list(tx: Tx<SearchTables>, tenantId: string): Promise<StoredThing[]> {
    return tx.selectFrom('search_things').selectAll().where('tenant_id', '=', tenantId).orderBy('kind').orderBy('owner_id').execute();
  }

  /** Those that this model has not embedded yet. */
  behind(tx: Tx<SearchTables>, tenantId: string, model: string): Promise<StoredThing[]> {
    return tx
      .selectFrom('search_things as thing')
      .selectAll('thing')
      .where('thing.tenant_id', '=', tenantId)
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
      )
      .orderBy('thing.kind')
      .orderBy('thing.owner_id')
      .execute();
  }
}
