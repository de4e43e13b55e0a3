import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { Kind, lexicographicSortSchema, parse, printSchema, visit, type DocumentNode, type ObjectTypeDefinitionNode } from 'graphql';

export interface SubgraphSdl {
  readonly name: string;
  readonly sdl: string;
}

export interface Composed {
  readonly supergraphSdl: string;
  /** What clients see: the API schema, sorted, for stable diffs. */
  readonly apiSdl: string;
  readonly hints: readonly string[];
}

/** Composes the domains' schemas into one supergraph. Throws with every composition error in one message. */
export function composeSupergraph(subgraphs: readonly SubgraphSdl[]): Composed {
  const services = [...subgraphs]
    .sort((a, b) => a.name.localeCompare(b.name))
    // In one process the address is never used; across processes the deployment's settings give it.
    .map(({ name, sdl }) => ({ name, url: `http://${name}/graphql`, typeDefs: withoutStubDescriptions(parse(sdl)) }));
  const result = composeServices(services);
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  const api = Supergraph.build(result.supergraphSdl).apiSchema().toGraphQLJSSchema();
  return {
    supergraphSdl: `${result.supergraphSdl.trimEnd()}\n`,
    apiSdl: `${printSchema(lexicographicSortSchema(api))}\n`,
    hints: result.hints.map(({ message }) => message),
  };
}

/** An entity is described by its owner; what another domain says of its stub would only compete with that. */
const withoutStubDescriptions = (document: DocumentNode): DocumentNode =>
  visit(document, {
    ObjectTypeDefinition: (type) =>
      isStub(type)
        ? {
            ...type,
            description: undefined,
            fields: type.fields?.map((field) => (isKeyField(type, field.name.value) ? { ...field, description: undefined } : field)),
          }
        : undefined,
  });

const keysOf = (type: ObjectTypeDefinitionNode) => (type.directives ?? []).filter(({ name }) => name.value === 'key');

const isStub = (type: ObjectTypeDefinitionNode): boolean =>
  keysOf(type).some(({ arguments: given }) =>
    given?.some(({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value),
  );

const isKeyField = (type: ObjectTypeDefinitionNode, field: string): boolean =>
  keysOf(type).some(({ arguments: given }) =>
    given?.some(({ value }) => value.kind === Kind.STRING && value.value.split(/\W+/).includes(field)),
  );
