import { Kind, parse, print, type ConstDirectiveNode, type DefinitionNode } from 'graphql';

const argument = (directive: ConstDirectiveNode, name: string): unknown => {
  const value = directive.arguments?.find((given) => given.name.value === name)?.value;
  return value && 'value' in value ? value.value : undefined;
};

const isUnresolvableKey = (directive: ConstDirectiveNode): boolean =>
  directive.name.value === 'join__type' && argument(directive, 'resolvable') === false;

/**
 * To come back to a subgraph with required fields, the reference planner takes the first key that it finds there, whether the
 * subgraph resolves it or not. So resolvable keys are put first. Null where no type has keys of both kinds in one subgraph.
 */
export function resolvableKeysFirst(supergraphSdl: string): string | null {
  const document = parse(supergraphSdl, { noLocation: true });
  let isChanged = false;
  const sorted = <Definition extends DefinitionNode>(definition: Definition): Definition => {
    const isEntity = definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
    if (!isEntity || !definition.directives?.some(isUnresolvableKey)) return definition;
    const others = definition.directives.filter((directive) => !isUnresolvableKey(directive));
    const graphs = new Set(others.map((directive) => argument(directive, 'graph')));
    const unresolvable = definition.directives.filter(isUnresolvableKey);
    isChanged ||= unresolvable.some((directive) => graphs.has(argument(directive, 'graph')));
    return { ...definition, directives: [...others, ...unresolvable] };
  };
  const definitions = document.definitions.map(sorted);
  return isChanged ? print({ ...document, definitions }) : null;
}
