import path from 'node:path';

import { createTokenVerifier, type TokenVerifier } from '#platform/auth';
import { localSecrets, type Config, type LocalSecrets } from '#platform/config';
import { openDatabase, type Database } from '#platform/db';
import {
  createEventBus,
  createMemoryEventLog,
  createRedisEventLog,
  startOutboxRelay,
  type EventBus,
  type EventLog,
} from '#platform/events';
import { createCron, createJobQueue, type Cron, type JobQueue } from '#platform/jobs';
import type { Lifecycle } from '#platform/lifecycle';
import {
  createBudgetStore,
  createIdempotencyStore,
  createMemoryRateLimiter,
  createMemorySocketCounter,
  createRedisRateLimiter,
  createRedisSocketCounter,
  type BudgetStore,
  type IdempotencyStore,
  type RateLimiter,
  type SocketCounter,
} from '#platform/limits';
import { createHealth, createMetrics, type Health, type Logger, type Metrics } from '#platform/telemetry';

/** What the domains and the doors stand on; the adapters are chosen here, by configuration, and nowhere else. */
export interface Infrastructure {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly dataDirectory: string;
  readonly secrets: LocalSecrets;
  readonly db: Database;
  readonly events: EventLog;
  readonly bus: EventBus;
  readonly jobs: JobQueue;
  readonly cron: Cron;
  readonly limiter: RateLimiter;
  readonly sockets: SocketCounter;
  readonly idempotency: IdempotencyStore;
  readonly budgets: BudgetStore;
  readonly tokens: TokenVerifier;
  /** Starts what works in the background; after the migrations. */
  startBackground(): Promise<void>;
}

export interface InfrastructureOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  /** Everything in memory and nothing kept: for composing the schema and for tests. @default false */
  readonly inMemory?: boolean;
}

export async function openInfrastructure({ config, logger, lifecycle, inMemory = false }: InfrastructureOptions): Promise<Infrastructure> {
  const dataDirectory = path.resolve(config.server.PARLEY_DATA_DIR);
  const metrics = createMetrics({ withProcess: !inMemory });
  const health = createHealth();
  const url = config.database.DATABASE_URL;
  const db = await openDatabase({
    ...(url ? { url, migrationUrl: config.database.DATABASE_MIGRATION_URL } : {}),
    ...(!url && !inMemory ? { dataDirectory: path.join(dataDirectory, 'metadata') } : {}),
    poolMax: config.database.DATABASE_POOL_MAX,
    statementTimeoutMs: config.database.DATABASE_STATEMENT_TIMEOUT_MS,
    logger: logger.child({ source: 'db' }),
  });
  lifecycle.register({ name: 'database', close: () => db.close() });
  health.register({ name: 'database', check: () => db.ping() });

  // After the database, so that a second process on the directory is refused before it writes anything there.
  const secrets = inMemory ? memorySecrets : localSecrets(dataDirectory);
  const redis = config.redis.REDIS_URL;
  const events = redis ? await createRedisEventLog({ url: redis, logger: logger.child({ source: 'events' }) }) : createMemoryEventLog();
  lifecycle.register({ name: 'events', close: () => events.close() });
  const limiter = redis ? createRedisRateLimiter({ url: redis, logger }) : createMemoryRateLimiter();
  lifecycle.register({ name: 'rate limiter', close: () => limiter.close() });
  const sockets = redis ? createRedisSocketCounter({ url: redis, logger }) : createMemorySocketCounter();
  lifecycle.register({ name: 'socket counter', close: () => sockets.close() });

  const jobs = createJobQueue({ db, logger: logger.child({ source: 'jobs' }), isAlone: db.kind === 'pglite' });
  const cron = createCron({ db, jobs, logger: logger.child({ source: 'cron' }) });
  const bus = createEventBus({ db, jobs });

  return {
    config,
    logger,
    metrics,
    health,
    dataDirectory,
    secrets,
    db,
    events,
    bus,
    jobs,
    cron,
    limiter,
    sockets,
    idempotency: createIdempotencyStore({ db }),
    budgets: createBudgetStore({ db }),
    tokens: createTokenVerifier(verifierOptions(config, secrets)),
    async startBackground() {
      const relay = startOutboxRelay({ db, log: events, logger: logger.child({ source: 'outbox' }) });
      lifecycle.register({ name: 'outbox', drain: () => relay.stop() });
      await bus.start();
      await jobs.start();
      lifecycle.register({ name: 'jobs', drain: () => jobs.stop() });
      await cron.start();
      lifecycle.register({ name: 'cron', drain: () => cron.stop() });
    },
  };
}

const memorySecrets: LocalSecrets = {
  jwtSecret: 'only-for-composing-and-for-tests-0000000000',
  contextSecret: 'only-for-composing-and-for-tests-1111111111',
  encryptionKey: 'only-for-composing-and-for-tests-2222222222',
};

function verifierOptions({ auth }: Config, secrets: LocalSecrets): Parameters<typeof createTokenVerifier>[0] {
  return {
    key: auth.JWT_JWKS_URL
      ? { jwksUrl: auth.JWT_JWKS_URL, algorithms: auth.JWT_ALGORITHMS as ('RS256' | 'ES256')[] }
      : { secret: auth.JWT_SECRET ?? secrets.jwtSecret },
    ...(auth.JWT_ISSUER ? { issuer: auth.JWT_ISSUER } : {}),
    ...(auth.JWT_AUDIENCE ? { audience: auth.JWT_AUDIENCE } : {}),
    defaultRoles: [auth.AUTH_DEFAULT_ROLE],
    leewaySeconds: auth.JWT_LEEWAY_SECONDS,
  };
}
