import type { GatewayExecutionResult, GatewayInterface, GatewaySchemaLoadOrUpdateCallback } from '@apollo/server-gateway-interface';

import type { ExecutionResult } from 'graphql';

import type { RequestContext } from '#platform/graphql';

import type { GraphEngine } from '../types';

/** Results that are known already, by the context value of their request. */
export type KnownResults = Pick<WeakMap<object, ExecutionResult>, 'get'>;

/**
 * The engine as the `gateway` of an `ApolloServer`, for its plugins and its landing page. The server's context function has to give
 * a RequestContext. Apollo Server parses and validates for itself first; the thin door of this gateway does not, and is faster.
 */
export function asApolloGateway(engine: GraphEngine, known?: KnownResults): GatewayInterface {
  const listeners = new Set<GatewaySchemaLoadOrUpdateCallback>();
  return {
    load() {
      for (const listener of listeners) listener({ apiSchema: engine.schema, coreSupergraphSdl: engine.supergraphSdl });
      return Promise.resolve({
        executor: async ({ source, operationName, request, context }) => {
          const result =
            known?.get(context) ??
            (await engine.execute({
              source,
              operationName: operationName ?? undefined,
              variables: request.variables,
              context: context as RequestContext,
            }));
          return result as GatewayExecutionResult;
        },
      });
    },
    onSchemaLoadOrUpdate(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => Promise.resolve(),
  };
}
