import 'reflect-metadata';

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
import { tuneMemory } from '#platform/lifecycle';
import { createBudgetStore, createMemoryRateLimiter } from '#platform/limits';
import { createMetrics, silentLogger } from '#platform/telemetry';

import { createExpressServer } from '../../gateway/express-server';
import { createLlmSubgraph, llmMigrations } from '../../subgraphs/llm';
import { reportTo } from '../gateway/child';
import { pinTo } from './pin';
import { median, spread } from './spread';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** CPU time of this process so far, all threads. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** The router with one provider in a fresh embedded database. Tenant `plain` has neither budget nor cache, tenant `careful` has both. */
async function main(providerUrl: string, core: string | undefined): Promise<void> {
  // As the service starts.
  tuneMemory();
  if (core !== undefined) pinTo(Number(core));
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
    response.json({ rss, heapUsed, external });
  });
  app.get('/in-process', (request, response, next) => {
    const direct = createOpenAICompatible({ name: 'direct', baseURL: providerUrl, includeUsage: true }).chatModel('bench-model');
    const work = llm.router
      .languageModel(callers.get('plain')!)
      .then((routed) => compare({ direct, routed: routed!, calls: Number(request.query.calls), stream: request.query.stream === 'true' }));
    work.then((result) => response.json(result)).catch(next);
  });
  app.use(
    '/v1',
    llm.openAiHttp((request) => Promise.resolve(callers.get((request.get('authorization') ?? '').replace('Bearer ', ''))!)),
  );
  // As the service serves it.
  const server = createExpressServer(app, app);
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => reportTo(process, (server.address() as AddressInfo).port));
}

interface Comparison {
  readonly direct: LanguageModelV3;
  readonly routed: LanguageModelV3;
  readonly calls: number;
  readonly stream: boolean;
}

const block = 50;

/** The same model directly and through the router, in turns: what the router itself costs, without a second HTTP hop. */
async function compare({ direct, routed, calls, stream }: Comparison): Promise<object> {
  const models = { direct, routed };
  const taken = { direct: { times: [] as number[], cpu: [] as number[] }, routed: { times: [] as number[], cpu: [] as number[] } };
  for (let begun = 0; begun < calls; begun += block) {
    for (const way of ['direct', 'routed'] as const) {
      const before = cpuMs();
      for (let call = 0; call < block; call += 1) taken[way].times.push(await time(models[way], stream));
      taken[way].cpu.push((cpuMs() - before) / block);
    }
  }
  return Object.fromEntries(Object.entries(taken).map(([way, { times, cpu }]) => [way, { ...spread(times), cpuMs: median(cpu) }]));
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

void main(process.argv[2]!, process.argv[3]);
