import {
  isLeafType,
  isNonNullType,
  TypeNameMetaFieldDef,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type ResponsePath,
} from 'graphql';

import { planArguments, type ArgumentsOf } from './arguments';
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
  readonly argumentsOf: ArgumentsOf;
}

export interface PlannedField {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly definition: GraphQLField<unknown, unknown>;
  readonly parentType: GraphQLObjectType;
}

/** Every member written out, so that all plans are of one hidden class: they are looked at for each field of each object. */
export function planField({ key, nodes, definition, parentType }: PlannedField, complete: Complete): FieldPlan {
  return {
    key,
    nodes,
    definition,
    parentType,
    name: definition.name,
    complete,
    isNullable: !isNonNullType(definition.type),
    constant: definition === TypeNameMetaFieldDef ? parentType.name : undefined,
    isPlain: !definition.resolve && isLeafType(isNonNullType(definition.type) ? definition.type.ofType : definition.type),
    argumentsOf: planArguments(definition, nodes[0]!),
  };
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
