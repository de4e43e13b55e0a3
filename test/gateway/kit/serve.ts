import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import express from 'express';

import { errors } from '#platform/errors';
import type { Caller } from '#platform/auth';

import { attachGraphqlHttp, type GraphqlHttpDeps } from '../../../gateway/graphql-http';
import { attachGraphqlWs, type GraphqlWs, type GraphqlWsDeps } from '../../../gateway/subscriptions';
import type { GraphEngine } from '../../../gateway/engine';
import { caller } from '../../kit/caller';

import { keptLog } from './compose';

export interface ServedGraph {
  readonly url: string;
  readonly wsUrl: string;
  readonly server: Server;
  readonly ws: GraphqlWs;
  readonly port: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Tokens of tests: `good`, or `until:<seconds since 1970>`; anything else is nobody's. */
export function callerOf(token: string | undefined): Caller {
  if (token === 'good') return caller({ tenantId: 'tenant-a' });
  if (token?.startsWith('until:')) return caller({ tenantId: 'tenant-a', expiresAt: Number(token.slice(6)) });
  throw errors.UNAUTHORIZED({ hint: 'use a test token' });
}

export async function serveGraph(
  engine: GraphEngine,
  { http = {}, ws = {} }: { readonly http?: Partial<GraphqlHttpDeps>; readonly ws?: Partial<GraphqlWsDeps> } = {},
): Promise<ServedGraph> {
  const app = express();
  app.disable('x-powered-by');
  const log = keptLog();
  attachGraphqlHttp(app, { engine, log, identify: () => callerOf('good'), ...http });
  const server = createServer(app);
  const graphqlWs = attachGraphqlWs(server, { engine, log, authenticate: callerOf, ...ws });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    wsUrl: `ws://127.0.0.1:${port}/graphql`,
    port,
    server,
    ws: graphqlWs,
    async [Symbol.asyncDispose]() {
      await graphqlWs.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.stop();
    },
  };
}
