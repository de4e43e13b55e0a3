import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { GraphQLObjectType, Kind, parse, print, visit, type DocumentNode, type GraphQLSchema } from 'graphql';
import { DateTimeResolver, JSONResolver, BigIntResolver } from 'graphql-scalars';
import { buildSchemaSync, createResolversMap, type BuildSchemaOptions, type PubSub } from 'type-graphql';

import { subgraphHeader } from './directives';
import type { RequestContext } from './request-context';

/** What `__resolveReference` receives: the key fields of one entity. */
export type EntityReference = Readonly<Record<string, unknown>> & { readonly id: string };

export type ReferenceResolver = (reference: EntityReference, context: RequestContext) => unknown;

export interface SubgraphOptions {
  readonly name: string;
  /** The resolver classes of this domain: type-graphql's metadata is global to the process, so the list is explicit. */
  readonly resolvers: BuildSchemaOptions['resolvers'];
  /** Instances for those classes, made by the composition root. */
  readonly instances: readonly object[];
  /** Entity name → how one is found by its key. Batch with `context.loader`. */
  readonly references?: Readonly<Record<string, ReferenceResolver>>;
  /** Classes that only fields of union or interface type mention. */
  readonly orphanedTypes?: BuildSchemaOptions['orphanedTypes'];
}

export interface BuiltSubgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** Federation SDL, the input of composition. */
  readonly sdl: string;
}

// type-graphql refuses a schema with subscriptions and no pubSub, although every subscription here brings its own iterator.
const noPubSub: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error('Subscriptions read the event log; give @Subscription its own subscribe function.');
  },
};

/**
 * Builds one domain's Apollo subgraph from its type-graphql classes: the schema is printed with its directives, the federation
 * header put in front, and built again by `@apollo/subgraph` with the same resolvers.
 */
export function buildSubgraph({ name, resolvers, instances, references = {}, orphanedTypes }: SubgraphOptions): BuiltSubgraph {
  const base = buildSchemaSync({
    resolvers,
    ...(orphanedTypes ? { orphanedTypes } : {}),
    container: { get: (type) => findInstance(instances, type) },
    skipCheck: true,
    pubSub: noPubSub,
    validate: false,
    scalarsMap: [{ type: Date, scalar: DateTimeResolver }],
  });
  const typeDefs = describeInputs(subgraphDocument(printSchemaWithDirectives(base)), base);
  const resolverMap = createResolversMap(base) as Record<string, Record<string, unknown>>;
  for (const [type, resolveReference] of Object.entries(references)) {
    resolverMap[type] = { ...resolverMap[type], __resolveReference: withTypename(type, resolveReference) };
  }
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolverMap as never }]);
  markSerializedScalars(schema);
  return { name, schema, sdl: print(typeDefs) };
}

function findInstance(instances: readonly object[], type: unknown): object {
  const instance = instances.find((candidate) => candidate.constructor === type);
  if (!instance) throw new Error(`No instance of ${(type as { name: string }).name} was given to buildSubgraph.`);
  return instance;
}

const withTypename =
  (type: string, resolve: ReferenceResolver) =>
  async (reference: EntityReference, context: RequestContext): Promise<unknown> => {
    const entity = await resolve(reference, context);
    return typeof entity === 'object' && entity !== null && !('__typename' in entity)
      ? Object.assign(Object.create(Object.getPrototypeOf(entity) as object), entity, { __typename: type })
      : entity;
  };

/** The one argument `input` of a mutation says what its type says. */
const describeInputs = (document: DocumentNode, schema: GraphQLSchema): DocumentNode =>
  visit(document, {
    InputValueDefinition: (argument) => {
      if (argument.name.value !== 'input' || argument.description) return undefined;
      const named = argument.type.kind === Kind.NON_NULL_TYPE ? argument.type.type : argument.type;
      const description = named.kind === Kind.NAMED_TYPE ? schema.getType(named.name.value)?.description : undefined;
      return description ? { ...argument, description: { kind: Kind.STRING as const, value: description } } : undefined;
    },
  });

/** The printed schema repeats the `schema` block and the definitions that the header imports; federation wants neither. */
function subgraphDocument(printed: string): DocumentNode {
  const own = visit(parse(printed), {
    SchemaDefinition: () => null,
    SchemaExtension: () => null,
    DirectiveDefinition: () => null,
  });
  const header = parse(subgraphHeader);
  return { ...own, definitions: [...header.definitions, ...own.definitions] };
}

// `printSchemaWithDirectives` keeps only a scalar's name; its parsing and printing come back here.
function markSerializedScalars(schema: GraphQLSchema): void {
  const behaviours = { DateTime: DateTimeResolver, DateTimeISO: DateTimeResolver, JSON: JSONResolver, BigInt: BigIntResolver };
  for (const [name, behaviour] of Object.entries(behaviours)) {
    const scalar = schema.getType(name);
    if (!scalar || scalar instanceof GraphQLObjectType || !('serialize' in scalar)) continue;
    Object.assign(scalar, { serialize: behaviour.serialize, parseValue: behaviour.parseValue, parseLiteral: behaviour.parseLiteral });
  }
}
