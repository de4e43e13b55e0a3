import { Kind, parse } from 'graphql';

/** The response names of an operation's root fields: the places that are null when it fails as a whole. */
export function responseNamesOf(operation: string): string[] {
  const names = new Set<string>();
  for (const definition of parse(operation, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const selection of definition.selectionSet.selections) {
      if (selection.kind === Kind.FIELD && !selection.name.value.startsWith('__')) names.add(selection.alias?.value ?? selection.name.value);
    }
  }
  return [...names];
}
