import { Kind, parse, valueFromASTUntyped, type DocumentNode, type ObjectTypeDefinitionNode, type ObjectTypeExtensionNode } from 'graphql';
import { z } from 'zod';

import { unifyPaths } from './unify-paths';
import type { RouteSpec } from './route-spec';

const directive = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().min(1),
  status: z.number().int().min(200).max(299).default(200),
  tags: z.array(z.string()).nullish(),
  depth: z.number().int().min(1).max(10).nullish(),
  versions: z.array(z.string().regex(/^v\d+$/)).nullish(),
  nullable: z.boolean().nullish(),
});

/** Paths are written below the version; a full path is accepted, and the version it names is dropped. */
const belowVersion = (path: string): string => `/${path.replace(/^\/?(api\/v\d+\/)?/, '').replace(/\/$/, '')}`.replace(/^\/$/, '');

/** Every `@rest` of the supergraph, in the order of the schema. Throws where two routes share method, path and version. */
export function readRoutes(supergraph: string | DocumentNode): readonly RouteSpec[] {
  const document = typeof supergraph === 'string' ? parse(supergraph, { noLocation: true }) : supergraph;
  const roots = rootNames(document);
  const routes = document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) return [];
    const kind = roots.get(definition.name.value);
    return kind ? routesOf(definition, kind) : [];
  });
  refuseTwins(routes);
  return unifyPaths(routes);
}

function rootNames(document: DocumentNode): ReadonlyMap<string, RouteSpec['kind']> {
  const names = new Map<string, RouteSpec['kind']>([
    ['Query', 'query'],
    ['Mutation', 'mutation'],
  ]);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const { operation, type } of definition.operationTypes ?? []) {
      if (operation !== 'subscription') names.set(type.name.value, operation as RouteSpec['kind']);
    }
  }
  return names;
}

function routesOf(type: ObjectTypeDefinitionNode | ObjectTypeExtensionNode, kind: RouteSpec['kind']): RouteSpec[] {
  return (type.fields ?? []).flatMap((field) =>
    (field.directives ?? [])
      .filter(({ name }) => name.value === 'rest')
      .map(({ arguments: given = [] }) => {
        const values = Object.fromEntries(given.map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]));
        const parsed = directive.safeParse(values);
        if (!parsed.success) throw new Error(`@rest on ${type.name.value}.${field.name.value}: ${z.prettifyError(parsed.error)}`);
        const { method, path, status, tags, depth, versions, nullable } = parsed.data;
        const below = belowVersion(path);
        return {
          kind,
          field: field.name.value,
          method,
          path: below,
          aliases: {},
          status,
          tags: tags ?? [below.split('/')[1] ?? 'api'],
          depth: depth ?? 4,
          versions: versions ?? ['v1'],
          nullable: nullable ?? false,
        };
      }),
  );
}

function refuseTwins(routes: readonly RouteSpec[]): void {
  const taken = new Map<string, string>();
  for (const { method, path, versions, field } of routes) {
    for (const version of versions) {
      // Two paths that differ only in the names of their parameters would be one address.
      const address = `${method} /api/${version}${path.replace(/:\w+/g, ':')}`;
      const owner = taken.get(address);
      if (owner) throw new Error(`${address} is claimed by @rest on ${owner} and on ${field}.`);
      taken.set(address, field);
    }
  }
}
