import { composeServices } from '@apollo/composition';
import { buildSupergraphSchema } from '@apollo/federation-internals';
import { lexicographicSortSchema, parse, printSchema } from 'graphql';

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
    .map(({ name, sdl }) => ({ name, url: `http://${name}/graphql`, typeDefs: parse(sdl) }));
  const result = composeServices(services);
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  const [schema] = buildSupergraphSchema(result.supergraphSdl);
  const api = schema.toAPISchema().toGraphQLJSSchema();
  return {
    supergraphSdl: `${result.supergraphSdl.trimEnd()}\n`,
    apiSdl: `${printSchema(lexicographicSortSchema(api))}\n`,
    hints: result.hints.map(({ message }) => message),
  };
}
