import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { Command, InvalidArgumentError, Option } from 'commander';

import type { Caller } from '#platform/auth';
import { createLogger } from '#platform/telemetry';

import { createEngine, remoteSubgraph, subgraphsOf } from '../engine';
import { graphqlHandler } from '../graphql-http';
import { createGraphqlWs } from '../subscriptions';

interface Arguments {
  readonly supergraph: string;
  readonly port: number;
  readonly host: string;
  readonly planner: 'apollo' | 'hive';
  readonly timeoutMs: number;
}

const port = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  return value;
};

/** Everybody is the same caller here: this command is for audits and development, on a loopback address unless told otherwise. */
const nobody: Caller = { tenantId: 'development', userId: 'development', roles: ['admin'], tier: 'enterprise' };

async function serve({ supergraph, port: wantedPort, host, planner, timeoutMs }: Arguments): Promise<void> {
  const log = createLogger({ level: 'warn' });
  const supergraphSdl = readFileSync(supergraph, 'utf8');
  const engine = createEngine({
    supergraphSdl,
    planner,
    log,
    subgraphs: subgraphsOf(supergraphSdl)
      // One without an address answers SERVICE_UNAVAILABLE; the others can still be asked.
      .filter(({ url }) => URL.canParse(url))
      .map(({ name, url }) => remoteSubgraph({ name, url, timeoutMs, log })),
  });
  const handle = graphqlHandler({ engine, log, identify: () => nobody, graphiql: true });
  const server = createServer((request, response) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname === '/graphql') return void handle(request, response);
    response.writeHead(404, { 'content-type': 'text/plain' }).end('GraphQL is at /graphql\n');
  });
  const sockets = createGraphqlWs({ engine, log, authenticate: () => nobody, isOpen: true, allowedOrigins: ['*'] });
  server.on('upgrade', (request, socket, head) => {
    if (!sockets.handleUpgrade(request, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wantedPort, host, resolve);
  });
  const address = server.address();
  console.log(
    `GraphQL at http://${host}:${typeof address === 'object' && address ? address.port : wantedPort}/graphql (no authentication: development only)`,
  );
  const stop = async (): Promise<void> => {
    await sockets.close();
    server.close();
    server.closeAllConnections();
    await engine.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}

new Command('gateway')
  .description('Serves any Federation 2 supergraph whose subgraphs are elsewhere, without authentication.')
  .requiredOption('--supergraph <file>', 'the supergraph, as SDL')
  .option('--port <number>', 'where to listen', port, 4000)
  .option('--host <address>', 'which address to listen on', '127.0.0.1')
  .addOption(new Option('--planner <name>', 'which query planner').choices(['apollo', 'hive']).default('apollo'))
  .option('--timeout-ms <number>', 'time a subgraph may take', Number, 30_000)
  .action(serve)
  .parseAsync()
  .catch((failure: unknown) => {
    console.error(failure instanceof Error ? failure.message : failure);
    process.exitCode = 1;
  });
