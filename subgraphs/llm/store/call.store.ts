import { sql, type Insertable } from 'kysely';

import type { Tx } from '#platform/db';

import type { CallRow, LlmTables } from './rows';

export interface UsageRow {
  readonly provider: string;
  readonly model: string;
  readonly requests: number;
  readonly failed: number;
  readonly cached: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cost_usd: number;
  readonly saved_usd: number;
}

export interface PerformanceRow {
  readonly provider: string;
  readonly model: string;
  readonly attempts: number;
  readonly failed: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly first_token_p50: number | null;
  readonly first_token_p95: number | null;
  readonly tokens_per_second: number | null;
}

export interface SubjectUsageRow {
  readonly usage_id: string;
  readonly requests: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cost_usd: number;
  readonly models: readonly string[];
}

export interface CacheUseRow {
  readonly cache: 'miss' | 'exact' | 'semantic';
  readonly requests: number;
  readonly saved_usd: number;
  readonly saved_ms: number;
  readonly saved_tokens: number;
}

const count = sql<number>`count(*)::int`;
const countOf = (condition: ReturnType<typeof sql>) => sql<number>`(count(*) filter (where ${condition}))::int`;
const percentile = (share: number, column: string) =>
  sql<number | null>`percentile_cont(${sql.lit(share)}) within group (order by ${sql.ref(column)}) filter (where status = 'answered')`;

export class CallStore {
  /** Rows have all columns. One parameter, however many rows: naming each value is most of what an insert costs. */
  async insertMany(tx: Tx<LlmTables>, rows: readonly Insertable<CallRow>[]): Promise<void> {
    if (rows.length === 0) return;
    await sql`insert into llm_calls select * from json_populate_recordset(null::llm_calls, cast(${JSON.stringify(rows)} as json))
      on conflict do nothing`.execute(tx);
  }

  /** By provider and model, most expensive first. */
  usage(tx: Tx<LlmTables>, tenantId: string, range: { since: Date; userId?: string }): Promise<UsageRow[]> {
    let query = tx
      .selectFrom('llm_calls')
      .select([
        'provider',
        'model',
        countOf(sql`is_last`).as('requests'),
        countOf(sql`is_last and status in ('failed', 'interrupted')`).as('failed'),
        countOf(sql`status = 'cached'`).as('cached'),
        sql<number>`(coalesce(sum(prompt_tokens) filter (where status <> 'cached'), 0))::float8`.as('prompt_tokens'),
        sql<number>`(coalesce(sum(completion_tokens) filter (where status <> 'cached'), 0))::float8`.as('completion_tokens'),
        sql<number>`sum(cost_usd)::float8`.as('cost_usd'),
        sql<number>`sum(saved_usd)::float8`.as('saved_usd'),
      ])
      .where('tenant_id', '=', tenantId)
      .where('created_at', '>=', range.since)
      .groupBy(['provider', 'model'])
      .orderBy('cost_usd', 'desc')
      .orderBy('provider')
      .orderBy('model');
    if (range.userId !== undefined) query = query.where('user_id', '=', range.userId);
    return query.execute();
  }

  /** One line a UTC day, oldest first. */
  daily(tx: Tx<LlmTables>, tenantId: string, since: Date): Promise<{ day: string; requests: number; tokens: number; cost_usd: number }[]> {
    return tx
      .selectFrom('llm_calls')
      .select([
        sql<string>`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')`.as('day'),
        countOf(sql`is_last`).as('requests'),
        sql<number>`(coalesce(sum(prompt_tokens + completion_tokens) filter (where status <> 'cached'), 0))::float8`.as('tokens'),
        sql<number>`sum(cost_usd)::float8`.as('cost_usd'),
      ])
      .where('tenant_id', '=', tenantId)
      .where('created_at', '>=', since)
      .groupBy('day')
      .orderBy('day')
      .execute();
  }

  /** Attempts, by provider and model; answers from the cache say nothing about a provider and are left out. */
  performance(tx: Tx<LlmTables>, tenantId: string, since: Date): Promise<PerformanceRow[]> {
    return tx
      .selectFrom('llm_calls')
      .select([
        'provider',
        'model',
        count.as('attempts'),
        countOf(sql`status in ('failed', 'interrupted')`).as('failed'),
        percentile(0.5, 'latency_ms').as('p50'),
        percentile(0.95, 'latency_ms').as('p95'),
        percentile(0.99, 'latency_ms').as('p99'),
        percentile(0.5, 'first_token_ms').as('first_token_p50'),
        percentile(0.95, 'first_token_ms').as('first_token_p95'),
        sql<
          number | null
        >`(sum(completion_tokens) filter (where status = 'answered'))::float8 * 1000 / nullif(sum(latency_ms) filter (where status = 'answered'), 0)`.as(
          'tokens_per_second',
        ),
      ])
      .where('tenant_id', '=', tenantId)
      .where('created_at', '>=', since)
      .where('status', '<>', 'cached')
      .where('status', '<>', 'cancelled')
      .groupBy(['provider', 'model'])
      .orderBy('provider')
      .orderBy('model')
      .execute();
  }

  /** What the calls of each message or run came to. */
  bySubject(tx: Tx<LlmTables>, tenantId: string, usageIds: readonly string[]): Promise<SubjectUsageRow[]> {
    return tx
      .selectFrom('llm_calls')
      .select([
        sql<string>`usage_id`.as('usage_id'),
        countOf(sql`is_last`).as('requests'),
        sql<number>`(coalesce(sum(prompt_tokens) filter (where status <> 'cached'), 0))::float8`.as('prompt_tokens'),
        sql<number>`(coalesce(sum(completion_tokens) filter (where status <> 'cached'), 0))::float8`.as('completion_tokens'),
        sql<number>`sum(cost_usd)::float8`.as('cost_usd'),
        sql<string[]>`array_agg(distinct model)`.as('models'),
      ])
      .where('tenant_id', '=', tenantId)
      .where('usage_id', 'in', [...usageIds])
      .groupBy('usage_id')
      .execute();
  }

  cacheUse(tx: Tx<LlmTables>, tenantId: string, since: Date): Promise<CacheUseRow[]> {
    return tx
      .selectFrom('llm_calls')
      .select([
        sql<CacheUseRow['cache']>`cache`.as('cache'),
        countOf(sql`is_last`).as('requests'),
        sql<number>`sum(saved_usd)::float8`.as('saved_usd'),
        sql<number>`sum(saved_ms)::float8`.as('saved_ms'),
        sql<number>`(coalesce(sum(prompt_tokens + completion_tokens) filter (where status = 'cached'), 0))::float8`.as('saved_tokens'),
      ])
      .where('tenant_id', '=', tenantId)
      .where('created_at', '>=', since)
      .where('cache', '<>', 'off')
      .groupBy('cache')
      .execute();
  }

  async deleteBefore(tx: Tx<LlmTables>, tenantId: string, before: Date): Promise<void> {
    await tx.deleteFrom('llm_calls').where('tenant_id', '=', tenantId).where('created_at', '<', before).execute();
  }
}
