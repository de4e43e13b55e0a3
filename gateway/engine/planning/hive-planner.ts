import type {
  BatchFetchNode as HiveBatch,
  FetchNode as FetchNodeOfHive,
  FetchNodePathSegment as HiveRewriteSegment,
  FetchRewrite as HiveRewrite,
  FlattenNodePathSegment as HiveSegment,
  PlanNode as HiveNode,
  QueryPlanner as HiveQueryPlanner,
  RequiresSelection as HiveRequires,
} from '@graphql-hive/router-query-planner' with { 'resolution-mode': 'import' };
import {
  isAbstractType,
  Kind,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import type { EntityGroup, FetchNode, OperationPlan, PathElement, PlanNode, RequiredSelection, Rewrite, RewriteElement } from './plan';
import type { Planner } from './planner';

type HiveFetch = Omit<FetchNodeOfHive, 'kind'>;

export interface HivePlannerOptions {
  readonly supergraphSdl: string;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** With inaccessible types. */
  readonly fullSchema: GraphQLSchema;
}

/**
 * `@graphql-hive/router-query-planner`: native and MIT-licensed, about ten times faster than the reference on a miss. Optional, since
 * it is built for glibc only.
 */
export function hivePlanner({ supergraphSdl, schema, fullSchema }: HivePlannerOptions): Planner {
  // Loaded when asked for: an installation without it must start.
  const { QueryPlanner } = require('@graphql-hive/router-query-planner') as { QueryPlanner: typeof HiveQueryPlanner };
  const planner = new QueryPlanner(supergraphSdl);
  const hiding = typesThatHide(schema, fullSchema);
  return {
    name: 'hive',
    plan({ document, operationName }) {
      const typed = hiding.size > 0 ? withTypenameOn(hiding, schema, document) : document;
      const asked = visit(typed, { SelectionSet: { enter: withPlainTypename }, OperationDefinition: { leave: withoutIntrospection } });
      if (!asked.definitions.some((part) => part.kind === Kind.OPERATION_DEFINITION)) return {};
      const { node } = planner.plan(print(asked), operationName, new Set(), 0);
      return node ? operationPlan(node) : {};
    },
  };
}

/** Interfaces and unions whose objects may be of types that clients must not see. */
function typesThatHide(schema: GraphQLSchema, fullSchema: GraphQLSchema): ReadonlySet<string> {
  const abstract = Object.values(fullSchema.getTypeMap()).filter(isAbstractType);
  return new Set(
    abstract.flatMap((type) => (fullSchema.getPossibleTypes(type).some(({ name }) => !schema.getType(name)) ? [type.name] : [])),
  );
}

const typenameField: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** An object that is not for clients is told by its type, which this planner does not ask for where no fragment needs it. */
function withTypenameOn(types: ReadonlySet<string>, schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const info = new TypeInfo(schema);
  const leave = (node: SelectionSetNode): SelectionSetNode | undefined =>
    types.has(info.getParentType()?.name ?? '') ? { ...node, selections: [...node.selections, typenameField] } : undefined;
  return visit(document, visitWithTypeInfo(info, { SelectionSet: { leave } }));
}

/** The type of an object is read from `__typename`; this planner asks for it only under the client's alias. */
function withPlainTypename(node: SelectionSetNode): SelectionSetNode | undefined {
  const typenames = node.selections.filter(
    (selection): selection is FieldNode => selection.kind === Kind.FIELD && selection.name.value === '__typename',
  );
  if (typenames.length === 0 || typenames.some(({ alias }) => !alias)) return undefined;
  return { ...node, selections: [...node.selections, typenameField] };
}

/** `__schema`, `__type` and the root's `__typename` are answered here; this planner would look for a subgraph that has them. */
function withoutIntrospection(node: OperationDefinitionNode): OperationDefinitionNode | null {
  const selections = node.selectionSet.selections.filter(
    (selection) => selection.kind !== Kind.FIELD || !/^__(schema|type|typename)$/.test(selection.name.value),
  );
  return selections.length === 0 ? null : { ...node, selectionSet: { ...node.selectionSet, selections } };
}

function operationPlan(node: HiveNode): OperationPlan {
  if (node.kind === 'Subscription') return { primary: fetchNode(node.primary) };
  if (node.kind !== 'Sequence' || node.nodes[0]?.kind !== 'Subscription') return { node: planNode(node) };
  const [{ primary }, ...rest] = node.nodes as [{ primary: HiveFetch }, ...HiveNode[]];
  return { primary: fetchNode(primary), ...(rest.length > 0 ? { node: { kind: 'Sequence', nodes: rest.map(planNode) } } : {}) };
}

function planNode(from: HiveNode): PlanNode {
  switch (from.kind) {
    case 'Sequence':
      return { kind: 'Sequence', nodes: from.nodes.map(planNode) };
    case 'Parallel':
      return { kind: 'Parallel', nodes: from.nodes.map(planNode) };
    case 'Flatten':
      return { kind: 'Flatten', path: from.path.map(pathElement), node: planNode(from.node) };
    case 'Fetch':
      return fetchNode(from);
    case 'BatchFetch':
      return batchFetch(from);
    case 'Condition':
      return {
        kind: 'Condition',
        condition: from.condition,
        ...(from.ifClause ? { ifClause: planNode(from.ifClause) } : {}),
        ...(from.elseClause ? { elseClause: planNode(from.elseClause) } : {}),
      };
    case 'Subscription':
    case 'Defer':
      throw new Error(`a ${from.kind} node where none can be`);
  }
}

const fetchNode = (from: HiveFetch): FetchNode => ({
  kind: 'Fetch',
  subgraph: from.serviceName,
  operation: from.operation,
  operationName: from.operationName,
  operationKind: from.operationKind ?? 'query',
  variableUsages: from.variableUsages ?? [],
  ...(from.requires ? { requires: from.requires.map(requiredSelection) } : {}),
  ...rewritesOf(from),
});

const batchFetch = (from: HiveBatch): PlanNode => ({
  kind: 'BatchFetch',
  subgraph: from.serviceName,
  operation: from.operation,
  operationName: from.operationName,
  variableUsages: from.variableUsages ?? [],
  groups: from.entityBatch.aliases.map((alias): EntityGroup => ({
    alias: alias.alias,
    variable: alias.representationsVariableName,
    paths: alias.paths.map((path) => path.map(pathElement)),
    requires: alias.requires.map(requiredSelection),
    ...rewritesOf(alias),
  })),
});

const pathElement = (segment: HiveSegment): PathElement => {
  if (typeof segment === 'string') return segment;
  return 'Field' in segment ? segment.Field : { types: segment.TypeCondition };
};

function requiredSelection(from: HiveRequires): RequiredSelection {
  switch (from.kind) {
    case 'Field':
      return {
        kind: 'Field',
        name: from.name,
        alias: from.alias,
        ...(from.selections?.length ? { selections: from.selections.map(requiredSelection) } : {}),
      };
    case 'InlineFragment':
      return { ...from, selections: from.selections.map(requiredSelection) };
    case 'FragmentSpread':
      throw new Error('a representation made of fragments');
  }
}

const rewritesOf = ({
  inputRewrites,
  outputRewrites,
}: {
  readonly inputRewrites?: HiveRewrite[];
  readonly outputRewrites?: HiveRewrite[];
}) => ({
  ...(inputRewrites ? { inputRewrites: inputRewrites.map(rewrite) } : {}),
  ...(outputRewrites ? { outputRewrites: outputRewrites.map(rewrite) } : {}),
});

function rewrite(from: HiveRewrite): Rewrite {
  if ('KeyRenamer' in from)
    return { kind: 'KeyRenamer', path: from.KeyRenamer.path.map(rewriteElement), renameKeyTo: from.KeyRenamer.renameKeyTo };
  const setter = 'ValueSetter' in from ? from.ValueSetter : from;
  return { kind: 'ValueSetter', path: setter.path.map(rewriteElement), setValueTo: setter.setValueTo };
}

const rewriteElement = (segment: HiveRewriteSegment): RewriteElement =>
  'Key' in segment ? { field: segment.Key } : { types: segment.TypenameEquals };
