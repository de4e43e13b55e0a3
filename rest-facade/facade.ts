import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Caller, Tier } from '#platform/auth';
import type { IdempotencyStore, RateLimiter, RateRule } from '#platform/limits';
import type { Logger } from '#platform/telemetry';

import type { GraphEngine } from '../gateway/engine/types';
import { compileVersions, type CompiledVersion } from './compile-version';
import type { Endpoint } from './http/call';
import { createFront } from './http/front';
import { graphEndpoint } from './http/graph-endpoint';
import { createRouter } from './http/router';
import { createBodyReader } from './http/upload';
import { readAddress } from './http/request-facts';
import { buildDocument, type OpenApiDocument } from './openapi/document';
import type { ApiVersion } from './routes/deprecation';
import { deprecationOf } from './routes/successor';
import { createSofaRoutes } from './sofa';
import { documentation } from './static/documentation';
import { createFileServer } from './static/file-server';

export interface RestFacadeOptions {
  readonly engine: GraphEngine;
  /** The caller behind a bearer token. Throws UNAUTHORIZED or FORBIDDEN. */
  authenticate(token: string | undefined): Promise<Caller>;
  readonly limiter: RateLimiter;
  readonly idempotency: IdempotencyStore;
  /** Requests per window, by tier. */
  readonly tierRules: Readonly<Record<Tier, RateRule>>;
  readonly logger: Logger;
  /** @default [{ name: 'v1' }] */
  readonly versions?: readonly ApiVersion[];
  /** Largest JSON body. @default 2_097_152 */
  readonly maxBodyBytes?: number;
  /** Largest uploaded file. @default 104_857_600 */
  readonly maxUploadBytes?: number;
  /** Of the running release, for the OpenAPI document. @default '0.0.0' */
  readonly release?: string;
  onAnswer?(operation: string, status: number, seconds: number): void;
}

export interface RestFacade {
  /** Answers a request that is the facade's to answer; false where it is not. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** The OpenAPI document of a version; of the first where none is named. */
  openapi(version?: string): OpenApiDocument;
  /** Every address with the operation behind it. */
  readonly routes: readonly { readonly method: string; readonly path: string; readonly operation: string }[];
}

export function createRestFacade(options: RestFacadeOptions): RestFacade {
  const { engine, idempotency, versions = [{ name: 'v1' }], maxBodyBytes = 2_097_152, maxUploadBytes = 104_857_600 } = options;
  const compiled = compileVersions(engine, versions);
  const all = compiled.flatMap(({ routes }) => routes);
  const router = createRouter<Endpoint>();
  const readBody = createBodyReader({ maxBodyBytes, maxUploadBytes });
  const endpoints = compiled.flatMap(({ version, routes }) =>
    routes.map((route): Endpoint => {
      const headers = deprecationOf(route, version, all);
      return { ...graphEndpoint({ engine, idempotency, readBody }, route), ...(headers ? { headers } : {}) };
    }),
  );
  for (const endpoint of endpoints) router.add(endpoint.method, endpoint.path, endpoint);
  const answerApi = createFront({ ...options, router, versions: versions.map(({ name }) => name) });

  const documents = compiled.map((one) => ({ version: one.version.name, document: describe(one, options.release ?? '0.0.0') }));
  const serveFile = createFileServer(documentation(documents));

  return {
    openapi: (version) => (documents.find((one) => one.version === version) ?? documents[0]!).document,
    routes: endpoints.map(({ method, path, operation }) => ({ method, path, operation })),
    async handle(req, res) {
      const { path } = readAddress(req);
      if (path !== '/api' && !path.startsWith('/api/')) return serveFile(req, res, path);
      await answerApi(req, res);
      return true;
    },
  };
}

/** SOFA makes the routes of the document; it runs nothing here, so its runner is never called. */
function describe({ version, view }: CompiledVersion, release: string): OpenApiDocument {
  const sofa = createSofaRoutes(view, version, () =>
    Promise.reject(new Error('SOFA is the generator here; requests take our own router.')),
  );
  return buildDocument({ version, view, sofa, release });
}
