import { Kind, parse, type DirectiveNode } from 'graphql';

export interface SubgraphAddress {
  readonly name: string;
  readonly url: string;
}

const argument = (directive: DirectiveNode | undefined, name: string): string => {
  const value = directive?.arguments?.find((candidate) => candidate.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : '';
};

/** The subgraphs that a supergraph was composed of, and where it says they are. */
export function subgraphsOf(supergraphSdl: string): SubgraphAddress[] {
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    return (definition.values ?? []).map(({ directives }) => {
      const graph = directives?.find(({ name }) => name.value === 'join__graph');
      return { name: argument(graph, 'name'), url: argument(graph, 'url') };
    });
  }
  return [];
}
