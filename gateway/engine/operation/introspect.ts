import {
  execute,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import { collectFields, type Conditions } from '../shaping/collect-fields';

export type Introspect = (variables: Readonly<Record<string, unknown>>, conditions: Conditions) => Readonly<Record<string, unknown>>;

const isIntrospection = (name: string): boolean => name === '__schema' || name === '__type';

/** Answers `__schema` and `__type` from the API schema; undefined where the operation asks for neither. */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Introspect | undefined {
  const rootType = schema.getQueryType();
  if (operation.operation !== 'query' || !rootType) return undefined;
  if (!mentionsIntrospection(operation.selectionSet, fragments, new Set())) return undefined;
  return (variables, conditions) => {
    const fields = collectFields({ schema, fragments, conditions }, rootType, [operation.selectionSet]);
    const selections = [...fields.values()].flat().filter((field) => isIntrospection(field.name.value));
    const document: DocumentNode = {
      kind: Kind.DOCUMENT,
      definitions: [{ ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } }, ...fragments.values()],
    };
    const result = execute({ schema, document, variableValues: variables });
    return result instanceof Promise || !result.data ? {} : result.data;
  };
}

function mentionsIntrospection(
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  seen: Set<string>,
): boolean {
  return selectionSet.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return isIntrospection(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return mentionsIntrospection(selection.selectionSet, fragments, seen);
    const fragment = fragments.get(selection.name.value);
    if (!fragment || seen.has(selection.name.value)) return false;
    seen.add(selection.name.value);
    return mentionsIntrospection(fragment.selectionSet, fragments, seen);
  });
}
