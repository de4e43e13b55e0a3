import {
  DirectiveLocation,
  extendSchema,
  Kind,
  parse,
  visit,
  type DirectiveDefinitionNode,
  type GraphQLSchema,
  type TypeNode,
} from 'graphql';

import type { Planner } from './planner';

const inOperations = new Set<string>([
  DirectiveLocation.QUERY,
  DirectiveLocation.MUTATION,
  DirectiveLocation.SUBSCRIPTION,
  DirectiveLocation.FIELD,
  DirectiveLocation.FRAGMENT_DEFINITION,
  DirectiveLocation.FRAGMENT_SPREAD,
  DirectiveLocation.INLINE_FRAGMENT,
  DirectiveLocation.VARIABLE_DEFINITION,
]);
const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

export interface WithComposedDirectives {
  readonly schema: GraphQLSchema;
  /** Those that the planners do not know. */
  readonly names: ReadonlySet<string>;
}

/** Directives for clients that came by `@composeDirective`: the API schema lacks them, though operations may have them. */
export function withComposedDirectives(schema: GraphQLSchema, supergraphSdl: string): WithComposedDirectives {
  const definitions = parse(supergraphSdl, { noLocation: true }).definitions.flatMap((definition): DirectiveDefinitionNode[] => {
    if (definition.kind !== Kind.DIRECTIVE_DEFINITION || schema.getDirective(definition.name.value)) return [];
    const locations = definition.locations.filter(({ value }) => inOperations.has(value));
    const areTypesKnown = definition.arguments?.every(({ type }) => schema.getType(namedType(type))) ?? true;
    return locations.length > 0 && areTypesKnown ? [{ ...definition, locations }] : [];
  });
  if (definitions.length === 0) return { schema, names: new Set() };
  return {
    schema: extendSchema(schema, { kind: Kind.DOCUMENT, definitions }),
    names: new Set(definitions.map(({ name }) => name.value)),
  };
}

/** Planners refuse directives that they do not know; what is sent to subgraphs goes without them. */
export const withoutDirectives = (planner: Planner, names: ReadonlySet<string>): Planner => ({
  name: planner.name,
  plan: (request) =>
    planner.plan({
      ...request,
      document: visit(request.document, { Directive: ({ name }) => (names.has(name.value) ? null : undefined) }),
    }),
});
