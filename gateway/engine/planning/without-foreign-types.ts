import { Kind, parse, print, visit, type SelectionSetNode } from 'graphql';

import type { OperationPlan, PlanNode } from './plan';
import type { Planner } from './planner';
import type { SharedMembers } from './partial-members';
import { withoutUnusedVariables } from './unused-variables';

type Foreign = SharedMembers['foreign'];

/** A planner that was told of members which some subgraphs do not have; they are left out of what these are sent. */
export const knownTypesPlanner = (planner: Planner, foreign: Foreign): Planner => ({
  name: planner.name,
  plan(request): OperationPlan {
    const { node, primary } = planner.plan(request);
    return { ...(node ? { node: known(node, foreign) } : {}), ...(primary ? { primary: withoutForeign(primary, foreign) } : {}) };
  },
});

function known(node: PlanNode, foreign: Foreign): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((child) => known(child, foreign)) };
    case 'Flatten':
      return { ...node, node: known(node.node, foreign) };
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause ? { ifClause: known(node.ifClause, foreign) } : {}),
        ...(node.elseClause ? { elseClause: known(node.elseClause, foreign) } : {}),
      };
    case 'Fetch':
    case 'BatchFetch':
      return withoutForeign(node, foreign);
  }
}

function withoutForeign<Fetch extends { readonly subgraph: string; readonly operation: string }>(fetch: Fetch, foreign: Foreign): Fetch {
  const types = foreign.get(fetch.subgraph);
  if (!types || ![...types].some((type) => fetch.operation.includes(type))) return fetch;
  const document = visit(parse(fetch.operation, { noLocation: true }), {
    InlineFragment: { enter: (node) => (types.has(node.typeCondition?.name.value ?? '') ? null : undefined) },
    SelectionSet: { leave: filled },
    OperationDefinition: { leave: withoutUnusedVariables },
  });
  return { ...fetch, operation: print(document) };
}

/** An object that was asked for nothing else is still asked for. */
const filled = (node: SelectionSetNode): SelectionSetNode | undefined =>
  node.selections.length > 0 ? undefined : { ...node, selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }] };
