import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { GraphQLSchema } from 'graphql';

import { signContext, verifySignedContext } from '#platform/auth';

import { attachSubgraph, remoteSubgraph, serveSubgraph, type RemoteSubgraphOptions, type Subgraph } from '../../../gateway/engine';

import { keptLog, schemaOf, type SubgraphFixture } from './compose';

export const secret = 'a-secret-of-the-gateway-and-its-subgraphs';
export const contextHeader = 'x-parley-context';

export interface Listening {
  readonly url: string;
  readonly server: Server;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function listen(server: Server): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const listenWith = (listener: RequestListener): Promise<Listening> => listen(createServer(listener));

/** One subgraph on a server of its own, open only to signed requests. */
export async function serveRemotely(schema: GraphQLSchema): Promise<Listening> {
  const server = createServer();
  const served = serveSubgraph(schema, {
    log: keptLog(),
    verifyContext: (headers) => verifySignedContext(secret, headers[contextHeader] as string | undefined),
  });
  attachSubgraph(server, served);
  const listening = await listen(server);
  return {
    ...listening,
    async [Symbol.asyncDispose]() {
      await served.close();
      await listening[Symbol.asyncDispose]();
    },
  };
}

export const remoteAt = (name: string, url: string, options: Partial<RemoteSubgraphOptions> = {}): Subgraph =>
  remoteSubgraph({ name, url, signContext: (context) => ({ [contextHeader]: signContext(secret, context) }), ...options });

export interface RemoteWorld {
  readonly subgraphs: readonly Subgraph[];
  readonly servers: readonly Listening[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Every subgraph on a server of its own. */
export async function serveAllRemotely(
  fixtures: readonly SubgraphFixture[],
  options: Partial<RemoteSubgraphOptions> = {},
): Promise<RemoteWorld> {
  const servers = await Promise.all(fixtures.map((fixture) => serveRemotely(schemaOf(fixture))));
  const subgraphs = fixtures.map(({ name }, index) => remoteAt(name, servers[index]!.url, options));
  return {
    subgraphs,
    servers,
    async [Symbol.asyncDispose]() {
      await Promise.all(subgraphs.map((subgraph) => subgraph.close?.()));
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}
