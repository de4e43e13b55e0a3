import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Kind, parse, print, type GraphQLSchema } from 'graphql';

import { signContext } from '#platform/auth';
import type { Config } from '#platform/config';
import { BigIntScalar, DateTime, Json } from '#platform/graphql';
import { projectRoot, type Lifecycle } from '#platform/lifecycle';
import type { Logger, Metrics } from '#platform/telemetry';

import {
  createApolloEngine,
  createEngine,
  localSubgraph,
  reloadableEngine,
  remoteSubgraph,
  type GraphEngine,
  type Subgraph,
} from '../engine';

import { combineObservers } from './combine-observers';
import { operationMetrics } from './operation-metrics';
import { operationTraces } from './operation-traces';
import { persistedOperations, type PersistedOperations } from './persisted-operations';
import { watchSupergraph } from './watch-supergraph';

export interface GraphParts {
  readonly config: Config;
  /** Domains of this process; one whose address is configured is asked there instead. */
  readonly domains: readonly { readonly name: string; readonly schema: GraphQLSchema }[];
  /** Subscriptions that tell only what comes, unless asked for the past: equal ones of one caller share an upstream. @default none */
  readonly liveFeeds?: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Pick<Lifecycle, 'register'>;
  /** Signs the caller's context for domains in other processes. */
  readonly contextSecret?: string;
  /** @default schema/supergraph.graphql */
  readonly supergraphFile?: string;
}

export interface Graph {
  readonly engine: GraphEngine;
  /** For both doors; undefined where any operation may run and none is registered. */
  readonly persisted: PersistedOperations;
}

/** The header, and the key in a subscription's extensions, that carries the signed caller to a domain in another process. */
export const contextHeader = 'x-parley-context';

/** The graph as the configuration wants it: which engine and planner, which domains where, who may introspect, which operations may run. */
export async function graphFromConfig(parts: GraphParts): Promise<Graph> {
  const { config, logger, lifecycle, metrics } = parts;
  const file = parts.supergraphFile ?? path.join(projectRoot, 'schema', 'supergraph.graphql');
  const supergraphSdl = readFileSync(file, 'utf8');
  const { GATEWAY_ENGINE, GATEWAY_PLANNER, GATEWAY_INTROSPECTION, GATEWAY_SAFELIST } = config.gateway;
  const isProduction = config.server.NODE_ENV === 'production';
  const safelist = GATEWAY_SAFELIST === undefined ? undefined : readOperations(GATEWAY_SAFELIST);
  const persisted = persistedOperations(safelist ? { known: safelist.map(({ text }) => text), onlyKnown: true } : {});
  const subgraphs = subgraphsOf(parts);
  if (GATEWAY_ENGINE === 'apollo') {
    const engine = await createApolloEngine({ supergraphSdl, subgraphs, log: logger });
    lifecycle.register({ name: 'engine', close: () => engine.stop() });
    return { engine, persisted };
  }
  const names = new Set((safelist ?? []).flatMap(({ name }) => name ?? []));
  const observer = combineObservers(operationMetrics({ metrics, names }), operationTraces());
  const build = (sdl: string): GraphEngine =>
    createEngine({
      supergraphSdl: sdl,
      subgraphs,
      log: logger,
      planner: GATEWAY_PLANNER,
      scalars: [DateTime, Json, BigIntScalar],
      observer,
      introspection: GATEWAY_INTROSPECTION === undefined ? !isProduction : GATEWAY_INTROSPECTION === 'true',
      suggestions: !isProduction,
      sharedFeeds: parts.liveFeeds ?? [],
      keepSubgraphs: true,
    });
  const engine = reloadableEngine(build(supergraphSdl));
  const watch = watchSupergraph({ file, engine, log: logger, build });
  lifecycle.register({
    name: 'engine',
    close: async () => {
      watch.close();
      await engine.stop();
      await Promise.all(subgraphs.map((subgraph) => subgraph.close?.()));
    },
  });
  return { engine, persisted };
}

function subgraphsOf({ config, domains, logger, contextSecret }: GraphParts): Subgraph[] {
  const addresses = config.gateway as Readonly<Record<string, string | undefined>>;
  return domains.map(({ name, schema }) => {
    const url = addresses[`SUBGRAPH_${name.toUpperCase()}_URL`];
    if (url === undefined) return localSubgraph(name, schema, config.gateway.GATEWAY_JIT === 'true' ? { interpreter: 'jit' } : {});
    if (contextSecret === undefined) throw new Error(`the ${name} domain runs elsewhere, and there is no secret to sign its requests with`);
    return remoteSubgraph({ name, url, log: logger, signContext: (context) => ({ [contextHeader]: signContext(contextSecret, context) }) });
  });
}

interface ListedOperation {
  readonly name?: string;
  readonly text: string;
}

/** Operations of a file: a JSON list or map of texts, or GraphQL documents with named operations. */
function readOperations(file: string): ListedOperation[] {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.json')) return splitDocument(text);
  const listed: unknown = JSON.parse(text);
  return Object.values(listed as Record<string, unknown>).map((entry) => ({ ...splitDocument(String(entry))[0], text: String(entry) }));
}

/** Each operation with the fragments of its document, as clients print it. */
function splitDocument(text: string): ListedOperation[] {
  const document = parse(text);
  const fragments = document.definitions.filter((part) => part.kind === Kind.FRAGMENT_DEFINITION);
  return document.definitions.flatMap((part) => {
    if (part.kind !== Kind.OPERATION_DEFINITION) return [];
    return [{ ...(part.name ? { name: part.name.value } : {}), text: print({ ...document, definitions: [part, ...fragments] }) }];
  });
}
