import {
  GraphQLBoolean,
  Kind,
  valueFromAST,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

import type { Conditions } from '../shaping/collect-fields';

const isCondition = ({ name }: DirectiveNode): boolean => name.value === 'skip' || name.value === 'include';

/** Names of the variables that `@skip` and `@include` use; null where the operation has neither directive. */
export function conditionVariables(document: DocumentNode): readonly string[] | null {
  const names = new Set<string>();
  let hasConditions = false;
  visit(document, {
    Directive(node) {
      if (!isCondition(node)) return;
      hasConditions = true;
      for (const { value } of node.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return hasConditions ? [...names] : null;
}

export const isSelected = ({ directives = [] }: SelectionNode, conditions: Conditions): boolean =>
  directives.filter(isCondition).every(({ name, arguments: given = [] }) => {
    const holds = given[0] ? valueFromAST(given[0].value, GraphQLBoolean, conditions) === true : false;
    return name.value === 'skip' ? !holds : holds;
  });

/**
 * The operation with its conditions decided. Planners treat a required field that the client asks for under a condition as
 * conditional too, and then can't resolve what requires it; so they are given operations without conditions, one for each case.
 */
export function foldConditions(document: DocumentNode, conditions: Conditions): DocumentNode {
  const fold = (node: SelectionSetNode): SelectionSetNode => {
    const selections = node.selections
      .filter((selection) => isSelected(selection, conditions))
      .map((selection) => ({ ...selection, directives: selection.directives?.filter((directive) => !isCondition(directive)) }));
    // The object is asked for even where none of its fields is.
    return {
      ...node,
      selections: selections.length > 0 ? selections : [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }],
    };
  };
  const folded = visit(document, { SelectionSet: { enter: fold } });
  return withoutUnused(folded);
}

/** Fragments that were spread only where they are skipped. */
function withoutUnused(document: DocumentNode): DocumentNode {
  const used = new Set<string>();
  const fragments = new Map(
    document.definitions.flatMap((part) => (part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part] as const] : [])),
  );
  const follow = (part: DocumentNode['definitions'][number]): void => {
    visit(part, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (!fragment || used.has(name.value)) return;
        used.add(name.value);
        follow(fragment);
      },
    });
  };
  for (const part of document.definitions) if (part.kind === Kind.OPERATION_DEFINITION) follow(part);
  return {
    ...document,
    definitions: document.definitions.filter((part) => part.kind !== Kind.FRAGMENT_DEFINITION || used.has(part.name.value)),
  };
}
