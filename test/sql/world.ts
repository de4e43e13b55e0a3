import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';
import { graphql, type GraphQLSchema } from 'graphql';

import { createLlmSubgraph, llmMigrations } from '../../subgraphs/llm';
import { createOpenSource, createSandbox, createSqlSubgraph, prepareBuiltIn, sqlMigrations, type ReadySource } from '../../subgraphs/sql';
import { bakeryStatements } from '../../subgraphs/sql/service/engine/testing/bakery-database';
import { testDatabase, type TestDatabase } from '../kit/database';
import { startFakeModel, type FakeModel } from '../kit/fake-model';

import type { Caller } from '#platform/auth';
import { findAppError } from '#platform/errors';
import { createEventBus } from '#platform/events';
import { createRequestContext } from '#platform/graphql';
import { createJobQueue } from '#platform/jobs';
import { createBudgetStore, createMemoryRateLimiter } from '#platform/limits';
import { createMetrics, silentLogger } from '#platform/telemetry';

export interface SqlWorld extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly schema: GraphQLSchema;
  /** The demo sources, where the world has them. */
  readonly builtIn: readonly ReadySource[];
  /** The model's other end; null in a world without a model. */
  readonly provider: FakeModel | null;
  /** Gives a tenant the bakery's tables in a DuckDB file. */
  bakery(caller: Caller): Promise<ReadySource>;
  /** The first field of an operation; throws the catalogue error behind the first problem. */
  run(caller: Caller, document: string, variables?: Record<string, unknown>, signal?: AbortSignal): Promise<any>;
  ask(caller: Caller, input: Record<string, unknown>): Promise<any>;
}

const answerFields = `queryId sourceId sql explanation confidence engine schemaTablesUsed warnings unusedWords interpretation { words clause }
  alternatives { sql } attempts { sql error } model tokensUsed rows rowCount cacheHit
  clarification { question notUnderstood nearest { words names } options { label sql result { columns rows } } }`;

/** The sql domain on a real database, sandbox and files; the model, where there is one, through the llm domain and HTTP. */
export async function sqlWorld({
  withModel = false,
  allowPrivateHosts = false,
  now = () => new Date('2024-10-15T12:00:00Z'),
  withDemo = false,
} = {}): Promise<SqlWorld> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-sql-'));
  const db = await testDatabase([sqlMigrations, llmMigrations]);
  const provider = withModel ? await startFakeModel() : null;
  const sandbox = createSandbox({ concurrency: 2, warm: false });
  const open = createOpenSource({ sandbox, allowPrivateHosts });
  const builtIn = withDemo ? await prepareBuiltIn({ directory: folder, open, now: now() }) : [];
  const encryptionKey = 'a-test-key-that-is-long-enough-000000';
  const llm = createLlmSubgraph({
    db,
    budgets: createBudgetStore({ db }),
    rates: createMemoryRateLimiter(),
    analyst: null,
    embedder: null,
    encryptionKey,
    allowPrivateHosts: true,
    deploymentModels: provider ? { compatible: { url: provider.url, model: 'scripted' } } : {},
    logger: silentLogger,
    metrics: createMetrics(),
  });
  const jobs = createJobQueue({ db });
  const sql = createSqlSubgraph({
    db,
    bus: createEventBus({ db, jobs }),
    sandbox,
    filesDirectory: path.join(folder, 'files'),
    builtIn,
    models: (caller, { isFresh }) => llm.router.languageModel(caller, isFresh ? { cache: 'off' } : {}),
    encryptionKey,
    allowPrivateHosts,
    wrongAnswerRate: 0.72,
    queryMaxBytes: 4_000_000,
    queryTimeoutSeconds: 120,
    // A slow machine must not change what is compared, and so what is asked back.
    rivalBudget: { milliseconds: 60_000 },
    uploadMaxBytes: 1_000_000,
    logger: silentLogger,
    now,
  });

  const run: SqlWorld['run'] = async (caller, source, variableValues = {}, signal) => {
    const contextValue = createRequestContext({ caller, requestId: 'req-1', ...(signal ? { signal } : {}) });
    const { data, errors = [] } = await graphql({ schema: sql.schema, source, variableValues, contextValue });
    if (errors[0]) throw findAppError(errors[0]) ?? errors[0].originalError ?? errors[0];
    return Object.values(data ?? {})[0];
  };

  return {
    db,
    schema: sql.schema,
    builtIn,
    provider,
    run,
    ask: (caller, input) =>
      run(caller, `mutation ($input: AskQuestionInput!) { askQuestion(input: $input) { ${answerFields} } }`, { input }),
    async bakery(caller) {
      const file = path.join(folder, `${caller.tenantId}.duckdb`);
      const instance = await DuckDBInstance.create(file);
      const connection = await instance.connect();
      await connection.run(bakeryStatements);
      connection.closeSync();
      instance.closeSync();
      return sql.importLocalFile(caller, file);
    },
    async [Symbol.asyncDispose]() {
      await sql.close();
      await llm.close();
      await sandbox.close();
      await provider?.close();
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
