import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import express, { type Request } from 'express';
import { graphql } from 'graphql';
import OpenAI from 'openai';

import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import { createRequestContext } from '#platform/graphql';
import { createBudgetStore, createMemoryRateLimiter } from '#platform/limits';
import { createMetrics, silentLogger, type Metrics } from '#platform/telemetry';

import { createLlmSubgraph, llmMigrations, type LlmDependencies, type LlmSubgraph } from '../../subgraphs/llm';
import { caller as newCaller } from '../kit/caller';
import { testDatabase } from '../kit/database';

export interface LlmTenant {
  readonly llm: LlmSubgraph;
  readonly url: string;
  readonly admin: Caller;
  /** The official client, signed in as somebody. */
  client(caller?: Caller): OpenAI;
  /** Runs an operation of the subgraph; throws the original error of the first problem. */
  run<Data = Record<string, unknown>>(document: string, variables?: Record<string, unknown>, caller?: Caller): Promise<Data>;
  /** Stores a configuration for the administrator's tenant. */
  configure(input: Record<string, unknown>): Promise<void>;
}

export interface LlmWorld extends LlmTenant, AsyncDisposable {
  readonly db: Database;
  readonly metrics: Metrics;
  /** Another tenant of the same service, with an administrator of its own. */
  tenant(): LlmTenant;
}

/** The llm domain on a real database (its own, unless one is given), with its OpenAI door listening. Bearer tokens are the tenant's id here. */
export async function llmWorld({ db: given, ...overrides }: Partial<LlmDependencies> = {}): Promise<LlmWorld> {
  const db = given ?? (await testDatabase([llmMigrations]));
  const metrics = createMetrics();
  const rates = createMemoryRateLimiter();
  // Budgets are of a day and of a month: neither ends in the middle of a test.
  const begun = new Date();
  const llm = createLlmSubgraph({
    db,
    budgets: createBudgetStore({ db }),
    rates,
    analyst: null,
    embedder: null,
    encryptionKey: 'a-test-key-that-is-long-enough-000000',
    allowPrivateHosts: true,
    logger: silentLogger,
    metrics,
    now: () => begun,
    ...overrides,
  });
  const known = new Map<string, Caller>();
  const authenticate = (request: Request): Promise<Caller> => {
    const found = known.get((request.get('authorization') ?? '').replace('Bearer ', ''));
    return found ? Promise.resolve(found) : Promise.reject(errors.UNAUTHORIZED({ hint: 'send one' }));
  };
  const server = createServer(express().use('/v1', llm.openAiHttp(authenticate)));
  // No connection is closed at the moment of its next use because the process stood still between two requests.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;

  const tenant = (): LlmTenant => {
    const admin = newCaller();
    known.set(admin.tenantId, admin);
    const run = async <Data>(document: string, variables: Record<string, unknown> = {}, caller = admin): Promise<Data> => {
      const contextValue = createRequestContext({ caller, requestId: 'test' });
      const result = await graphql({ schema: llm.schema, source: document, variableValues: variables, contextValue });
      if (result.errors?.[0]) throw result.errors[0].originalError ?? result.errors[0];
      return result.data as Data;
    };
    return {
      llm,
      url,
      admin,
      run,
      client(caller = admin) {
        known.set(caller.tenantId, caller);
        return new OpenAI({ baseURL: url, apiKey: caller.tenantId, maxRetries: 0 });
      },
      async configure(input) {
        await run('mutation ($input: UpdateLlmConfigInput!) { updateLlmConfig(input: $input) { version } }', { input });
      },
    };
  };

  return {
    ...tenant(),
    db,
    metrics,
    tenant,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await llm.close();
      await rates.close();
      if (!given) await db.close();
    },
  };
}

export interface ProviderSpec {
  readonly name?: string;
  readonly url: string;
  readonly models?: readonly string[];
  readonly [field: string]: unknown;
}

/** An OpenAI-compatible provider at a scripted server. */
export const provider = ({ name = 'fake', url, models = ['fake-model'], ...rest }: ProviderSpec): Record<string, unknown> => ({
  name,
  kind: 'OPENAI_COMPATIBLE',
  baseUrl: url,
  models,
  ...rest,
});

export const ask =
  'mutation ($input: RouteLlmInput!) { routeLlm(input: $input) { content provider model cacheHit costEstimateUsd routingDecisionId warnings tokensUsed { prompt completion total } attempts { provider model outcome reason status } } }';

export interface Asked {
  readonly routeLlm: {
    readonly content: string;
    readonly provider: string;
    readonly model: string;
    readonly cacheHit: boolean;
    readonly costEstimateUsd: number | null;
    readonly routingDecisionId: string;
    readonly warnings: readonly string[];
    readonly tokensUsed: { readonly prompt: number; readonly completion: number; readonly total: number };
    readonly attempts: readonly {
      readonly provider: string;
      readonly model: string;
      readonly outcome: string;
      readonly reason: string | null;
      readonly status: number | null;
    }[];
  };
}

export const question = (content: string, more: Record<string, unknown> = {}): { input: Record<string, unknown> } => ({
  input: { messages: [{ role: 'user', content }], ...more },
});

/** Says how many days of UTC there were from then until it is asked: two where midnight passed meanwhile. */
export function daysFromNow(): () => number {
  const today = (): string => new Date().toISOString().slice(0, 10);
  const begun = today();
  return () => new Set([begun, today()]).size;
}

export const totalOf = <Field extends string>(rows: readonly Readonly<Record<Field, number>>[], field: Field): number =>
  rows.reduce((sum, row) => sum + row[field], 0);
