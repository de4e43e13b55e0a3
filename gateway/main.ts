import 'reflect-metadata';

import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { createOpenStreams, createTenantDirectory } from '#platform/auth';
import { ConfigError, loadConfig, type Config } from '#platform/config';
import { DirectoryInUse, migrate } from '#platform/db';
import { AppError, speakPlainly } from '#platform/errors';
import { createLifecycle, projectRoot, tuneMemory, type Lifecycle } from '#platform/lifecycle';
import { createLogger } from '#platform/telemetry';

import { createRestFacade } from '../rest-facade';

import { banner } from './commands/banner';
import { serveControl } from './commands/control';
import { createDomains, liveFeeds, migrations, prepareSources, type Domains } from './domains';
import { attachSubgraph } from './engine';
import { openInfrastructure, type Infrastructure } from './infrastructure';
import { graphFromConfig } from './plugins/graph-from-config';
import { quota } from './plugins/rate-limit';
import { restMetrics } from './plugins/rest-metrics';
import { serveDomain } from './plugins/serve-domain';
import { attachSockets, equipApp, startingServer } from './server';

interface Arguments {
  readonly port?: number;
  readonly data: readonly string[];
  readonly only?: string;
}

/** A start that cannot go on, in one sentence for people. */
class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

function readArguments(argv: readonly string[]): Arguments {
  const port = (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('it must be 0 to 65535');
    return value;
  };
  const collect = (file: string, before: readonly string[]): readonly string[] => [...before, file];
  const program = new Command('parley')
    .description('Answers questions about data. Without arguments: the demo sources on port 8000.')
    .option('--port <number>', 'listen on this port instead of PORT', port)
    .option('--data <file>', 'add a file (csv, parquet, json, duckdb, sqlite) as a source of the demo tenant; may be repeated', collect, [])
    .option('--only <domain>', 'serve one domain to gateways in other processes (sql, chat, agents, dashboards, search, llm, ml)')
    .allowExcessArguments(false);
  return program.parse([...argv], { from: 'user' }).opts<Arguments>();
}

/** The version in package.json, shown in the OpenAPI document. */
const releaseOf = (): string => (JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string }).version;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function listen(server: Server, { port, host }: { port: number; host: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(new CannotStart(`Port ${port} is in use; stop what listens there, or choose another with PORT or --port.`));
      else if (error.code === 'EACCES')
        reject(new CannotStart(`Port ${port} may not be used by this user; choose one above 1023 with PORT or --port.`));
      else reject(new CannotStart(`Cannot listen on ${host}:${port} (${error.code ?? error.message}); set HOST and PORT.`));
    });
    server.listen(port, host, () => resolve((server.address() as { port: number }).port));
  });
}

async function start(config: Config, options: Arguments): Promise<() => Promise<void>> {
  const logger = createLogger({ level: config.telemetry.LOG_LEVEL ?? (config.server.NODE_ENV === 'production' ? 'info' : 'warn') });
  const lifecycle = createLifecycle({
    graceMs: config.server.SHUTDOWN_GRACE_MS,
    onError: (resource, err) => logger.error({ event: 'stop.failed', resource, err }, 'a part did not stop cleanly'),
  });
  const { server, app, serve } = startingServer();
  const port = await listen(server, { port: options.port ?? config.server.PORT, host: config.server.HOST });
  lifecycle.register({
    name: 'http',
    drain: () => {
      server.closeIdleConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
    close: () => server.closeAllConnections(),
  });

  try {
    const infrastructure = await openInfrastructure({ config, logger, lifecycle });
    await migrate(infrastructure.db, migrations);
    const tenants = createTenantDirectory({
      db: infrastructure.db,
      createOnFirstToken: config.auth.TENANT_AUTO_CREATE,
      trustTierClaim: config.auth.TENANT_TRUST_TIER_CLAIM,
    });
    const builtIn = await prepareSources(infrastructure, say);
    const domains = createDomains({ infrastructure, lifecycle, builtIn });
    const contextSecret = config.auth.CONTEXT_SECRET ?? infrastructure.secrets.contextSecret;
    const { engine, persisted } = await graphFromConfig({
      config,
      domains: domains.subgraphs,
      liveFeeds,
      logger,
      metrics: infrastructure.metrics,
      lifecycle,
      contextSecret,
    });
    domains.graph.connect(engine);
    if (options.only) return await serveOnly(options.only, { server, port, domains, infrastructure, lifecycle, contextSecret });

    const authenticate = async (token: string | undefined) => tenants.toCaller(await infrastructure.tokens.verify(token));
    const { limits } = config;
    const rule = (limit: number) => ({ limit, windowMs: 60_000 });
    const tierRules = {
      free: rule(limits.RATE_LIMIT_FREE),
      standard: rule(limits.RATE_LIMIT_STANDARD),
      enterprise: rule(limits.RATE_LIMIT_ENTERPRISE),
    };
    const socketCaps = { free: limits.SOCKETS_FREE, standard: limits.SOCKETS_STANDARD, enterprise: limits.SOCKETS_ENTERPRISE };
    const facade = createRestFacade({
      engine,
      authenticate,
      limiter: infrastructure.limiter,
      idempotency: infrastructure.idempotency,
      tierRules,
      sockets: infrastructure.sockets,
      socketCaps,
      allowedOrigins: config.server.CORS_ORIGINS,
      logger: logger.child({ source: 'rest' }),
      maxBodyBytes: config.server.BODY_MAX_BYTES,
      maxUploadBytes: config.server.UPLOAD_MAX_BYTES,
      release: releaseOf(),
      // `npm run check:schema` plans them too: while developing, a fast start is worth more than a fast first request.
      planRoutes: config.server.NODE_ENV === 'production',
      onAnswer: restMetrics(infrastructure.metrics),
    });
    lifecycle.register({ name: 'event sockets', drain: () => facade.close() });
    const takeQuota = quota({ limiter: infrastructure.limiter, tierRules });
    const authenticateCounted = async (token: string | undefined) => {
      const caller = await authenticate(token);
      await takeQuota(caller);
      return caller;
    };
    const parts = {
      ...infrastructure,
      engine,
      persisted,
      facade,
      lifecycle,
      tierRules,
      socketCaps,
      tenants,
      openStreams: createOpenStreams(),
      authenticate,
      mounts: domains.mounts(authenticateCounted),
    };
    await equipApp(app, parts);
    attachSockets(server, parts);
    await infrastructure.startBackground();
    await domains.start();
    if (builtIn.length > 0) await tenants.setTier(config.server.DEMO_TENANT, 'enterprise');
    if (infrastructure.db.kind === 'pglite') {
      const closeControl = await serveControl(infrastructure.dataDirectory, tenants);
      lifecycle.register({ name: 'control', close: closeControl });
    }
    for (const file of options.data) {
      say(`Reading ${file} …`);
      const source = await domains.importFile({ tenantId: config.server.DEMO_TENANT, file: path.resolve(file) });
      say(`Source ${source.id} (${source.name}): ${source.catalog.tables.length} table(s).`);
    }
    serve();
    lifecycle.ready();
    say(banner({ config, secrets: infrastructure.secrets, port, sources: builtIn.map(({ id }) => id) }));
    return () => lifecycle.stop();
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

interface OnlyParts {
  readonly server: Server;
  readonly port: number;
  readonly domains: Domains;
  readonly infrastructure: Infrastructure;
  readonly lifecycle: Lifecycle;
  readonly contextSecret: string;
}

/** One domain over HTTP and graphql-ws, for the gateways: whatever they have not signed is refused. */
async function serveOnly(
  name: string,
  { server, port, domains, infrastructure, lifecycle, contextSecret }: OnlyParts,
): Promise<() => Promise<void>> {
  const domain = domains.subgraphs.find((candidate) => candidate.name === name);
  if (!domain) throw new CannotStart(`No domain ${name}; known are ${domains.subgraphs.map((candidate) => candidate.name).join(', ')}.`);
  const served = serveDomain({ schema: domain.schema, contextSecret, log: infrastructure.logger });
  lifecycle.register({ name: 'domain sockets', drain: () => served.close() });
  await infrastructure.startBackground();
  await domains.start();
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (request.url !== '/health/ready' && request.url !== '/health/live') return;
    const ready = lifecycle.phase.name === 'ready' || request.url === '/health/live';
    response.writeHead(ready ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ status: lifecycle.phase.name }));
  });
  attachSubgraph(server, {
    ...served,
    handle: async (request, response) => (response.writableEnded ? undefined : served.handle(request, response)),
  });
  lifecycle.ready();
  say(`Domain ${name} is ready on port ${port}.`);
  return () => lifecycle.stop();
}

/** Stops on a signal, or when the process that started this one is gone; a second signal ends at once. */
function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const finish = (why: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    say(`${why}: finishing what is under way …`);
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', () => finish('Interrupted'));
  process.on('SIGTERM', () => finish('Terminated'));
  process.on('disconnect', () => finish('Parent process gone'));
}

function explain(error: unknown): { readonly message: string; readonly code: number } {
  if (error instanceof ConfigError)
    return { message: `Parley cannot start with these settings:\n  ${error.problems.join('\n  ')}`, code: ConfigError.exitCode };
  if (error instanceof CannotStart || error instanceof DirectoryInUse || error instanceof AppError)
    return { message: error.message, code: 1 };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), code: 1 };
}

async function main(): Promise<void> {
  try {
    const options = readArguments(process.argv.slice(2));
    tuneMemory();
    speakPlainly();
    const config = loadConfig();
    stopOnSignal(await start(config, options));
  } catch (error) {
    const { message, code } = explain(error);
    process.stderr.write(`${message}\n`);
    process.exit(code);
  }
}

void main();
