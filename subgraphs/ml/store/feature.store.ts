import type { Insertable, Selectable, Updateable } from 'kysely';

import type { Tx } from '#platform/db';

import type { FeatureRow, FeatureSetRow, MlTables } from './rows';

export type StoredFeatureSet = Selectable<FeatureSetRow>;

export class FeatureStore {
  insert(tx: Tx<MlTables>, row: Insertable<FeatureSetRow>): Promise<StoredFeatureSet> {
    return tx.insertInto('ml_feature_sets').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async find(tx: Tx<MlTables>, tenantId: string, id: string): Promise<StoredFeatureSet | null> {
    const row = await tx
      .selectFrom('ml_feature_sets')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where((where) => where.or([where('id', '=', id), where('name', '=', id)]))
      .executeTakeFirst();
    return row ?? null;
  }

  list(tx: Tx<MlTables>, tenantId: string): Promise<StoredFeatureSet[]> {
    return tx
      .selectFrom('ml_feature_sets')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1_000)
      .execute();
  }

  async update(tx: Tx<MlTables>, key: { tenantId: string; id: string }, change: Updateable<FeatureSetRow>): Promise<void> {
    await tx.updateTable('ml_feature_sets').set(change).where('tenant_id', '=', key.tenantId).where('id', '=', key.id).execute();
  }

  /** The latest row of each entity replaces what was there. */
  async replaceRows(
    tx: Tx<MlTables>,
    key: { tenantId: string; featureSetId: string },
    rows: readonly Insertable<FeatureRow>[],
  ): Promise<void> {
    await tx.deleteFrom('ml_feature_rows').where('tenant_id', '=', key.tenantId).where('feature_set_id', '=', key.featureSetId).execute();
    for (let start = 0; start < rows.length; start += 1_000)
      await tx
        .insertInto('ml_feature_rows')
        .values(rows.slice(start, start + 1_000))
        .execute();
  }

  rows(tx: Tx<MlTables>, key: { tenantId: string; featureSetId: string }, entities: readonly string[]): Promise<Selectable<FeatureRow>[]> {
    return tx
      .selectFrom('ml_feature_rows')
      .selectAll()
      .where('tenant_id', '=', key.tenantId)
      .where('feature_set_id', '=', key.featureSetId)
      .where('entity_key', 'in', [...entities])
      .execute();
  }
}
