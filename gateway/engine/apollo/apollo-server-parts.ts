import type { ApolloServerPlugin, BaseContext, GraphQLRequestListener, HeaderMap } from '@apollo/server';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import type { DocumentNode, ExecutionResult, FormattedExecutionResult, GraphQLSchema } from 'graphql';

import type { RequestContext } from '#platform/graphql';

import type { GraphEngine } from '../types';

import { asApolloGateway } from './as-apollo-gateway';

export interface ApolloServerParts {
  readonly gateway: GatewayInterface;
  /** To come last: an answer of a plugin before it, say of a cache, stands. */
  readonly plugin: ApolloServerPlugin<BaseContext>;
}

/** Merged into the answer's, to which there is nothing to add. */
const head = { status: undefined, headers: new Map<string, string>() as HeaderMap };

/**
 * The engine as an Apollo Server's `gateway`, with a plugin that answers what goes well before the server prepares its call of a
 * gateway: what it makes for that call outlives the request, which costs more than a plain read does. What fails is handed out by the
 * gateway, so that plugins and `formatError` see every failure; `executionDidStart` is called for failures only.
 */
export function apolloServerParts(engine: GraphEngine): ApolloServerParts {
  const failed = new WeakMap<object, ExecutionResult>();
  const valid = new WeakMap<DocumentNode, GraphQLSchema>();
  const listener: GraphQLRequestListener<BaseContext> = {
    async validationDidStart({ schema, document }) {
      return async (problems) => {
        if (problems === undefined) valid.set(document, schema);
      };
    },
    async responseForOperation({ source, operation, operationName, request, document, contextValue }) {
      // Which operation is meant is not known, which the server says in its own words.
      if (!operation) return null;
      const schema = valid.get(document);
      const result = await engine.execute({
        source,
        operationName: operationName ?? undefined,
        variables: request.variables,
        context: contextValue as RequestContext,
        validated: schema && { document, schema },
      });
      if (!result.errors) return { http: head, body: { kind: 'single', singleResult: result as FormattedExecutionResult } };
      failed.set(contextValue, result);
      return null;
    },
  };
  return { gateway: asApolloGateway(engine, failed), plugin: { requestDidStart: () => Promise.resolve(listener) } };
}
