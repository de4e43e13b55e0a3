import { Kind, type DocumentNode } from 'graphql';

/** True where a subscription's field is given a position to replay from. */
export function replaysFrom(argument: string, document: DocumentNode, variables: Readonly<Record<string, unknown>>): boolean {
  const [definition] = document.definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return false;
  return definition.selectionSet.selections.some((selection) => {
    if (selection.kind !== Kind.FIELD) return false;
    const value = selection.arguments?.find(({ name }) => name.value === argument)?.value;
    if (value?.kind === Kind.VARIABLE) return variables[value.name.value] !== undefined && variables[value.name.value] !== null;
    return value !== undefined && value.kind !== Kind.NULL;
  });
}
