import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import type { GraphQLSchema } from 'graphql';

import { createTokenVerifier, mintToken, type Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { projectRoot } from '#platform/lifecycle';
import { createIdempotencyStore, createMemoryRateLimiter, createMemorySocketCounter } from '#platform/limits';
import { silentLogger } from '#platform/telemetry';

import { createEngine, localSubgraph } from '../../gateway/engine';
import { createRestFacade } from '../../rest-facade';

const secret = 'a secret of at least thirty-two characters';

/** A token that a door of this module takes, for an hour. */
export const doorToken = ({ tenantId, userId, roles }: Caller): string =>
  mintToken(secret, { tenantId, userId, roles: [...roles], lifetimeSeconds: 3_600 });

export interface Door extends AsyncDisposable {
  /** Of HTTP; the sockets are below it at `/ws`. */
  readonly url: string;
  /** Sockets of a tenant that are open. */
  countSockets(tenantId: string): Promise<number>;
}

/** A domain behind the REST facade, the engine and the supergraph of the product, on a port of its own. */
export async function openDoor({ name, schema, db }: { readonly name: string; readonly schema: GraphQLSchema; readonly db: Database }) {
  const supergraphSdl = readFileSync(path.join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8');
  const engine = createEngine({ supergraphSdl, subgraphs: [localSubgraph(name, schema)], log: silentLogger });
  const verifier = createTokenVerifier({ key: { secret } });
  const limiter = createMemoryRateLimiter();
  const sockets = createMemorySocketCounter();
  const rule = { limit: 1_000_000, windowMs: 60_000 };
  const facade = createRestFacade({
    engine,
    authenticate: async (token) => ({ ...(await verifier.verify(token)), tier: 'enterprise' as const }),
    limiter,
    idempotency: createIdempotencyStore({ db }),
    tierRules: { free: rule, standard: rule, enterprise: rule },
    sockets,
    socketCaps: { free: 5, standard: 25, enterprise: 10_000 },
    logger: silentLogger,
    planRoutes: false,
  });
  const server = createServer((request, response) => {
    void facade.handle(request, response).then((answered) => {
      if (!answered) response.writeHead(404).end();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (!facade.handleUpgrade(request, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const door: Door = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    countSockets: (tenantId) => sockets.count(tenantId),
    async [Symbol.asyncDispose]() {
      await facade.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await limiter.close();
      await engine.stop();
    },
  };
  return door;
}
