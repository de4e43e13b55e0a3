import {
  getArgumentValues,
  isLeafType,
  isNonNullType,
  Kind,
  TypeNameMetaFieldDef,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type ResponsePath,
  type ValueNode,
} from 'graphql';

import type { FailingPlace, OperationRun, Place } from './run';

/** Completes what a field gave at a place. `info` is absent where no resolver has needed one. */
export type Complete = (value: unknown, run: OperationRun, place: Place, info: GraphQLResolveInfo | undefined) => unknown;

/** A field of an object whose type is known. */
export interface FieldPlan extends FailingPlace {
  /** In the answer. */
  readonly key: string;
  readonly name: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly parentType: GraphQLObjectType;
  readonly complete: Complete;
  /** Of `__typename`. */
  readonly constant?: string;
  /** Neither a resolver nor a selection: the value is at hand, and nothing has to know its place unless it fails. */
  readonly isPlain: boolean;
  argumentsOf(run: OperationRun): Record<string, unknown>;
}

export interface PlannedField {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly definition: GraphQLField<unknown, unknown>;
  readonly parentType: GraphQLObjectType;
}

export function planField(field: PlannedField, complete: Complete): FieldPlan {
  const { definition, nodes } = field;
  const isNullable = !isNonNullType(definition.type);
  return {
    ...field,
    name: definition.name,
    complete,
    isNullable,
    ...(definition === TypeNameMetaFieldDef ? { constant: field.parentType.name } : {}),
    isPlain: !definition.resolve && isLeafType(isNonNullType(definition.type) ? definition.type.ofType : definition.type),
    argumentsOf: planArguments(definition, nodes[0]!),
  };
}

/** Arguments without variables are read once; each call gets an object of its own, since it is the resolver's. */
function planArguments(definition: GraphQLField<unknown, unknown>, node: FieldNode): FieldPlan['argumentsOf'] {
  if (definition.args.length === 0) return () => ({});
  if (node.arguments?.some(({ value }) => usesVariables(value))) return ({ variables }) => getArgumentValues(definition, node, variables);
  let known: Record<string, unknown> | undefined;
  return () => ({ ...(known ??= getArgumentValues(definition, node, {})) });
}

function usesVariables(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(usesVariables);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => usesVariables(field.value));
  return value.kind === Kind.VARIABLE;
}

export function resolveInfoOf({ nodes, definition, parentType }: PlannedField, run: OperationRun, path: ResponsePath): GraphQLResolveInfo {
  const { schema, fragments, operation } = run.facts;
  return {
    fieldName: definition.name,
    fieldNodes: nodes,
    returnType: definition.type,
    parentType,
    path,
    schema,
    fragments,
    rootValue: undefined,
    operation,
    variableValues: run.variables as Record<string, unknown>,
  };
}
