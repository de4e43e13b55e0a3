import type { Selectable } from 'kysely';

import { json, type Tx } from '#platform/db';

import type { ConfigRow, LlmTables } from './rows';

export type StoredConfig = Selectable<ConfigRow>;

export class ConfigStore {
  async find(tx: Tx<LlmTables>, tenantId: string): Promise<StoredConfig | null> {
    return (await tx.selectFrom('llm_configs').selectAll().where('tenant_id', '=', tenantId).executeTakeFirst()) ?? null;
  }

  /** 0 where nothing is stored. */
  async version(tx: Tx<LlmTables>, tenantId: string): Promise<number> {
    const row = await tx.selectFrom('llm_configs').select('version').where('tenant_id', '=', tenantId).executeTakeFirst();
    return row?.version ?? 0;
  }

  /** Writes where the stored version is still `expectedVersion`; null where another writer was faster. */
  async put(
    tx: Tx<LlmTables>,
    config: { tenantId: string; expectedVersion: number; settings: object; userId: string },
  ): Promise<number | null> {
    const { tenantId, expectedVersion, settings, userId } = config;
    const values = { version: expectedVersion + 1, settings: json(settings), updated_by: userId, updated_at: new Date() };
    const written =
      expectedVersion === 0
        ? await tx
            .insertInto('llm_configs')
            .values({ tenant_id: tenantId, ...values })
            .onConflict((conflict) => conflict.column('tenant_id').doNothing())
            .returning('version')
            .executeTakeFirst()
        : await tx
            .updateTable('llm_configs')
            .set(values)
            .where('tenant_id', '=', tenantId)
            .where('version', '=', expectedVersion)
            .returning('version')
            .executeTakeFirst();
    return written?.version ?? null;
  }

  async keys(tx: Tx<LlmTables>, tenantId: string): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.selectFrom('llm_provider_keys').select(['provider', 'sealed']).where('tenant_id', '=', tenantId).execute();
    return new Map(rows.map(({ provider, sealed }) => [provider, sealed]));
  }

  async putKey(tx: Tx<LlmTables>, key: { tenantId: string; provider: string; sealed: string }): Promise<void> {
    await tx
      .insertInto('llm_provider_keys')
      .values({ tenant_id: key.tenantId, provider: key.provider, sealed: key.sealed })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'provider']).doUpdateSet({ sealed: key.sealed }))
      .execute();
  }

  /** Forgets the keys of providers that are not in `keep`. */
  async dropKeys(tx: Tx<LlmTables>, tenantId: string, keep: readonly string[]): Promise<void> {
    let query = tx.deleteFrom('llm_provider_keys').where('tenant_id', '=', tenantId);
    if (keep.length > 0) query = query.where('provider', 'not in', [...keep]);
    await query.execute();
  }
}
