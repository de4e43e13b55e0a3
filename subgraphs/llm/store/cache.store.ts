import { sql, type Insertable, type Selectable } from 'kysely';

import type { Tx } from '#platform/db';

import type { CacheRow, LlmTables } from './rows';

export type StoredAnswer = Selectable<CacheRow>;
export type CacheIndexRow = Pick<StoredAnswer, 'key' | 'scope' | 'question' | 'embedding' | 'created_at' | 'expires_at'>;

/** PostgreSQL takes at most 65,535 parameters. */
const chunk = 500;

export class CacheStore {
  /** What a process needs to know that an answer may be there, newest first; those older than `before`. */
  index(
    tx: Tx<LlmTables>,
    tenantId: string,
    page: { readonly before: CacheIndexRow | null; readonly limit: number },
  ): Promise<CacheIndexRow[]> {
    let query = tx
      .selectFrom('llm_cache')
      .select(['key', 'scope', 'question', 'embedding', 'created_at', 'expires_at'])
      .where('tenant_id', '=', tenantId)
      .where('expires_at', '>', sql<Date>`now()`);
    if (page.before) query = query.where(sql<boolean>`(created_at, key) < (${page.before.created_at}, ${page.before.key})`);
    return query.orderBy('created_at', 'desc').orderBy('key', 'desc').limit(page.limit).execute();
  }

  /** The answer, counted as a hit; null where it expired or was invalidated, also a moment ago in another process. */
  async take(tx: Tx<LlmTables>, tenantId: string, key: string): Promise<StoredAnswer | null> {
    const row = await tx
      .updateTable('llm_cache')
      .set((update) => ({ hits: update('hits', '+', 1) }))
      .where('tenant_id', '=', tenantId)
      .where('key', '=', key)
      .where('expires_at', '>', sql<Date>`now()`)
      .returningAll()
      .executeTakeFirst();
    return row ?? null;
  }

  /** Also forgets what has expired. Keys are unique among the rows. */
  async putMany(tx: Tx<LlmTables>, tenantId: string, rows: readonly Insertable<CacheRow>[]): Promise<void> {
    await tx
      .deleteFrom('llm_cache')
      .where('tenant_id', '=', tenantId)
      .where('expires_at', '<=', sql<Date>`now()`)
      .execute();
    for (let from = 0; from < rows.length; from += chunk) {
      await tx
        .insertInto('llm_cache')
        .values(rows.slice(from, from + chunk))
        .onConflict((conflict) =>
          conflict.columns(['tenant_id', 'key']).doUpdateSet((given) => ({
            answer: given.ref('excluded.answer'),
            embedding: given.ref('excluded.embedding'),
            tags: given.ref('excluded.tags'),
            prompt_tokens: given.ref('excluded.prompt_tokens'),
            completion_tokens: given.ref('excluded.completion_tokens'),
            cost_usd: given.ref('excluded.cost_usd'),
            latency_ms: given.ref('excluded.latency_ms'),
            created_at: given.ref('excluded.created_at'),
            expires_at: given.ref('excluded.expires_at'),
          })),
        )
        .execute();
    }
  }

  /** Drops answers with any of the tags; all answers of the model; or everything. Returns how many. */
  async invalidate(tx: Tx<LlmTables>, tenantId: string, what: { tags?: readonly string[]; model?: string }): Promise<number> {
    let query = tx.deleteFrom('llm_cache').where('tenant_id', '=', tenantId);
    if (what.tags) query = query.where(sql<boolean>`tags && cast(${[...what.tags]} as text[])`);
    if (what.model !== undefined) query = query.where('model', '=', what.model);
    const result = await query.executeTakeFirst();
    return Number(result.numDeletedRows);
  }

  async size(tx: Tx<LlmTables>, tenantId: string): Promise<{ entries: number; bytes: number }> {
    const row = await tx
      .selectFrom('llm_cache')
      .select([sql<number>`count(*)::int`.as('entries'), sql<number>`coalesce(sum(length(answer::text)), 0)::float8`.as('bytes')])
      .where('tenant_id', '=', tenantId)
      .where('expires_at', '>', sql<Date>`now()`)
      .executeTakeFirstOrThrow();
    return { entries: row.entries, bytes: row.bytes };
  }
}
