import 'reflect-metadata';

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { LanguageModelV3 } from '@ai-sdk/provider';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import express from 'express';
import { graphql } from 'graphql';

import type { Caller } from '#platform/auth';
import { migrate, openDatabase, platformMigrations } from '#platform/db';
import { createRequestContext } from '#platform/graphql';
import { createBudgetStore, createMemoryRateLimiter } from '#platform/limits';
import { createMetrics, silentLogger } from '#platform/telemetry';

import { createLlmSubgraph, llmMigrations } from '../../subgraphs/llm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const quantile = (values: number[], share: number): number => values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

/** The router with one provider in a fresh embedded database. Tenant `plain` has neither budget nor cache, tenant `careful` has both. */
async function main(providerUrl: string): Promise<void> {
  const db = await openDatabase();
  await migrate(db, [platformMigrations, llmMigrations]);
  const llm = createLlmSubgraph({
    db,
    budgets: createBudgetStore({ db }),
    rates: createMemoryRateLimiter(),
    analyst: null,
    embedder: null,
    encryptionKey: 'only-for-the-benchmark-0000000000000',
    allowPrivateHosts: true,
    logger: silentLogger,
    metrics: createMetrics(),
  });
  const callers = new Map<string, Caller>(
    ['plain', 'careful'].map((tenantId) => [tenantId, { tenantId, userId: 'bench', roles: ['admin'], tier: 'enterprise' }]),
  );
  const providers = [{ name: 'bench', kind: 'OPENAI_COMPATIBLE', baseUrl: providerUrl, models: ['bench-model'], maxConcurrent: 1_000 }];
  for (const caller of callers.values()) {
    const guarded =
      caller.tenantId === 'careful'
        ? { budgetLimitUsd: 1_000_000, dailyTokenLimit: 1_000_000_000, cache: { mode: 'EXACT' } }
        : { cache: { mode: 'OFF' } };
    const source = 'mutation ($input: UpdateLlmConfigInput!) { updateLlmConfig(input: $input) { version } }';
    const { errors } = await graphql({
      schema: llm.schema,
      source,
      variableValues: { input: { providers, ...guarded } },
      contextValue: createRequestContext({ caller, requestId: 'bench' }),
    });
    if (errors?.[0]) throw errors[0];
  }

  const app = express();
  app.get('/process', (_request, response) => {
    collect();
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    response.json({ rss, heapUsed, external, cpuMs: (user + system) / 1_000 });
  });
  // Calls one after the other, directly and through the router in turn: what the router itself costs, without a second HTTP hop.
  app.get('/in-process', (request, response, next) => {
    const direct = createOpenAICompatible({ name: 'direct', baseURL: providerUrl, includeUsage: true }).chatModel('bench-model');
    void llm.router
      .languageModel(callers.get('plain')!)
      .then(async (routed) => {
        const times: Record<'direct' | 'routed', number[]> = { direct: [], routed: [] };
        for (let call = 0; call < Number(request.query.calls); call += 1) {
          times.direct.push(await time(direct, request.query.stream === 'true'));
          times.routed.push(await time(routed!, request.query.stream === 'true'));
        }
        response.json(
          Object.fromEntries(
            Object.entries(times).map(([name, values]) => [name, { p50Ms: quantile(values, 0.5), p99Ms: quantile(values, 0.99) }]),
          ),
        );
      })
      .catch(next);
  });
  app.use(
    '/v1',
    llm.openAiHttp((request) => Promise.resolve(callers.get((request.get('authorization') ?? '').replace('Bearer ', ''))!)),
  );
  const server = createServer(app);
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
}

async function time(model: LanguageModelV3, stream: boolean): Promise<number> {
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'How much revenue did we make?' }] }];
  const started = performance.now();
  if (!stream) await model.doGenerate({ prompt });
  else {
    const reader = (await model.doStream({ prompt })).stream.getReader();
    while (!(await reader.read()).done);
  }
  return performance.now() - started;
}

void main(process.argv[2]!);
