import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';

import { json, type Tx } from '#platform/db';

import type { MlTables, ModelRow, PredictionRow, VersionRow } from './rows';

export type StoredModel = Selectable<ModelRow>;
export type StoredVersion = Selectable<VersionRow>;
export type StoredPrediction = Selectable<PredictionRow>;
export type NewPrediction = Omit<Insertable<PredictionRow>, 'tenant_id'>;

/** Models, their versions, and what they predicted. */
export class RegistryStore {
  /** The model of this name, made where there is none. */
  async modelNamed(tx: Tx<MlTables>, row: Insertable<ModelRow>): Promise<StoredModel> {
    return tx
      .insertInto('ml_models')
      .values(row)
      .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doUpdateSet({ name: row.name }))
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  async model(tx: Tx<MlTables>, tenantId: string, id: string): Promise<StoredModel | null> {
    const row = await tx
      .selectFrom('ml_models')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where((where) => where.or([where('id', '=', id), where('name', '=', id)]))
      .executeTakeFirst();
    return row ?? null;
  }

  modelsByIds(tx: Tx<MlTables>, tenantId: string, ids: readonly string[]): Promise<StoredModel[]> {
    return tx
      .selectFrom('ml_models')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .execute();
  }

  models(tx: Tx<MlTables>, tenantId: string): Promise<StoredModel[]> {
    return tx
      .selectFrom('ml_models')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1_000)
      .execute();
  }

  async updateModel(tx: Tx<MlTables>, key: { tenantId: string; id: string }, change: Updateable<ModelRow>): Promise<StoredModel | null> {
    const row = await tx
      .updateTable('ml_models')
      .set(change)
      .where('tenant_id', '=', key.tenantId)
      .where('id', '=', key.id)
      .returningAll()
      .executeTakeFirst();
    return row ?? null;
  }

  /** The next number is taken under the model's row lock, so that two trainings never share one. */
  async insertVersion(tx: Tx<MlTables>, row: Omit<Insertable<VersionRow>, 'version'>): Promise<StoredVersion> {
    await tx
      .selectFrom('ml_models')
      .select('id')
      .where('tenant_id', '=', row.tenant_id)
      .where('id', '=', row.model_id)
      .forUpdate()
      .execute();
    const { latest } = await tx
      .selectFrom('ml_versions')
      .select(sql<number | null>`max(version)`.as('latest'))
      .where('tenant_id', '=', row.tenant_id)
      .where('model_id', '=', row.model_id)
      .executeTakeFirstOrThrow();
    return tx
      .insertInto('ml_versions')
      .values({ ...row, version: Number(latest ?? 0) + 1 })
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  /** Newest first. */
  versions(tx: Tx<MlTables>, tenantId: string, modelIds: readonly string[]): Promise<Omit<StoredVersion, 'document'>[]> {
    const columns = [
      'tenant_id',
      'model_id',
      'version',
      'stage',
      'requested_stage',
      'requested_by',
      'algorithm',
      'metrics',
      'details',
      'lineage',
      'baseline',
      'job_id',
      'created_by',
      'created_at',
    ] as const;
    return tx
      .selectFrom('ml_versions')
      .select(columns)
      .where('tenant_id', '=', tenantId)
      .where('model_id', 'in', [...modelIds])
      .orderBy('version', 'desc')
      .execute();
  }

  async version(tx: Tx<MlTables>, key: { tenantId: string; modelId: string; version: number }): Promise<StoredVersion | null> {
    const row = await tx
      .selectFrom('ml_versions')
      .selectAll()
      .where('tenant_id', '=', key.tenantId)
      .where('model_id', '=', key.modelId)
      .where('version', '=', key.version)
      .executeTakeFirst();
    return row ?? null;
  }

  async updateVersion(
    tx: Tx<MlTables>,
    key: { tenantId: string; modelId: string; version: number },
    change: Updateable<VersionRow>,
  ): Promise<StoredVersion | null> {
    const row = await tx
      .updateTable('ml_versions')
      .set(change)
      .where('tenant_id', '=', key.tenantId)
      .where('model_id', '=', key.modelId)
      .where('version', '=', key.version)
      .returningAll()
      .executeTakeFirst();
    return row ?? null;
  }

  /** Whatever was in production becomes archived: one version of a model is. */
  async archiveProduction(tx: Tx<MlTables>, key: { tenantId: string; modelId: string }): Promise<void> {
    await tx
      .updateTable('ml_versions')
      .set({ stage: 'archived' })
      .where('tenant_id', '=', key.tenantId)
      .where('model_id', '=', key.modelId)
      .where('stage', '=', 'production')
      .execute();
  }

  /** Numbers and stages of a model's versions, oldest first. */
  stages(tx: Tx<MlTables>, tenantId: string, modelId: string): Promise<{ version: number; stage: string }[]> {
    return tx
      .selectFrom('ml_versions')
      .select(['version', 'stage'])
      .where('tenant_id', '=', tenantId)
      .where('model_id', '=', modelId)
      .orderBy('version')
      .execute();
  }

  /** Keeps the newest of a model's predictions. */
  async prunePredictions(tx: Tx<MlTables>, { tenantId, modelId }: { tenantId: string; modelId: string }, keep: number): Promise<void> {
    const oldest = tx
      .selectFrom('ml_predictions')
      .select('made_at')
      .where('tenant_id', '=', tenantId)
      .where('model_id', '=', modelId)
      .orderBy('made_at', 'desc')
      .offset(keep)
      .limit(1);
    await tx
      .deleteFrom('ml_predictions')
      .where('tenant_id', '=', tenantId)
      .where('model_id', '=', modelId)
      .where('made_at', '<=', oldest)
      .execute();
  }

  /** As one document: thousands of rows are one parameter. */
  async insertPredictions(tx: Tx<MlTables>, tenantId: string, rows: readonly NewPrediction[]): Promise<void> {
    if (rows.length === 0) return;
    await sql`insert into ml_predictions (tenant_id, id, model_id, version, role, features, prediction, latency_ms, made_at)
      select ${tenantId}, id, model_id, version, role, features, coalesce(prediction, 'null'), latency_ms, made_at
      from jsonb_to_recordset(${json(rows)}) as given(id text, model_id text, version integer, role text, features jsonb, prediction jsonb,
        latency_ms double precision, made_at timestamptz)`.execute(tx);
  }

  predictions(tx: Tx<MlTables>, tenantId: string, modelId: string): Promise<StoredPrediction[]> {
    return tx
      .selectFrom('ml_predictions')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('model_id', '=', modelId)
      .orderBy('made_at', 'desc')
      .limit(5_000)
      .execute();
  }
}
