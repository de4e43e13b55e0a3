import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { ApolloGateway, LocalGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer, type ApolloServerOptions, type BaseContext } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';

import type { Caller } from '#platform/auth';
import { createRequestContext } from '#platform/graphql';
import { silentLogger } from '#platform/telemetry';

import {
  apolloServerParts,
  createEngine,
  localSubgraph,
  remoteSubgraph,
  type GraphEngine,
  type Interpreter,
  type Subgraph,
} from '../../gateway/engine';
import { graphqlHandler } from '../../gateway/graphql-http';
import { createGraphqlWs } from '../../gateway/subscriptions';

import { reportTo } from './child';
import { benchSubgraphs, composeBench, monolith } from './subgraphs';

const caller: Caller = { tenantId: 'bench', userId: 'bench', roles: ['admin'], tier: 'enterprise' };
const [variant = '', subgraphPort = '0', peers = ''] = process.argv.slice(2);
const urlOf = (name: string): string => `http://127.0.0.1:${subgraphPort}/${name}`;
const supergraphSdl = composeBench(urlOf);

const engine = (subgraphs: readonly Subgraph[], planner: 'apollo' | 'hive' = 'apollo'): GraphEngine =>
  createEngine({ supergraphSdl, subgraphs, planner, log: silentLogger, sharedFeeds: ['ticked'], cache: { maxEntries: 500 } });
const local = (interpreter?: Interpreter): Subgraph[] =>
  benchSubgraphs().map(({ name, schema }) => localSubgraph(name, schema, interpreter ? { interpreter } : {}));
const remote = (): Subgraph[] => benchSubgraphs().map(({ name }) => remoteSubgraph({ name, url: urlOf(name) }));

function behindApollo(graph: GraphEngine): Promise<Server> {
  const { gateway, plugin } = apolloServerParts(graph);
  return apolloServer({ gateway, plugins: [plugin] });
}

async function apolloServer(options: ApolloServerOptions<BaseContext>): Promise<Server> {
  const server = new ApolloServer({ ...options, csrfPrevention: false, introspection: true });
  await server.start();
  const app = express();
  const context = () => Promise.resolve(createRequestContext({ caller, requestId: 'bench' }) as never);
  app.use('/graphql', express.json({ limit: '2mb' }), expressMiddleware(server, { context }) as never);
  return createServer(app);
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function thin(graph: GraphEngine): Server {
  const handle = graphqlHandler({ engine: graph, log: silentLogger, identify: () => caller });
  const server = createServer((request, response) => void handle(request, response));
  const sockets = createGraphqlWs({ engine: graph, log: silentLogger, authenticate: () => caller, isOpen: true });
  server.on('upgrade', (request, socket, head) => void sockets.handleUpgrade(request, socket, head));
  return server;
}

/** The stock gateway's own executor and fetcher, behind the thin front. */
async function thinStock(): Promise<Server> {
  const gateway = new ApolloGateway({ supergraphSdl, logger: quiet });
  const { executor, schema } = await gateway.load();
  const { parse, validate, getOperationAST } = await import('graphql');
  const known = new Map<string, ReturnType<typeof parse>>();
  const execute: GraphEngine['execute'] = ({ source, context }) => {
    const query = String(source);
    let document = known.get(query);
    if (!document) {
      document = parse(query);
      if (validate(schema, document).length > 0) throw new Error('not valid');
      if (known.size < 500) known.set(query, document);
    }
    return executor({
      request: { query, variables: {} },
      document,
      source: query,
      queryHash: query,
      operationName: null,
      operation: getOperationAST(document)!,
      context,
      schema,
      metrics: {},
      logger: quiet,
      cache: { get: () => Promise.resolve(undefined), set: () => Promise.resolve(), delete: () => Promise.resolve(false) },
    } as unknown as Parameters<typeof executor>[0]);
  };
  return thin({ schema, supergraphSdl, execute, subscribe: execute, prepare: () => undefined, stop: () => gateway.stop() });
}

const peer = <Module>(name: string): Module => createRequire(path.join(peers, 'package.json'))(name) as Module;

function yoga(): Server {
  const { createYoga, createSchema } = peer<{
    createYoga: (options: object) => RequestListener;
    createSchema: (options: object) => object;
  }>('graphql-yoga');
  return createServer(createYoga({ schema: createSchema(monolith), logging: false, graphiql: false }));
}

function hive(): Server {
  const { createGatewayRuntime } = peer<{ createGatewayRuntime: (options: object) => RequestListener }>('@graphql-hive/gateway-runtime');
  return createServer(createGatewayRuntime({ supergraph: supergraphSdl, logging: false, graphiql: false, landingPage: false }));
}

const makers: Readonly<Record<string, () => Promise<Server> | Server>> = {
  'stock-http': () => apolloServer({ gateway: new ApolloGateway({ supergraphSdl, logger: quiet }) }),
  'stock-local': () => {
    const schemas = new Map(benchSubgraphs().map(({ name, schema }) => [name, schema]));
    return apolloServer({
      gateway: new ApolloGateway({
        supergraphSdl,
        logger: quiet,
        buildService: ({ name }) => new LocalGraphQLDataSource(schemas.get(name)!),
      }),
    });
  },
  'engine-local': () => behindApollo(engine(local())),
  'engine-local-jit': () => behindApollo(engine(local('jit'))),
  'engine-remote': () => behindApollo(engine(remote())),
  'monolith-apollo': () => apolloServer({ typeDefs: monolith.typeDefs, resolvers: monolith.resolvers }),
  'thin-stock-http': thinStock,
  'thin-engine-local': () => thin(engine(local())),
  'thin-engine-local-jit': () => thin(engine(local('jit'))),
  'thin-engine-local-hive': () => thin(engine(local(), 'hive')),
  'thin-engine-remote': () => thin(engine(remote())),
  'monolith-yoga': yoga,
  'hive-gateway': hive,
};

async function serve(): Promise<void> {
  const make = makers[variant];
  if (!make) throw new Error(`no variant ${variant}`);
  const server = await make();
  server.listen(0, '127.0.0.1', () => reportTo(process, (server.address() as AddressInfo).port));
}

void serve();
