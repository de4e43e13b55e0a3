import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import cors from 'cors';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';

import { hasRole, type Caller, type OpenStreams, type TenantDirectory } from '#platform/auth';
import type { Config } from '#platform/config';
import { AppError, errors, toPublicError } from '#platform/errors';
import type { Lifecycle } from '#platform/lifecycle';
import type { RateLimiter, RateRule, SocketCounter } from '#platform/limits';
import type { Health, Logger, Metrics } from '#platform/telemetry';

import { rateHeaders, type RestFacade } from '../rest-facade';

import { attachApolloServer } from './apollo-front';
import type { GraphEngine } from './engine';
import { createExpressServer } from './express-server';
import { attachGraphqlHttp } from './graphql-http';
import { closeSuspended } from './plugins/close-suspended';
import type { PersistedOperations } from './plugins/persisted-operations';
import { quota } from './plugins/rate-limit';
import { createGraphqlWs } from './subscriptions';

export interface ServerParts {
  readonly config: Config;
  readonly engine: GraphEngine;
  readonly persisted: PersistedOperations;
  readonly facade: RestFacade;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly limiter: RateLimiter;
  readonly sockets: SocketCounter;
  readonly tierRules: Readonly<Record<Caller['tier'], RateRule>>;
  readonly socketCaps: Readonly<Record<Caller['tier'], number>>;
  readonly tenants: Pick<TenantDirectory, 'suspended'>;
  /** The GraphQL streams over HTTP that are open. */
  readonly openStreams: OpenStreams;
  authenticate(token: string | undefined): Promise<Caller>;
  /** Doors of single domains, such as the OpenAI-compatible one, with the path that they answer. */
  readonly mounts: readonly { readonly path: string; readonly handler: RequestHandler }[];
}

const bearer = (request: IncomingMessage): string | undefined => /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];

/** Answers while the parts behind it are still being opened, so that a taken port is known at once and probes see a live process. */
export function startingServer(): { readonly server: Server; readonly app: Express; serve(): void } {
  const app = express();
  let handler: (request: IncomingMessage, response: ServerResponse) => void = (request, response) => {
    const live = request.url === '/health/live';
    response.writeHead(live ? 200 : 503, { 'content-type': 'application/json', 'retry-after': '1' });
    response.end(JSON.stringify(live ? { status: 'live' } : { status: 'starting' }));
  };
  const server = createExpressServer(app, (request, response) => handler(request, response));
  // A client that sends its headers or body slowly gives its place back.
  server.headersTimeout = 20_000;
  server.requestTimeout = 120_000;
  server.keepAliveTimeout = 65_000;
  return { server, app, serve: () => void (handler = app) };
}

/** Everything on the one port: health, metrics, GraphQL over HTTP and WebSocket, the REST facade, the mounted doors. */
export async function equipApp(app: Express, parts: ServerParts): Promise<void> {
  const { config, engine, health, lifecycle, metrics, logger } = parts;
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(helmet({ contentSecurityPolicy: false, crossOriginResourcePolicy: { policy: 'same-site' } }));
  if (config.server.CORS_ORIGINS.length > 0)
    app.use(cors({ origin: [...config.server.CORS_ORIGINS], credentials: true, exposedHeaders: '*' }));

  app.get('/health/live', (_request, response) => void response.json({ status: 'live' }));
  app.get('/health/ready', async (_request, response) => {
    const { ok, checks } = await health.ready();
    const ready = ok && lifecycle.phase.name === 'ready';
    response
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ready' : lifecycle.phase.name === 'ready' ? 'degraded' : lifecycle.phase.name, checks });
  });
  app.get('/metrics', async (request, response) => {
    const caller = await parts.authenticate(bearer(request));
    if (!hasRole(caller, 'admin')) throw errors.FORBIDDEN({ hint: 'metrics need the role admin' });
    response.type('text/plain; version=0.0.4').send(await metrics.text());
  });

  const graphqlQuota = quota({ limiter: parts.limiter, tierRules: parts.tierRules });
  const identify = async (request: IncomingMessage): Promise<Caller> => {
    const caller = await parts.authenticate(bearer(request));
    // Express keeps a request's answer on the request.
    const { res } = request as { res?: ServerResponse };
    await graphqlQuota(caller, (decision, rule) => {
      for (const [name, value] of Object.entries(rateHeaders(decision, rule, Date.now()))) res?.setHeader(name, value);
      if (!decision.allowed) res?.setHeader('Retry-After', String(decision.retryAfterSeconds));
    });
    return caller;
  };
  if (config.gateway.GATEWAY_FRONT === 'apollo') {
    const introspection = config.gateway.GATEWAY_INTROSPECTION === 'true' || config.server.NODE_ENV !== 'production';
    const stop = await attachApolloServer(app, { engine, identify, maxBodyBytes: config.server.BODY_MAX_BYTES, introspection });
    lifecycle.register({ name: 'apollo server', drain: stop });
  } else {
    attachGraphqlHttp(app, {
      engine,
      log: logger,
      identify,
      maxBodyBytes: config.server.BODY_MAX_BYTES,
      graphiql: config.server.NODE_ENV !== 'production',
      persisted: parts.persisted,
      openStreams: parts.openStreams,
    });
  }
  for (const { path, handler } of parts.mounts) app.use(path, handler);
  app.use(async (request, response, next) => {
    if (!(await parts.facade.handle(request, response))) next();
  });
  app.use((_request, response) => sendFailure(response, errors.NOT_FOUND({ kind: 'page; the API is described at /docs' })));
  app.use(((thrown, _request, response, _next) => {
    if (!(thrown instanceof AppError)) logger.error({ event: 'http.failed', err: thrown }, 'request failed');
    sendFailure(response, thrown);
  }) as express.ErrorRequestHandler);
}

function sendFailure(response: express.Response, thrown: unknown): void {
  if (response.headersSent) return void response.destroy();
  const { code, message, status, field, details } = toPublicError(thrown);
  const error = {
    code,
    message,
    ...(field ? { field } : {}),
    ...(details ? { details } : {}),
    request_id: response.getHeader('x-request-id') ?? null,
  };
  response.status(status).json({ success: false, data: null, errors: [error], warnings: [], execution_time_ms: 0 });
}

/** Sockets of every kind on the running server: GraphQL's and the facade's typed events. */
export function attachSockets(server: Server, parts: ServerParts): void {
  const { engine, logger, sockets, socketCaps, config, lifecycle } = parts;
  const admit = (caller: Caller): Promise<(() => Promise<void>) | null> => sockets.acquire(caller.tenantId, socketCaps[caller.tier]);
  const graphqlWs = createGraphqlWs({
    engine,
    log: logger,
    authenticate: (token) => parts.authenticate(token),
    admit,
    allowedOrigins: config.server.CORS_ORIGINS,
    persisted: parts.persisted,
  });
  lifecycle.register({ name: 'graphql sockets', drain: () => graphqlWs.close() });
  const stopClosing = closeSuspended({ tenants: parts.tenants, doors: [graphqlWs, parts.openStreams, parts.facade], log: logger });
  lifecycle.register({ name: 'suspended tenants', drain: async () => stopClosing() });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (graphqlWs.handleUpgrade(request, socket, head)) return;
    if (parts.facade.handleUpgrade(request, socket, head)) return;
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
}
