import type { GatewayInterface, GatewaySchemaLoadOrUpdateCallback } from '@apollo/server-gateway-interface';

import type { RequestContext } from '#platform/graphql';

import type { GraphEngine } from '../types';

/**
 * The engine as the `gateway` of an `ApolloServer`, for its plugins and its landing page. The server's context function has to give
 * a RequestContext. Apollo Server parses and validates for itself first; the thin door of this gateway does not, and is faster.
 */
export function asApolloGateway(engine: GraphEngine): GatewayInterface {
  const listeners = new Set<GatewaySchemaLoadOrUpdateCallback>();
  return {
    load() {
      for (const listener of listeners) listener({ apiSchema: engine.schema, coreSupergraphSdl: engine.supergraphSdl });
      return Promise.resolve({
        executor: ({ source, operationName, request, context }) =>
          engine.execute({
            source,
            operationName: operationName ?? undefined,
            variables: request.variables,
            context: context as RequestContext,
          }) as ReturnType<NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>>,
      });
    },
    onSchemaLoadOrUpdate(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => Promise.resolve(),
  };
}
