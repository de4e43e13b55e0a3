import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import jwt from 'jsonwebtoken';

import { createTokenVerifier, type Caller, type Tier } from '#platform/auth';
import { createIdempotencyStore, createMemoryRateLimiter, createMemorySocketCounter } from '#platform/limits';
import { silentLogger } from '#platform/telemetry';

import { createRestFacade, type RestFacade, type RestFacadeOptions } from '../../../rest-facade';
import { testDatabase } from '../../kit/database';

import { desk } from './desk';
import { restEngine } from './engine';
import { createOpenApiCheck } from './openapi-check';

const secret = 'a secret of at least thirty-two characters';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body, where it is JSON. */
  readonly body: any;
}

export interface Send {
  readonly method?: string;
  readonly body?: unknown;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  /** True for what the facade takes beyond its document. */
  readonly isLenient?: boolean;
}

/** Signs a token of the test's own issuer. */
export const tokenOf = (claims: Record<string, unknown> = {}): string =>
  jwt.sign({ tenant_id: 'acme', user_id: 'ada', roles: ['admin'], tier: 'enterprise', ...claims }, secret, {
    algorithm: 'HS256',
    ...('exp' in claims ? {} : { expiresIn: 600 }),
  });

/** A facade over the real engine, real limits and a real socket. `send('/bi/dashboards')` is below `/api/v1` unless it says otherwise. */
export async function restWorld(options: Partial<RestFacadeOptions> = {}) {
  const world = desk();
  const engine = restEngine(world.fixtures);
  const db = await testDatabase();
  const verifier = createTokenVerifier({ key: { secret } });
  const sockets = createMemorySocketCounter();
  const limiter = createMemoryRateLimiter();
  const authenticate = async (token: string | undefined): Promise<Caller> => {
    const { tier, ...verified } = await verifier.verify(token);
    return { ...verified, tier: (tier ?? 'free') as Tier };
  };
  const window = (limit: number) => ({ limit, windowMs: 60_000 });
  const facade: RestFacade = createRestFacade({
    engine,
    authenticate,
    limiter,
    idempotency: createIdempotencyStore({ db }),
    tierRules: { free: window(60), standard: window(300), enterprise: window(1_000) },
    sockets,
    socketCaps: { free: 5, standard: 25, enterprise: 100 },
    logger: silentLogger,
    planRoutes: false,
    versions: [{ name: 'v1' }, { name: 'v2', hidesDeprecated: true }],
    ...options,
  });
  const server: Server = createServer((req, res) => {
    void facade.handle(req, res).then((answered) => {
      if (!answered) res.writeHead(404).end('not the facade');
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (!facade.handleUpgrade(request, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const checks = new Map(
    (options.versions ?? [{ name: 'v1' }, { name: 'v2' }]).map(({ name }) => [name, createOpenApiCheck(facade.openapi(name))]),
  );

  const send = async (
    path: string,
    { method = 'GET', body, token = tokenOf(), headers = {}, isLenient = false }: Send = {},
  ): Promise<Answered> => {
    const raw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
    const response = await fetch(
      url + (/^\/(api|ws|webhook|openapi|docs|redoc|console)\b/.test(path) || path === '/' ? path : `/api/v1${path}`),
      {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: raw ? (body as BodyInit) : JSON.stringify(body) }),
      },
    );
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const answer = text !== '' && /json/.test(type) ? JSON.parse(text) : undefined;
    const { pathname } = new URL(response.url);
    checks.get(pathname.split('/')[2] ?? '')?.({
      method,
      path: pathname,
      status: response.status,
      request: raw || isLenient ? undefined : body,
      answer,
      type,
    });
    return { status: response.status, headers: response.headers, text, body: answer };
  };

  return {
    ...world,
    engine,
    facade,
    server,
    sockets,
    url,
    send,
    async [Symbol.asyncDispose]() {
      world.release();
      await facade.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await limiter.close();
      await engine.stop();
      await world.log.close();
      await db.close();
    },
  };
}

export type RestWorld = Awaited<ReturnType<typeof restWorld>>;
