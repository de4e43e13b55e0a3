import { Kind, parse, print, visit, type DocumentNode } from 'graphql';

import { entityFieldsOf, onlyEntityFields } from './entity-operations';
import type { BatchFetchNode, EntityGroup, FetchNode, OperationPlan, PlanNode, RequiredSelection } from './plan';
import type { Planner } from './planner';
import { withRealFields, type Needs, type SeparatedRequirements } from './separate-requirements';

/** A planner that works on separated requirements, with its plans translated back to the real subgraphs. */
export function translatingPlanner(planner: Planner, separated: SeparatedRequirements): Planner {
  return {
    name: planner.name,
    plan(request): OperationPlan {
      const { node, primary } = planner.plan(request);
      return {
        ...(node ? { node: translate(node, separated) } : {}),
        ...(primary ? { primary: { ...primary, operation: withRealFields(primary.operation, separated.fixedFields) } } : {}),
      };
    },
  };
}

function translate(node: PlanNode, separated: SeparatedRequirements): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((child) => translate(child, separated)) };
    case 'Flatten':
      return { ...node, node: translate(node.node, separated) };
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause ? { ifClause: translate(node.ifClause, separated) } : {}),
        ...(node.elseClause ? { elseClause: translate(node.elseClause, separated) } : {}),
      };
    case 'BatchFetch': {
      if (node.groups.some(({ requires }) => mentions(requires, separated.fixedFields))) return translate(unbatched(node), separated);
      return { ...node, operation: withRealFields(node.operation, separated.fixedFields) };
    }
    case 'Fetch': {
      const parts = splitByNeeds(node, separated).map((part) => ({
        ...part,
        operation: withRealFields(part.operation, separated.fixedFields),
        ...(part.requires ? { requires: part.requires.map((selection) => sentAsReal(selection, separated)) } : {}),
      }));
      return parts.length === 1 ? parts[0]! : { kind: 'Parallel', nodes: parts };
    }
  }
}

function sentAsReal(selection: RequiredSelection, separated: SeparatedRequirements): RequiredSelection {
  const selections = selection.selections?.map((inner) => sentAsReal(inner, separated));
  if (selection.kind === 'InlineFragment') return { ...selection, selections: selections ?? [] };
  const fixed = separated.fixedFields.get(selection.name);
  return { ...selection, ...(selections ? { selections } : {}), ...(fixed ? { sendAs: fixed.name } : {}) };
}

/** Each group of a batch as a fetch of its own, at each of its places. */
function unbatched(node: BatchFetchNode): PlanNode {
  const [definition] = parse(node.operation, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('a batch without an operation');
  const fragments = parse(node.operation, { noLocation: true }).definitions.slice(1);
  const fetchOf = ({ alias, variable, requires, inputRewrites, outputRewrites }: EntityGroup): FetchNode => {
    const own = definition.selectionSet.selections.filter((selection) => selection.kind === Kind.FIELD && selection.alias?.value === alias);
    const variableDefinitions = definition.variableDefinitions?.filter(
      ({ variable: { name } }) => name.value === variable || node.variableUsages.includes(name.value),
    );
    const document = visit<DocumentNode>(
      {
        kind: Kind.DOCUMENT,
        definitions: [{ ...definition, variableDefinitions, selectionSet: { ...definition.selectionSet, selections: own } }, ...fragments],
      },
      {
        Field: (field) => (field.alias?.value === alias ? { ...field, alias: undefined } : undefined),
        Variable: ({ name, ...rest }) => (name.value === variable ? { ...rest, name: { ...name, value: 'representations' } } : undefined),
      },
    );
    return {
      kind: 'Fetch',
      subgraph: node.subgraph,
      operation: print(document),
      operationName: node.operationName,
      operationKind: 'query',
      variableUsages: node.variableUsages,
      requires,
      ...(inputRewrites ? { inputRewrites } : {}),
      ...(outputRewrites ? { outputRewrites } : {}),
    };
  };
  const nodes = node.groups.flatMap((group) => group.paths.map((path): PlanNode => ({ kind: 'Flatten', path, node: fetchOf(group) })));
  return { kind: 'Parallel', nodes };
}

const agree = (a: Needs, b: Needs): boolean => [...b].every(([path, source]) => (a.get(path) ?? source) === source);

/** A representation holds one value a field: fields whose needs differ are asked for in fetches of their own. */
function splitByNeeds(node: FetchNode, { needs, fixedFields }: SeparatedRequirements): FetchNode[] {
  if (!node.requires || !mentions(node.requires, fixedFields)) return [node];
  const buckets: { readonly needs: Map<string, string>; readonly coordinates: Set<string> }[] = [];
  const free: string[] = [];
  for (const coordinate of entityFieldsOf(node.operation)) {
    const own = needs.get(`${node.subgraph}:${coordinate}`);
    if (!own) {
      free.push(coordinate);
      continue;
    }
    const bucket = buckets.find((candidate) => agree(candidate.needs, own));
    if (!bucket) {
      buckets.push({ needs: new Map(own), coordinates: new Set([coordinate]) });
      continue;
    }
    bucket.coordinates.add(coordinate);
    for (const [path, source] of own) bucket.needs.set(path, source);
  }
  if (buckets.length < 2) return [node];
  for (const coordinate of free) buckets[0]!.coordinates.add(coordinate);
  return buckets.map((bucket) => ({
    ...node,
    operation: onlyEntityFields(node.operation, bucket.coordinates),
    requires: node.requires!.flatMap((selection) => onlyNeeded(selection, { needs: bucket.needs, fixedFields, path: '' })),
  }));
}

const mentions = (selections: readonly RequiredSelection[], fixedFields: SeparatedRequirements['fixedFields']): boolean =>
  selections.some(
    (selection) => (selection.kind === 'Field' && fixedFields.has(selection.name)) || mentions(selection.selections ?? [], fixedFields),
  );

/** Leaves out what another fetch of the split needs in this place. */
function onlyNeeded(
  selection: RequiredSelection,
  at: { readonly needs: Needs; readonly fixedFields: SeparatedRequirements['fixedFields']; readonly path: string },
): RequiredSelection[] {
  if (selection.kind === 'InlineFragment')
    return [{ ...selection, selections: selection.selections.flatMap((inner) => onlyNeeded(inner, at)) }];
  const real = at.fixedFields.get(selection.name)?.name ?? selection.name;
  const path = at.path === '' ? real : `${at.path}.${real}`;
  const wanted = at.needs.get(path);
  const isOthers = wanted === undefined ? at.fixedFields.has(selection.name) : wanted !== selection.name;
  if (isOthers) return [];
  return [
    {
      ...selection,
      ...(selection.selections ? { selections: selection.selections.flatMap((inner) => onlyNeeded(inner, { ...at, path })) } : {}),
    },
  ];
}
