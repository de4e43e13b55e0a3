import 'reflect-metadata';

import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { createTenantDirectory } from '#platform/auth';
import { ConfigError, loadConfig, type Config } from '#platform/config';
import { DirectoryInUse, migrate } from '#platform/db';
import { AppError } from '#platform/errors';
import { createLifecycle, projectRoot } from '#platform/lifecycle';
import { createLogger } from '#platform/telemetry';

import { createRestFacade } from '../rest-facade';

import { banner } from './commands/banner';
import { createDomains, migrations, prepareSources } from './domains';
import { createEngine, localSubgraph } from './engine';
import { openInfrastructure } from './infrastructure';
import { attachSockets, createApp, startingServer } from './server';

interface Arguments {
  readonly port?: number;
  readonly data: readonly string[];
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
    .allowExcessArguments(false);
  return program.parse([...argv], { from: 'user' }).opts<Arguments>();
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function listen(server: Server, { port, host }: { port: number; host: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(new CannotStart(`Port ${port} is in use; stop what listens there, or choose another with PORT or --port.`));
      else if (error.code === 'EACCES') reject(new CannotStart(`Port ${port} may not be used by this user; choose one above 1023 with PORT or --port.`));
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
  const { server, serve } = startingServer();
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
    const engine = createEngine({
      supergraphSdl: readFileSync(path.join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8'),
      subgraphs: domains.subgraphs.map(({ name, schema }) => localSubgraph(name, schema)),
      log: logger,
      suggestions: config.server.NODE_ENV !== 'production',
    });
    lifecycle.register({ name: 'engine', close: () => engine.stop() });
    domains.graph.connect(engine);

    const authenticate = async (token: string | undefined) => tenants.toCaller(await infrastructure.tokens.verify(token));
    const { limits } = config;
    const rule = (limit: number) => ({ limit, windowMs: 60_000 });
    const tierRules = { free: rule(limits.RATE_LIMIT_FREE), standard: rule(limits.RATE_LIMIT_STANDARD), enterprise: rule(limits.RATE_LIMIT_ENTERPRISE) };
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
    });
    lifecycle.register({ name: 'event sockets', drain: () => facade.close() });
    const parts = { ...infrastructure, engine, facade, lifecycle, tierRules, socketCaps, authenticate, mounts: domains.mounts(authenticate) };
    const app = createApp(parts);
    attachSockets(server, parts);
    await infrastructure.startBackground();
    await domains.start();
    await tenants.setTier(config.server.DEMO_TENANT, 'enterprise');
    for (const file of options.data) {
      say(`Reading ${file} …`);
      const source = await domains.importFile({ tenantId: config.server.DEMO_TENANT, file: path.resolve(file) });
      say(`Source ${source.id} (${source.name}): ${source.catalog.tables.length} table(s).`);
    }
    serve(app);
    lifecycle.ready();
    say(banner({ config, secrets: infrastructure.secrets, port, sources: builtIn.map(({ id }) => id) }));
    return () => lifecycle.stop();
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
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
  if (error instanceof ConfigError) return { message: `Parley cannot start with these settings:\n  ${error.problems.join('\n  ')}`, code: ConfigError.exitCode };
  if (error instanceof CannotStart || error instanceof DirectoryInUse || error instanceof AppError) return { message: error.message, code: 1 };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), code: 1 };
}

async function main(): Promise<void> {
  try {
    const options = readArguments(process.argv.slice(2));
    const config = loadConfig();
    stopOnSignal(await start(config, options));
  } catch (error) {
    const { message, code } = explain(error);
    process.stderr.write(`${message}\n`);
    process.exit(code);
  }
}

void main();
