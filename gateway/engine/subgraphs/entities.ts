import { isObjectType, type GraphQLFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql';

import { isPromise } from '../execution/is-promise';

type ResolveReference = (reference: object, context: unknown, info: unknown) => unknown;

function resolveReferenceOf({ extensions }: GraphQLObjectType): ResolveReference | undefined {
  const { apollo } = extensions as { apollo?: { subgraph?: { resolveReference?: ResolveReference } } };
  return apollo?.subgraph?.resolveReference;
}

/** An entity as the executor wants it: it tells its type. The same as `@apollo/subgraph` does with it. */
function named(entity: unknown, typename: string): unknown {
  if (typeof entity !== 'object' || entity === null) return entity;
  const known = (entity as { __typename?: unknown }).__typename;
  if (known === typename) return entity;
  if ('__typename' in entity) return { ...entity, __typename: typename };
  return Object.defineProperty(entity, '__typename', { value: typename });
}

/**
 * `@apollo/subgraph` waits for each entity on its own, whether there is anything to wait for or not: two promises an entity, which
 * cost more than finding it. This resolver waits only for those that are promises; for interfaces the original decides.
 */
export function resolveEntitiesDirectly(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()._entities;
  const original = field?.resolve;
  if (!field || !original || direct.has(original)) return;
  const resolve: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) => {
    const representations = args.representations as readonly { readonly __typename: string }[];
    const types = representations.map(({ __typename }) => schema.getType(__typename));
    if (!types.every(isObjectType)) return original(source, args, context, info);
    return representations.map((representation, index) => {
      const resolveReference = resolveReferenceOf(types[index] as GraphQLObjectType);
      const { __typename: typename } = representation;
      const found = resolveReference ? resolveReference(representation, context, info) : representation;
      return isPromise(found) ? found.then((entity) => named(entity, typename)) : named(found, typename);
    });
  };
  direct.add(resolve);
  field.resolve = resolve;
}

/** A schema may become a subgraph more than once. */
const direct = new WeakSet<object>();
