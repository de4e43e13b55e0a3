import { Kind, type DocumentNode } from 'graphql';

/** An operation's root fields, by response name (the places that are null when it fails as a whole) or by their own name. */
export function responseNamesOf({ definitions }: DocumentNode, by: 'alias' | 'name' = 'alias'): string[] {
  const names = new Set<string>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const selection of definition.selectionSet.selections) {
      if (selection.kind === Kind.FIELD && !selection.name.value.startsWith('__'))
        names.add((by === 'alias' ? selection.alias?.value : undefined) ?? selection.name.value);
    }
  }
  return [...names];
}
