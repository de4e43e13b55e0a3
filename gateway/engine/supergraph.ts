import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph, type Schema } from '@apollo/federation-internals';
import { isScalarType, type GraphQLScalarType, type GraphQLSchema } from 'graphql';

import { withComposedDirectives } from './planning/composed-directives';

/** Everything that is derived from a supergraph document, once. */
export interface LoadedSupergraph {
  readonly sdl: string;
  readonly supergraph: Supergraph;
  /** What clients see, in the planner's own model. */
  readonly apiSchema: Schema;
  /** What clients see, as graphql-js knows it: parsing, validation, introspection and shaping go by it. */
  readonly schema: GraphQLSchema;
  /** Directives of operations that `schema` has and `apiSchema` has not. */
  readonly composedDirectives: ReadonlySet<string>;
  /** With inaccessible types and fields: representations and rewrites go by it. */
  readonly fullSchema: GraphQLSchema;
}

/**
 * The supergraph says only the names of scalars. With their definitions, a bad value is refused at the door instead of in the
 * middle of a plan.
 */
function adoptScalars(schema: GraphQLSchema, scalars: readonly GraphQLScalarType[]): void {
  for (const scalar of scalars) {
    const known = schema.getType(scalar.name);
    if (!isScalarType(known)) continue;
    known.parseValue = scalar.parseValue.bind(scalar);
    known.parseLiteral = scalar.parseLiteral.bind(scalar);
  }
}

export function loadSupergraph(sdl: string, scalars: readonly GraphQLScalarType[] = []): LoadedSupergraph {
  // Without the list a supergraph that uses @authenticated or @requiresScopes is refused.
  const supergraph = Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  const apiSchema = supergraph.apiSchema();
  const { schema, names } = withComposedDirectives(apiSchema.toGraphQLJSSchema(), sdl);
  adoptScalars(schema, scalars);
  return { sdl, supergraph, apiSchema, schema, composedDirectives: names, fullSchema: supergraph.schema.toGraphQLJSSchema() };
}
