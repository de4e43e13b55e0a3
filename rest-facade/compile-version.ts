import { parse } from 'graphql';

import type { GraphEngine } from '../gateway/engine/types';
import type { ApiVersion } from './routes/deprecation';
import { readRoutes } from './routes/read-routes';
import { compileRoute, type CompiledRoute } from './view/compile-route';
import { readOwnership } from './view/ownership';
import { buildView, type View } from './view/view-schema';

export interface CompileOptions {
  /** Whether the routes' operations are planned now; else each at its first request. @default true */
  readonly plan?: boolean;
}

export interface CompiledVersion {
  readonly version: ApiVersion;
  readonly routes: readonly CompiledRoute[];
  readonly view: View;
}

/**
 * Reads the supergraph's `@rest` directives and compiles every route of every version. A route that does not plan stops the start (and the
 * build, which calls this too): it would otherwise fail for the first client that asks.
 */
export function compileVersions(
  engine: GraphEngine,
  versions: readonly ApiVersion[],
  { plan = true }: CompileOptions = {},
): readonly CompiledVersion[] {
  const document = parse(engine.supergraphSdl, { noLocation: true });
  const specs = readRoutes(document);
  const compiler = { schema: engine.schema, ownership: readOwnership(document) };
  const served = new Set(versions.map(({ name }) => name));
  const stray = specs.find((spec) => spec.versions.every((name) => !served.has(name)));
  if (stray) throw new Error(`@rest on ${stray.field} names only versions that are not served (${stray.versions.join(', ')}).`);

  return versions.map((version) => {
    const routes = specs.filter((spec) => spec.versions.includes(version.name)).map((spec) => compileRoute(compiler, spec, version));
    if (plan) for (const route of routes) prepare(engine, route);
    return { version, routes, view: buildView(routes, engine.schema) };
  });
}

function prepare(engine: GraphEngine, { spec, version, operation, operationName }: CompiledRoute): void {
  try {
    engine.prepare(operation, operationName);
  } catch (cause) {
    throw new Error(
      `${spec.method} /api/${version}${spec.path} (${spec.kind} ${spec.field}) does not plan: ${(cause as Error).message}\n${operation}`,
      { cause },
    );
  }
}
