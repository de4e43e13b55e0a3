/** The model that the product's settings name (`OPENAI_COMPATIBLE_URL`, `OPENAI_API_KEY` …), as second author beside the engine. */
import { loadConfig } from '#platform/config';
import { errors } from '#platform/errors';
import { createBudgetStore, createMemoryRateLimiter } from '#platform/limits';
import { createMetrics, silentLogger } from '#platform/telemetry';

import { createLlmSubgraph, llmMigrations } from '../../subgraphs/llm';
import { ModelAuthor } from '../../subgraphs/sql/service/authors/model-author';
import type { Generation, QueryTree } from '../../subgraphs/sql/service/engine';
import type { GenerationResult } from '../../subgraphs/sql/service/generation-result';
import { checkSql } from '../../subgraphs/sql/service/guard';
import { draftModel } from '../../subgraphs/sql/service/semantic-model';
import type { ReadySource } from '../../subgraphs/sql/service/sources/ready-source';
import { testDatabase } from '../../test/kit/database';
import type { AsyncDatabase } from './duckdb';

const caller = { tenantId: 'eval', userId: 'eval', roles: ['admin' as const], tier: 'enterprise' as const };

export interface Asked {
  readonly strategy: 'llm' | 'auto';
  readonly question: string;
  readonly id: string;
  readonly database: AsyncDatabase;
  readonly read: Generation | undefined;
  readonly before: { readonly tree: QueryTree | null; readonly question: string; readonly sql: string } | null;
}

export interface Answered {
  readonly sql: string | null;
  readonly confidence: number;
  readonly engine: 'semantic' | 'llm';
}

export interface ModelAnswers {
  answer(asked: Asked): Promise<Answered>;
  close(): Promise<void>;
}

/** Null where no model is configured. */
export async function openModel(): Promise<ModelAnswers | null> {
  const { models } = loadConfig();
  const db = await testDatabase([llmMigrations]);
  const compatible =
    models.OPENAI_COMPATIBLE_URL && models.OPENAI_COMPATIBLE_MODEL
      ? {
          url: models.OPENAI_COMPATIBLE_URL,
          model: models.OPENAI_COMPATIBLE_MODEL,
          ...(models.OPENAI_COMPATIBLE_API_KEY ? { apiKey: models.OPENAI_COMPATIBLE_API_KEY } : {}),
        }
      : undefined;
  const llm = createLlmSubgraph({
    db,
    budgets: createBudgetStore({ db }),
    rates: createMemoryRateLimiter(),
    analyst: null,
    embedder: null,
    encryptionKey: 'the evaluation keeps no secrets: this one is not used',
    allowPrivateHosts: true,
    deploymentModels: {
      ...(models.OPENAI_API_KEY ? { openaiKey: models.OPENAI_API_KEY } : {}),
      ...(models.ANTHROPIC_API_KEY ? { anthropicKey: models.ANTHROPIC_API_KEY } : {}),
      ...(models.GOOGLE_GENERATIVE_AI_API_KEY ? { googleKey: models.GOOGLE_GENERATIVE_AI_API_KEY } : {}),
      ...(compatible ? { compatible } : {}),
    },
    logger: silentLogger,
    metrics: createMetrics(),
  });
  const close = async (): Promise<void> => {
    await llm.close();
    await db.close();
  };
  if (!(await llm.router.languageModel(caller))) {
    await close();
    return null;
  }
  const databases = new Map<string, AsyncDatabase>();
  const author = new ModelAuthor({
    models: (who) => llm.router.languageModel(who),
    runner: { peek: (_caller, { source, sql }) => run(databases.get(source.id)!, sql) },
    checkSql,
    examples: () => Promise.resolve([]),
  });
  return {
    close,
    async answer({ strategy, question, id, database, read, before }) {
      const own: Answered = { sql: read?.sql ?? null, confidence: read?.confidence ?? 0, engine: 'semantic' };
      if (strategy === 'auto' && own.sql !== null && own.confidence >= author.enough) return own;
      databases.set(id, database);
      const source = sourceOf(id, database);
      const best: GenerationResult | undefined = read && {
        ...read,
        queryId: null,
        source,
        engine: 'semantic',
        attempts: [],
        model: null,
        tokensUsed: 0,
      };
      const written = await author
        .write(caller, {
          question: { question, strategy },
          source,
          previous: before && { ...before, history: [] },
          now: new Date(),
          ...(best ? { best } : {}),
        })
        .catch(() => null);
      const theirs: Answered | null = written && { sql: written.sql, confidence: written.confidence, engine: 'llm' };
      if (strategy === 'llm') return theirs ?? { sql: null, confidence: 0, engine: 'llm' };
      return theirs && theirs.sql !== null && (own.sql === null || theirs.confidence > own.confidence) ? theirs : own;
    },
  };
}

async function run(database: AsyncDatabase, sql: string) {
  try {
    const rows = (await database.rows(sql)) as (readonly (string | number | null)[])[];
    return { columns: [], rows: rows.slice(0, 200), truncated: rows.length > 200, executionTimeMs: 0 };
  } catch (error) {
    throw errors.QUERY_FAILED({ reason: error instanceof Error ? error.message : 'the statement failed' });
  }
}

const sourceOf = (id: string, { catalog }: AsyncDatabase): ReadySource => ({
  id,
  tenantId: 'eval',
  name: id,
  kind: catalog.dialect === 'sqlite' || catalog.dialect === 'postgresql' ? catalog.dialect : 'duckdb',
  status: 'ready',
  problem: null,
  connection: {},
  sealedCredentials: null,
  catalog,
  model: draftModel(catalog),
  modelInferred: true,
  dataVersion: '1',
  createdAt: new Date(0),
  refreshedAt: new Date(0),
});
