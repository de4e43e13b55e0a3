import {
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

import { withoutUnusedVariables } from './unused-variables';

type KeepField = (coordinate: string) => boolean;

/** What an entity fetch asks of its entities, as `Type.field`. */
export function entityFieldsOf(operation: string): ReadonlySet<string> {
  const fields = new Set<string>();
  mapEntityFields(parse(operation, { noLocation: true }), (coordinate) => {
    fields.add(coordinate);
    return true;
  });
  return fields;
}

/** The operation with these fields only, and the variables that they use. */
export const onlyEntityFields = (operation: string, coordinates: ReadonlySet<string>): string =>
  print(
    visit(
      mapEntityFields(parse(operation, { noLocation: true }), (coordinate) => coordinates.has(coordinate)),
      { OperationDefinition: withoutUnusedVariables },
    ),
  );

/** Entity operations are `_entities(…) { ... on Type { fields } }`, with fragments perhaps nested. */
function mapEntityFields(document: DocumentNode, keep: KeepField): DocumentNode {
  const mapFragment = (fragment: InlineFragmentNode, type: string): InlineFragmentNode[] => {
    const condition = fragment.typeCondition?.name.value ?? type;
    const selections = fragment.selectionSet.selections.flatMap((selection) => mapSelection(selection, condition));
    return selections.length === 0 ? [] : [{ ...fragment, selectionSet: { ...fragment.selectionSet, selections } }];
  };
  const mapSelection = (selection: SelectionNode, type: string): SelectionNode[] => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return mapFragment(selection, type);
    if (selection.kind !== Kind.FIELD || selection.name.value === '__typename') return [selection];
    return keep(`${type}.${selection.name.value}`) ? [selection] : [];
  };
  const mapEntities = (field: FieldNode): FieldNode => ({
    ...field,
    ...(field.selectionSet
      ? {
          selectionSet: {
            ...field.selectionSet,
            selections: field.selectionSet.selections.flatMap((selection) => mapSelection(selection, '')),
          },
        }
      : {}),
  });
  const mapOperation = (operation: OperationDefinitionNode): OperationDefinitionNode => ({
    ...operation,
    selectionSet: {
      ...operation.selectionSet,
      selections: operation.selectionSet.selections.map((selection) =>
        selection.kind === Kind.FIELD ? mapEntities(selection) : selection,
      ),
    },
  });
  return {
    ...document,
    definitions: document.definitions.map((part) => (part.kind === Kind.OPERATION_DEFINITION ? mapOperation(part) : part)),
  };
}
