import path from 'node:path';

import type { LanguageModelV3 } from '@ai-sdk/provider';
import type { Request, RequestHandler } from 'express';

import type { Caller } from '#platform/auth';
import type { Database, MigrationFolder } from '#platform/db';
import { errors } from '#platform/errors';
import { buildSubgraph, type BuiltSubgraph } from '#platform/graphql';
import type { BudgetStore, RateLimiter } from '#platform/limits';
import type { Logger, Metrics } from '#platform/telemetry';

import { ConfigResolver } from './resolvers/config.resolver';
import { DecisionResolver } from './resolvers/decision.resolver';
import { openAiHttp } from './resolvers/openai-http';
import { toDecision } from './resolvers/present';
import { decisionLoader, RouteResolver } from './resolvers/route.resolver';
import { TenantResolver, usageOf, UsageResolver } from './resolvers/usage.resolver';
import { LlmUsage, Tenant } from './schema/usage.type';
import { BudgetKeeper } from './service/budget/budget-keeper';
import { AnswerCache } from './service/cache/answer-cache';
import { CacheService } from './service/cache/cache.service';
import { ConfigDirectory, type DeploymentProvider } from './service/config/config-directory';
import { ConfigService } from './service/config/config.service';
import { deploymentProviders, type DeploymentModels } from './service/config/deployment-providers';
import { GuardRegistry } from './service/config/guard-registry';
import { DecisionService } from './service/decision.service';
import { EmbeddingsService } from './service/embeddings.service';
import { createGuardedFetch } from './service/network/guarded-fetch';
import type { Analyst, Embedder } from './service/ports';
import type { GuardOptions } from './service/resilience/model-guard';
import { RouteService } from './service/route.service';
import { LlmRouter } from './service/router/llm-router';
import { routedModel, type ModelOptions } from './service/router/routed-model';
import { LocalModel } from './service/providers/local-model';
import { createSecretBox } from './service/secrets/secret-box';
import { CallLog } from './service/usage/call-log';
import { createLlmMetrics } from './service/usage/llm-metrics';
import { UsageService } from './service/usage/usage.service';
import { BudgetWarningStore } from './store/budget-warning.store';
import { CacheStore } from './store/cache.store';
import { CallStore } from './store/call.store';
import { ConfigStore } from './store/config.store';
import { DecisionStore } from './store/decision.store';
import type { LlmTables } from './store/rows';

export type { Analyst, AnalystAnswer, Embedder } from './service/ports';
export type { ModelOptions } from './service/router/routed-model';

export const llmMigrations: MigrationFolder = { name: 'llm', directory: path.join(__dirname, 'store', 'migrations') };

export interface LlmDependencies {
  readonly db: Database;
  readonly budgets: BudgetStore;
  /** For the rate limits of providers, over all processes. */
  readonly rates: RateLimiter;
  /** Answers for the built-in model; null where no data engine is in reach. */
  readonly analyst: Analyst | null;
  /** For the semantic cache and `/v1/embeddings`; null: only exact caching. */
  readonly embedder: Embedder | null;
  readonly encryptionKey: string;
  readonly allowPrivateHosts: boolean;
  /** Providers that the operator gives to all tenants, by the names of the configuration's `models` concern. */
  readonly deploymentModels?: DeploymentModels;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly bodyMaxBytes?: number;
  readonly now?: () => Date;
  /** For tests: thresholds of the breakers, and how soon another process's configuration is noticed. */
  readonly guard?: Omit<GuardOptions, 'maxConcurrent'>;
  readonly configFreshMs?: number;
}

export interface ModelSource {
  /** A model of the AI SDK that goes through the router, for one caller; null where nothing but the built-in engine is configured. */
  languageModel(caller: Caller, options?: ModelOptions): Promise<LanguageModelV3 | null>;
}

export interface LlmSubgraph extends BuiltSubgraph {
  readonly router: ModelSource;
  /** To be mounted at `/v1`: the routes below it in OpenAI’s shape. `authenticate` gives the caller of a request, or throws. */
  openAiHttp(authenticate: (request: Request) => Promise<Caller>): RequestHandler;
  /** Ends the open streams, cuts the connections to providers, then writes what is not written yet. */
  close(): Promise<void>;
}

/** The llm domain: one door to every model. */
export function createLlmSubgraph(deps: LlmDependencies): LlmSubgraph {
  const db = deps.db.withTables<LlmTables>();
  const { logger } = deps;
  const now = deps.now ?? (() => new Date());
  const network = createGuardedFetch({ allowPrivate: deps.allowPrivateHosts });
  const secrets = createSecretBox(deps.encryptionKey);
  const metrics = createLlmMetrics(deps.metrics);
  const local = deps.deploymentModels?.local ? new LocalModel(deps.deploymentModels.local) : null;
  const deployment: readonly DeploymentProvider[] = deploymentProviders(deps.deploymentModels ?? {});
  const [configStore, callStore, decisionStore, cacheStore] = [new ConfigStore(), new CallStore(), new DecisionStore(), new CacheStore()];
  const directory = new ConfigDirectory({
    db,
    store: configStore,
    calls: callStore,
    secrets,
    deployment,
    network,
    guards: new GuardRegistry(deps.guard),
    analyst: deps.analyst,
    local,
    logger,
    ...(deps.configFreshMs === undefined ? {} : { freshMs: deps.configFreshMs }),
  });
  const log = new CallLog({ db, calls: callStore, decisions: decisionStore, logger, onDropped: (entries) => metrics.dropped(entries) });
  const budgets = new BudgetKeeper({ db, budgets: deps.budgets, warnings: new BudgetWarningStore(), logger, now });
  const cache = new AnswerCache({ db, store: cacheStore, embedder: deps.embedder, logger });
  const router = new LlmRouter({ directory, budgets, cache, rates: deps.rates, log, metrics });

  const routes = new RouteService(router, directory);
  const embeddings = new EmbeddingsService(directory, deps.embedder);
  const config = new ConfigService({ db, store: configStore, directory, secrets, network });
  const usage = new UsageService({ db, calls: callStore, log, budgets, directory, now });
  const decisions = new DecisionService({ db, store: decisionStore, log });
  const caches = new CacheService({ db, cache, store: cacheStore, calls: callStore, log, directory, now });

  const built = buildSubgraph({
    name: 'llm',
    resolvers: [RouteResolver, ConfigResolver, DecisionResolver, UsageResolver, TenantResolver],
    instances: [
      new RouteResolver(routes, decisions),
      new ConfigResolver(config, caches),
      new DecisionResolver(decisions),
      new UsageResolver(usage, caches),
      new TenantResolver(usage),
    ],
    orphanedTypes: [LlmUsage, Tenant],
    references: {
      RoutingDecision: async ({ id }, context) => {
        const decision = await decisionLoader(decisions, context).load(id);
        if (!decision) throw errors.NOT_FOUND({ kind: 'routing decision' });
        return toDecision(decision);
      },
      LlmUsage: ({ id }, context) => usageOf(usage, context, id),
      Tenant: ({ id }, { caller }) => {
        if (id !== caller.tenantId) throw errors.NOT_FOUND({ kind: 'tenant' });
        return { id };
      },
    },
  });

  return {
    ...built,
    router: {
      languageModel: async (caller, options = {}) => ((await router.hasModel(caller)) ? routedModel(router, caller, options) : null),
    },
    openAiHttp: (authenticate) =>
      openAiHttp({ routes, embeddings, authenticate, ...(deps.bodyMaxBytes ? { bodyMaxBytes: deps.bodyMaxBytes } : {}) }),
    async close() {
      router.close();
      await Promise.all([network.close(), local?.close()]);
      await Promise.all([budgets.close(), cache.settled()]);
      await log.close();
    },
  };
}
