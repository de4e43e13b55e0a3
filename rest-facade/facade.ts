import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import { createOpenStreams, type Caller, type Tier } from '#platform/auth';
import type { IdempotencyStore, RateLimiter, RateRule, SocketCounter } from '#platform/limits';
import type { Logger } from '#platform/telemetry';

import type { GraphEngine } from '../gateway/engine';
import { requestQuotaKey } from '../gateway/plugins/rate-limit';
import { compileVersions, type CompiledVersion } from './compile-version';
import type { Endpoint } from './http/call';
import { createFront } from './http/front';
import { graphEndpoint } from './http/graph-endpoint';
import { rateLimited } from './http/rate-headers';
import { createRouter } from './http/router';
import { createBodyReader } from './http/upload';
import { readAddress } from './http/request-facts';
import { describeEvents } from './openapi/describe-events';
import { buildDocument, type OpenApiDocument } from './openapi/document';
import type { ApiVersion } from './routes/deprecation';
import { deprecationOf } from './routes/successor';
import { createSofaRoutes } from './sofa';
import { consolePages } from './static/console';
import { documentation } from './static/documentation';
import { createFileServer } from './static/file-server';
import { availableDoors, standardDoors, type StreamDoor } from './streams/doors';
import { createEventSockets } from './streams/event-sockets';
import type { EventSocketDeps } from './streams/event-socket-deps';
import { eventsEndpoint, type EventsOptions } from './streams/sse-endpoint';

export interface RestFacadeOptions {
  readonly engine: GraphEngine;
  /** The caller behind a bearer token. Throws UNAUTHORIZED or FORBIDDEN. */
  authenticate(token: string | undefined): Promise<Caller>;
  readonly limiter: RateLimiter;
  readonly idempotency: IdempotencyStore;
  /** Requests per window, by tier. */
  readonly tierRules: Readonly<Record<Tier, RateRule>>;
  /** Open sockets, counted together with those of GraphQL. */
  readonly sockets: SocketCounter;
  /** Sockets at once, by tier. */
  readonly socketCaps: Readonly<Record<Tier, number>>;
  /** Origins besides our own whose pages may open sockets. @default [] */
  readonly allowedOrigins?: readonly string[];
  readonly logger: Logger;
  /** @default [{ name: 'v1' }] */
  readonly versions?: readonly ApiVersion[];
  /** Plans every route now, so that one that does not plan stops the start; else each at its first request. @default true */
  readonly planRoutes?: boolean;
  /** Largest JSON body. @default 2_097_152 */
  readonly maxBodyBytes?: number;
  /** Largest uploaded file. @default 104_857_600 */
  readonly maxUploadBytes?: number;
  /** Of the running release, for the OpenAPI document. @default '0.0.0' */
  readonly release?: string;
  /** @default chat and agents, where the graph has them */
  readonly doors?: readonly StreamDoor[];
  /** Times and sizes of sockets and event streams. */
  readonly streams?: Pick<EventSocketDeps, 'pingMs' | 'initTimeoutMs' | 'maxFrameBytes' | 'maxSockets'> &
    Pick<EventsOptions, 'heartbeatMs' | 'stalledMs'>;
  onAnswer?(operation: string, status: number, seconds: number): void;
}

export interface RestFacade {
  /** Answers a request that is the facade's to answer; false where it is not. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** Takes the upgrade of a typed-event WebSocket; false where it is none of ours. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Ends the sockets and event streams of callers that have lost a right: a suspended tenant, a removed role. */
  closeWhere(isMeant: (caller: Caller) => boolean): void;
  /** Sends every socket away (1001) and waits for it. */
  close(): Promise<void>;
  /** The OpenAPI document of a version; of the first where none is named. */
  openapi(version?: string): OpenApiDocument;
  /** Every address with the operation behind it. */
  readonly routes: readonly { readonly method: string; readonly path: string; readonly operation: string }[];
}

const once = <Value>(make: () => Value): (() => Value) => {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
};

export function createRestFacade(options: RestFacadeOptions): RestFacade {
  const {
    engine,
    idempotency,
    limiter,
    tierRules,
    sockets,
    socketCaps,
    logger,
    versions = [{ name: 'v1' }],
    planRoutes = true,
    maxBodyBytes = 2_097_152,
    maxUploadBytes = 104_857_600,
  } = options;
  const compiled = compileVersions(engine, versions, { plan: planRoutes });
  const all = compiled.flatMap(({ routes }) => routes);
  const router = createRouter<Endpoint>();
  const readBody = createBodyReader({ maxBodyBytes, maxUploadBytes });
  const endpoints = compiled.flatMap(({ version, routes }) =>
    routes.map((route): Endpoint => {
      const headers = deprecationOf(route, version, all);
      return { ...graphEndpoint({ engine, idempotency, readBody }, route), ...(headers ? { headers } : {}) };
    }),
  );
  const doors = availableDoors(engine, options.doors ?? standardDoors);
  const openStreams = createOpenStreams();
  const { heartbeatMs, stalledMs } = options.streams ?? {};
  const eventsOptions = { engine, version: versions[0]!.name, open: openStreams, heartbeatMs, stalledMs };
  const events = doors.map((door) => eventsEndpoint(eventsOptions, door));
  endpoints.push(...events);
  for (const endpoint of endpoints) router.add(endpoint.method, endpoint.path, endpoint);
  const answerApi = createFront({ ...options, router, versions: versions.map(({ name }) => name) });

  const eventSockets = createEventSockets(
    {
      engine,
      log: logger,
      authenticate: (token) => options.authenticate(token),
      admit: (caller) => sockets.acquire(caller.tenantId, socketCaps[caller.tier]),
      async takeQuota(caller) {
        const decision = await limiter.take(requestQuotaKey(caller.tenantId), tierRules[caller.tier]);
        if (!decision.allowed) throw rateLimited(decision);
      },
      allowedOrigins: options.allowedOrigins ?? [],
      ...options.streams,
    },
    doors,
  );
  // The document takes a second to make and nobody asks for it first: it waits for whoever does.
  const documents = once(() =>
    compiled.map((one) => ({
      version: one.version.name,
      document: describe(one, { release: options.release ?? '0.0.0', doors: one === compiled[0] ? doors : [] }),
    })),
  );
  const consoleFiles = createFileServer(consolePages());
  const documentFiles = once(() => createFileServer(documentation(documents())));

  return {
    handleUpgrade: (request, socket, head) => eventSockets.handleUpgrade(request, socket, head),
    closeWhere(isMeant) {
      eventSockets.closeWhere(isMeant);
      openStreams.closeWhere(isMeant);
    },
    close: () => eventSockets.close(),
    openapi: (version) => (documents().find((one) => one.version === version) ?? documents()[0]!).document,
    routes: endpoints.map(({ method, path, operation }) => ({ method, path, operation })),
    async handle(req, res) {
      const { path } = readAddress(req);
      if (path !== '/api' && !path.startsWith('/api/')) return (await consoleFiles(req, res, path)) || documentFiles()(req, res, path);
      await answerApi(req, res);
      return true;
    },
  };
}

/** SOFA makes the routes of the document; it runs nothing here, so its runner is never called. */
function describe(
  { version, view }: CompiledVersion,
  { release, doors }: { readonly release: string; readonly doors: readonly StreamDoor[] },
): OpenApiDocument {
  const sofa = createSofaRoutes(view, version, () =>
    Promise.reject(new Error('SOFA is the generator here; requests take our own router.')),
  );
  const extra = doors.map(
    (door) => [`/api/${version.name}${door.eventsPath.replace(/:(\w+)/g, '{$1}')}`, { get: describeEvents(door) }] as const,
  );
  return buildDocument({ version, view, sofa, release, extra: Object.fromEntries(extra) });
}

/** The OpenAPI document that a graph gives, without serving it: for checks and for clients that are generated. */
export function documentOf(engine: GraphEngine, version: ApiVersion = { name: 'v1' }, release = '0.0.0'): OpenApiDocument {
  return describe(compileVersions(engine, [version])[0]!, { release, doors: availableDoors(engine, standardDoors) });
}
