import { Kind, type ConstDirectiveNode, type DocumentNode, type EnumValueDefinitionNode, type FieldDefinitionNode } from 'graphql';

/** A string or enum argument of a directive of a supergraph. */
export function directiveText(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

export const directiveOf = (
  name: string,
  given: Readonly<Record<string, { readonly kind: Kind.ENUM | Kind.STRING; readonly value: string }>>,
) =>
  ({
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(given).map(([argument, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      value,
    })),
  }) satisfies ConstDirectiveNode;

/** Names of subgraphs by the names that the supergraph's directives have for them. */
export function graphNames(supergraph: DocumentNode): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const { name, directives = [] } of definition.values ?? [])
      names.set(
        name.value,
        directives.map((directive) => directiveText(directive, 'name')).find((found) => found !== undefined) ?? name.value,
      );
  }
  return names;
}

/** A field without `join__field` is in every graph of its type. */
export const inGraphs = (field: FieldDefinitionNode, graphs: readonly string[]): FieldDefinitionNode =>
  field.directives?.some(({ name }) => name.value === 'join__field')
    ? {
        ...field,
        directives: [
          ...field.directives,
          ...graphs.map((graph) => directiveOf('join__field', { graph: { kind: Kind.ENUM, value: graph } })),
        ],
      }
    : field;

export const valueInGraphs = (value: EnumValueDefinitionNode, graphs: readonly string[]): EnumValueDefinitionNode => ({
  ...value,
  directives: [
    ...(value.directives ?? []),
    ...graphs.map((graph) => directiveOf('join__enumValue', { graph: { kind: Kind.ENUM, value: graph } })),
  ],
});
