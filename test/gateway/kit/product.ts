import 'reflect-metadata';

import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Caller } from '#platform/auth';
import { loadConfig } from '#platform/config';
import { migrate } from '#platform/db';
import { BigIntScalar, DateTime, Json } from '#platform/graphql';
import { createLifecycle, projectRoot } from '#platform/lifecycle';
import { silentLogger } from '#platform/telemetry';

import { createDomains, migrations, prepareSources } from '../../../gateway/domains';
import { createEngine, localSubgraph, type GraphEngine, type Interpreter } from '../../../gateway/engine';
import { defaultLimits } from '../../../gateway/engine/limits/limits';
import { openInfrastructure } from '../../../gateway/infrastructure';

import { testContext } from './compose';

export interface Product {
  /** The product's graph, by the way in which its domains execute. */
  readonly engines: Readonly<Record<Interpreter, GraphEngine>>;
  readonly caller: Caller;
  /** Runs an operation that has to succeed. */
  run(source: string, variables?: Record<string, unknown>): Promise<any>;
  [Symbol.asyncDispose](): Promise<void>;
}

// Generated operations are larger than what a client may send; what they cost is not the question here.
const limits = { ...defaultLimits, maxTokens: 1_000_000, maxAliases: 10_000, maxFields: 100_000, maxDuplicates: 10_000, maxCost: 1e12 };

/** All domains in this process with the demo data, as the service starts them, and nothing that listens. */
export async function product(): Promise<Product> {
  const folder = await mkdtemp(path.join(tmpdir(), 'product-'));
  const lifecycle = createLifecycle();
  const config = loadConfig({ PARLEY_DATA_DIR: folder, DEMO_DATA: 'true' });
  const infrastructure = await openInfrastructure({ config, logger: silentLogger, lifecycle, inMemory: true });
  await migrate(infrastructure.db, migrations);
  const builtIn = await prepareSources(infrastructure, () => undefined);
  const domains = createDomains({ infrastructure, lifecycle, builtIn });
  const supergraphSdl = readFileSync(path.join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8');
  const made = (interpreter: Interpreter): GraphEngine =>
    createEngine({
      supergraphSdl,
      subgraphs: domains.subgraphs.map(({ name, schema }) => localSubgraph(name, schema, { interpreter, jitAfter: 0 })),
      log: silentLogger,
      scalars: [DateTime, Json, BigIntScalar],
      limits,
    });
  const engines = { 'graphql-js': made('graphql-js'), compiled: made('compiled'), jit: made('jit') };
  domains.graph.connect(engines['graphql-js']);
  await infrastructure.startBackground();
  await domains.start();
  const caller: Caller = { tenantId: config.server.DEMO_TENANT, userId: 'ada', roles: ['admin'], tier: 'enterprise' };
  return {
    engines,
    caller,
    async run(source, variables = {}) {
      const { data, errors } = await engines['graphql-js'].execute({ source, variables, context: testContext({ caller }) });
      if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
      return data;
    },
    async [Symbol.asyncDispose]() {
      await lifecycle.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
