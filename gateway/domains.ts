import path from 'node:path';

import type { RequestHandler } from 'express';

import type { Caller } from '#platform/auth';
import { loadConfig } from '#platform/config';
import { platformMigrations, type MigrationFolder } from '#platform/db';
import type { BuiltSubgraph } from '#platform/graphql';
import { createLifecycle, type Lifecycle } from '#platform/lifecycle';
import { silentLogger } from '#platform/telemetry';

import { agentsMigrations, createAgentsSubgraph } from '../subgraphs/agents';
import { chatMigrations, createChatSubgraph } from '../subgraphs/chat';
import { createDashboardSubgraph, dashboardMigrations } from '../subgraphs/dashboards';
import { createMlSubgraph, mlMigrations } from '../subgraphs/ml';
import { createLlmSubgraph, llmMigrations } from '../subgraphs/llm';
import { configuredEmbedders, createBuiltInEmbedder, createSearchSubgraph, searchMigrations } from '../subgraphs/search';
import { createOpenSource, createSandbox, createSqlSubgraph, prepareBuiltIn, sqlMigrations, type ReadySource } from '../subgraphs/sql';

import { openInfrastructure, type Infrastructure } from './infrastructure';
import { createAnalyst } from './ports/analyst';
import { createChatAnalyst } from './ports/chat-analyst';
import { createTrainingData, createTrainingSources } from './ports/training-data';
import { createDashboardPort, createDataPort, createPredictionPort, createSearchPort, createTrainingPort } from './ports/agent-ports';
import { createLlmAnalyst } from './ports/llm-analyst';
import { createDashboardReader } from './ports/dashboard-reader';
import { createQueryRunner } from './ports/query-runner';
import { createGraphClient, type GraphClient } from './ports/graph-client';
import { createKnowledge } from './ports/knowledge';
import { createConversationReader, createSourceReader } from './ports/search-readers';

export interface Domains {
  readonly subgraphs: readonly BuiltSubgraph[];
  readonly graph: GraphClient;
  /** Doors of single domains beside GraphQL and REST. */
  mounts(
    authenticate: (token: string | undefined) => Promise<Caller>,
  ): readonly { readonly path: string; readonly handler: RequestHandler }[];
  /** Adds a file of this machine as a source of a tenant. */
  importFile(request: { readonly tenantId: string; readonly file: string }): Promise<ReadySource>;
  /** Starts what the domains do in the background. */
  start(): Promise<void>;
}

export interface DomainOptions {
  readonly infrastructure: Infrastructure;
  readonly lifecycle: Lifecycle;
  readonly builtIn: readonly ReadySource[];
}

/** Tables of every domain, before any of them starts. */
export const migrations: readonly MigrationFolder[] = [
  platformMigrations,
  sqlMigrations,
  chatMigrations,
  searchMigrations,
  dashboardMigrations,
  llmMigrations,
  agentsMigrations,
  mlMigrations,
];

/** Subscriptions that tell only what comes from now on; the others begin with what is kept. */
export const liveFeeds: readonly string[] = ['dashboardChanged'];

/** Builds every domain and fulfils its ports: the one place that knows them all. */
export function createDomains({ infrastructure, lifecycle, builtIn }: DomainOptions): Domains {
  const { config, db, logger, secrets, dataDirectory, events } = infrastructure;
  const graph = createGraphClient();
  const analyst = createAnalyst(graph);

  const embedder = createBuiltInEmbedder();
  const llm = createLlmSubgraph({
    db,
    budgets: infrastructure.budgets,
    rates: infrastructure.limiter,
    analyst: createLlmAnalyst(analyst),
    embedder: {
      model: embedder.model,
      dimensions: embedder.dimension,
      embed: async (texts, signal) => (await embedder.embed(texts, signal)).map((vector) => Array.from(vector)),
    },
    encryptionKey: config.auth.ENCRYPTION_KEY ?? secrets.encryptionKey,
    allowPrivateHosts: config.auth.ALLOW_PRIVATE_HOSTS,
    deploymentModels: deploymentModels(config),
    logger: logger.child({ source: 'llm' }),
    metrics: infrastructure.metrics,
    bodyMaxBytes: config.server.BODY_MAX_BYTES,
  });
  lifecycle.register({ name: 'models', close: () => llm.close() });
  const sandbox = createSandbox({
    concurrency: config.sandbox.SANDBOX_PROCESSES,
    maxChildren: config.sandbox.SANDBOX_PROCESSES + 1,
    dataLimitMb: config.sandbox.SANDBOX_MEMORY_MB,
  });
  lifecycle.register({ name: 'sandbox', close: () => sandbox.close() });
  const sql = createSqlSubgraph({
    db,
    bus: infrastructure.bus,
    sandbox,
    filesDirectory: path.join(dataDirectory, 'files'),
    builtIn,
    models: (caller, { usageId, isFresh }) =>
      llm.router.languageModel(caller, { purpose: 'sql', ...(usageId ? { usageId } : {}), ...(isFresh ? { cache: 'off' } : {}) }),
    encryptionKey: config.auth.ENCRYPTION_KEY ?? secrets.encryptionKey,
    allowPrivateHosts: config.auth.ALLOW_PRIVATE_HOSTS,
    wrongAnswerRate: config.questions.WRONG_ANSWER_RATE,
    queryMaxBytes: config.sandbox.QUERY_MAX_BYTES,
    queryTimeoutSeconds: config.sandbox.QUERY_TIMEOUT_SECONDS,
    uploadMaxBytes: config.server.UPLOAD_MAX_BYTES,
    logger: logger.child({ source: 'sql' }),
  });
  lifecycle.register({ name: 'sources', close: () => sql.close() });

  const { embeddings } = config;
  const searchEmbedders = configuredEmbedders({
    url: embeddings.EMBEDDINGS_URL,
    model: embeddings.EMBEDDINGS_MODEL,
    apiKey: embeddings.EMBEDDINGS_API_KEY,
    folder: embeddings.EMBEDDINGS_FOLDER,
    dimension: embeddings.EMBEDDINGS_DIMENSION,
    threads: embeddings.EMBEDDINGS_THREADS,
    builtIn: embedder,
  });
  const search = createSearchSubgraph({
    db,
    bus: infrastructure.bus,
    jobs: infrastructure.jobs,
    location: path.join(dataDirectory, 'search'),
    embedder: searchEmbedders.embedder,
    formerEmbedder: searchEmbedders.former,
    sources: createSourceReader(graph),
    conversations: createConversationReader(graph),
    dashboards: createDashboardReader(graph),
    uploadMaxBytes: config.server.UPLOAD_MAX_BYTES,
    logger: logger.child({ source: 'search' }),
  });
  lifecycle.register({ name: 'search', close: () => search.close() });
  const dashboards = createDashboardSubgraph({
    db,
    log: events,
    jobs: infrastructure.jobs,
    cron: infrastructure.cron,
    runner: createQueryRunner(graph),
    linkSecret: config.auth.ENCRYPTION_KEY ?? secrets.encryptionKey,
    ...(config.mail.SMTP_URL ? { smtpUrl: config.mail.SMTP_URL } : {}),
    mailFrom: config.mail.MAIL_FROM,
    allowPrivateHosts: config.auth.ALLOW_PRIVATE_HOSTS,
  });
  lifecycle.register({ name: 'charts', close: () => dashboards.close() });
  const chat = createChatSubgraph({
    db,
    log: events,
    logger: logger.child({ source: 'chat' }),
    analyst: createChatAnalyst(analyst),
    knowledge: createKnowledge(graph),
    models: (caller, { usageId }) => llm.router.languageModel(caller, { usageId, purpose: 'chat' }),
  });
  lifecycle.register({ name: 'chat', drain: () => chat.stop() });
  const ml = createMlSubgraph({
    db,
    log: events,
    jobs: infrastructure.jobs,
    cron: infrastructure.cron,
    data: createTrainingData(graph),
    sources: createTrainingSources(graph),
    ...(config.redis.REDIS_URL ? { redisUrl: config.redis.REDIS_URL } : {}),
    logger: logger.child({ source: 'ml' }),
  });
  lifecycle.register({ name: 'models served', close: () => ml.stop() });
  const agents = createAgentsSubgraph({
    db,
    log: events,
    jobs: infrastructure.jobs,
    logger: logger.child({ source: 'agents' }),
    data: createDataPort(graph, analyst),
    search: createSearchPort(graph),
    dashboards: createDashboardPort(graph),
    predictions: createPredictionPort(graph),
    training: createTrainingPort(graph),
    models: (caller, { model, usageId }) => llm.router.languageModel(caller, { usageId, purpose: 'agent', ...(model ? { model } : {}) }),
    allowPrivateHosts: config.auth.ALLOW_PRIVATE_HOSTS,
  });
  lifecycle.register({ name: 'agents', drain: () => agents.stop() });

  return {
    subgraphs: [sql, chat, search, dashboards, llm, agents, ml],
    graph,
    mounts: (authenticate) => [
      { path: '/embed', handler: dashboards.embed },
      { path: '/', handler: ml.inference(authenticate) },
      {
        path: '/v1',
        handler: llm.openAiHttp((request) => authenticate(/^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1])),
      },
    ],
    importFile: ({ tenantId, file }) => sql.importLocalFile({ tenantId, userId: 'operator', roles: ['admin'], tier: 'enterprise' }, file),
    start: async () => {
      await chat.start();
      await search.start();
      await agents.start();
    },
  };
}

/** Providers that the deployment's settings give to all tenants. */
function deploymentModels({ models }: Infrastructure['config']): Parameters<typeof createLlmSubgraph>[0]['deploymentModels'] {
  const compatible =
    models.OPENAI_COMPATIBLE_URL && models.OPENAI_COMPATIBLE_MODEL
      ? {
          url: models.OPENAI_COMPATIBLE_URL,
          model: models.OPENAI_COMPATIBLE_MODEL,
          ...(models.OPENAI_COMPATIBLE_API_KEY ? { apiKey: models.OPENAI_COMPATIBLE_API_KEY } : {}),
        }
      : undefined;
  return {
    ...(models.OPENAI_API_KEY ? { openaiKey: models.OPENAI_API_KEY } : {}),
    ...(models.ANTHROPIC_API_KEY ? { anthropicKey: models.ANTHROPIC_API_KEY } : {}),
    ...(models.GOOGLE_GENERATIVE_AI_API_KEY ? { googleKey: models.GOOGLE_GENERATIVE_AI_API_KEY } : {}),
    ...(compatible ? { compatible } : {}),
    ...(models.LOCAL_MODEL_PATH ? { local: { path: models.LOCAL_MODEL_PATH, threads: models.LOCAL_MODEL_THREADS } } : {}),
  };
}

/** The demo sources, built where they are not there yet. */
export async function prepareSources(
  { config, dataDirectory }: Infrastructure,
  say: (line: string) => void,
): Promise<readonly ReadySource[]> {
  const wanted = config.server.DEMO_DATA ?? (config.server.NODE_ENV === 'production' ? 'false' : 'true');
  if (wanted !== 'true') return [];
  const sandbox = createSandbox({ concurrency: 1, maxChildren: 1, dataLimitMb: config.sandbox.SANDBOX_MEMORY_MB, warm: false });
  try {
    return await prepareBuiltIn({
      directory: path.join(dataDirectory, 'demo'),
      open: createOpenSource({ sandbox, allowPrivateHosts: false }),
      now: new Date(),
      onBuild: (title) => say(`Building the demo data: ${title} …`),
    });
  } finally {
    await sandbox.close();
  }
}

/** The domains' schemas alone, for composition: everything in memory, nothing listens. */
export async function domainSchemas(): Promise<readonly Pick<BuiltSubgraph, 'name' | 'sdl'>[]> {
  const lifecycle = createLifecycle();
  const infrastructure = await openInfrastructure({ config: loadConfig({}), logger: silentLogger, lifecycle, inMemory: true });
  const { subgraphs } = createDomains({ infrastructure, lifecycle, builtIn: [] });
  await lifecycle.stop();
  return subgraphs.map(({ name, sdl }) => ({ name, sdl }));
}
