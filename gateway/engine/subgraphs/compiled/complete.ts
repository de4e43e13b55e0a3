import {
  defaultTypeResolver,
  GraphQLError,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type ResponsePath,
} from 'graphql';

import { isPromise } from '../../execution/is-promise';

import { executeFields } from './execute-fields';
import { resolveInfoOf, type Complete, type FieldPlan, type PlannedField } from './fields';
import { completeLeaf } from './leaf';
import type { FailingPlace, OperationRun, Place } from './run';

type Info = GraphQLResolveInfo | undefined;

/** The fields selected below a field, for an object of this type. */
export type FieldsOf = (type: GraphQLObjectType) => readonly FieldPlan[];

/** Compiles the completion of a field's value (spec §6.4.3) to functions, so that no type is looked at twice. */
export function compileComplete(field: PlannedField, fieldsOf: FieldsOf, type: GraphQLOutputType = field.definition.type): Complete {
  const complete = compileBare(field, fieldsOf, isNonNullType(type) ? type.ofType : type);
  if (!isNonNullType(type))
    return (value, run, place, info) => {
      if (value === null || value === undefined) return null;
      if (value instanceof Error) throw value;
      return complete(value, run, place, info);
    };
  const refuseNull = (completed: unknown): unknown => {
    if (completed === null) throw new Error(`Cannot return null for non-nullable field ${coordinate(field)}.`);
    return completed;
  };
  return (value, run, place, info) => {
    if (value === null || value === undefined) return refuseNull(null);
    if (value instanceof Error) throw value;
    return refuseNull(complete(value, run, place, info));
  };
}

function compileBare(field: PlannedField, fieldsOf: FieldsOf, type: GraphQLOutputType): Complete {
  if (isListType(type)) return compileList(field, fieldsOf, type.ofType);
  if (isLeafType(type)) return completeLeaf(type);
  if (isObjectType(type)) return compileObject(field, fieldsOf, type);
  if (isAbstractType(type)) return compileAbstract(field, fieldsOf, type);
  throw new Error(`${coordinate(field)} has no output type`);
}

function compileList(field: PlannedField, fieldsOf: FieldsOf, itemType: GraphQLOutputType): Complete {
  const complete = compileComplete(field, fieldsOf, itemType);
  const place: FailingPlace = { nodes: field.nodes, isNullable: !isNonNullType(itemType) };
  const item = (value: unknown, run: OperationRun, path: ResponsePath, info: Info): unknown => {
    try {
      const completed = isPromise(value) ? value.then((found) => complete(found, run, path, info)) : complete(value, run, path, info);
      return isPromise(completed) ? completed.then(undefined, (thrown: unknown) => run.fail(thrown, place, path)) : completed;
    } catch (thrown) {
      return run.fail(thrown, place, path);
    }
  };
  return (value, run, place, info) => {
    if (typeof value !== 'object' || value === null || !(Symbol.iterator in value))
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${coordinate(field)}".`);
    const items = Array.isArray(value) ? (value as readonly unknown[]) : [...(value as Iterable<unknown>)];
    const output = new Array<unknown>(items.length);
    let isWaiting = false;
    for (let index = 0; index < items.length; index += 1) {
      const completed = item(items[index], run, { prev: place, key: index, typename: undefined }, info);
      if (isPromise(completed)) isWaiting = true;
      output[index] = completed;
    }
    return isWaiting ? Promise.all(output) : output;
  };
}

function compileObject(field: PlannedField, fieldsOf: FieldsOf, type: GraphQLObjectType): Complete {
  const { isTypeOf } = type;
  let plans: readonly FieldPlan[] | undefined;
  const execute = (value: unknown, run: OperationRun, place: Place): unknown =>
    executeFields((plans ??= fieldsOf(type)), value, run, place);
  if (!isTypeOf) return execute;
  return (value, run, place, info) => {
    const verdict = isTypeOf(value, run.context, info ?? infoAt(field, run, place));
    const checked = (holds: boolean): unknown => {
      if (!holds) throw new GraphQLError(`Expected value of type "${type.name}" for field "${coordinate(field)}".`, { nodes: field.nodes });
      return execute(value, run, place);
    };
    return isPromise(verdict) ? verdict.then(checked) : checked(verdict);
  };
}

function compileAbstract(field: PlannedField, fieldsOf: FieldsOf, type: GraphQLAbstractType): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const known = new Map<string, Complete>();
  return (value, run, place, given) => {
    const info = given ?? infoAt(field, run, place);
    const completeAs = (typename: unknown): unknown => {
      let complete = typeof typename === 'string' ? known.get(typename) : undefined;
      if (!complete) {
        const runtimeType = checkRuntimeType(typename, type, { field, run });
        complete = compileObject(field, fieldsOf, runtimeType);
        known.set(runtimeType.name, complete);
      }
      return complete(value, run, place, info);
    };
    const typename = resolveType(value, run.context, info, type);
    return isPromise(typename) ? typename.then(completeAs) : completeAs(typename);
  };
}

function checkRuntimeType(
  typename: unknown,
  type: GraphQLAbstractType,
  { field, run }: { readonly field: PlannedField; readonly run: OperationRun },
): GraphQLObjectType {
  const { schema } = run.facts;
  const runtimeType = typeof typename === 'string' ? schema.getType(typename) : undefined;
  if (isObjectType(runtimeType) && schema.isSubType(type, runtimeType)) return runtimeType;
  const got = typeof typename === 'string' ? `"${typename}"` : typeof typename;
  throw new GraphQLError(`"${type.name}" must resolve to one of its object types for field "${coordinate(field)}", got ${got}.`, {
    nodes: field.nodes,
  });
}

const coordinate = ({ parentType, definition }: PlannedField): string => `${parentType.name}.${definition.name}`;

/** For resolvers of types of a field that had no resolver itself: places in lists belong to their field. */
function infoAt(field: PlannedField, run: OperationRun, place: Place): GraphQLResolveInfo {
  let path = place!;
  while (path.typename === undefined && path.prev) path = path.prev;
  return resolveInfoOf(field, run, path);
}
