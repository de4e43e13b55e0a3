import { createSofa, createSofaRouter } from 'sofa-api';
import type { GraphQLError } from 'graphql';

import type { ApiVersion } from './routes/deprecation';
import type { View } from './view/view-schema';

/** How SOFA hands over a request: the view's root field and its variables, all in snake_case. */
export type RunRoute = (
  rootField: string,
  variables: Readonly<Record<string, unknown>>,
) => Promise<{ readonly data: unknown } | { readonly errors: readonly GraphQLError[] }>;

export interface SofaOutput {
  /** OpenAPI 3.0, as SOFA writes it; `openapi/` makes our document of it. */
  readonly document: Readonly<Record<string, unknown>>;
  /** The reference implementation of the routes: tests compare our own router with it. It has no envelope, limits or authentication. */
  fetch(request: Request): Promise<Response>;
}

const scalars = {
  DateTime: { type: 'string', format: 'date-time' },
  DateTimeISO: { type: 'string', format: 'date-time' },
  JSON: {},
  BigInt: { type: 'string', pattern: '^-?\\d+$' },
  Duration: { type: 'string', format: 'duration' },
  Binary: { type: 'string', format: 'binary' },
};

/**
 * SOFA makes the routes and the OpenAPI document from the view. The view is finite and free of cycles, so `models` (SOFA's own way of
 * cutting cycles by guessing at names) stays empty. Its `/webhook` routes post to any address that a client names: they are refused here
 * and are never mounted in front of clients.
 */
export function createSofaRoutes({ schema, routes }: View, version: ApiVersion, run: RunRoute): SofaOutput {
  const basePath = `/api/${version.name}`;
  const sofa = createSofa({
    basePath,
    schema,
    customScalars: scalars,
    openAPI: { info: { title: 'Parley', version: version.name }, components: { schemas: {} } },
    routes: Object.fromEntries(
      [...routes].map(([name, { spec, field }]) => [
        `${spec.kind === 'query' ? 'Query' : 'Mutation'}.${name}`,
        {
          method: spec.method,
          path: spec.path,
          responseStatus: spec.status as 200,
          tags: [...spec.tags],
          description: field.description ?? '',
        },
      ]),
    ),
    execute: async ({ document, variableValues }) => {
      const operation = document.definitions[0];
      const root = operation?.kind === 'OperationDefinition' ? operation.selectionSet.selections[0] : undefined;
      const name = root?.kind === 'Field' ? root.name.value : '';
      const result = await run(name, (variableValues ?? {}) as Record<string, unknown>);
      return 'errors' in result ? { errors: [...result.errors] } : { data: { [name]: result.data } };
    },
  });
  const router = createSofaRouter({ ...sofa, models: [] });
  return {
    document: router.openAPIDocument as unknown as Record<string, unknown>,
    async fetch(request) {
      if (new URL(request.url).pathname.startsWith(`${basePath}/webhook`)) return new Response(null, { status: 404 });
      return (await router.fetch(request)) as Response;
    },
  };
}
