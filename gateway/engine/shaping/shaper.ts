import {
  isCompositeType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLObjectType,
  type SelectionSetNode,
} from 'graphql';

import { isGone } from '../execution/gone';
import { isJson, type Json } from '../execution/json';

import { collectFields, type SelectionScope } from './collect-fields';
import { leafTest } from './leaf';

export type ResultPath = readonly (string | number)[];

/** A place where what the subgraphs gave does not fit the schema. */
export interface Violation {
  readonly path: ResultPath;
  readonly message: string;
  /**
   * `null`: where none may be, perhaps for an entity that is gone. `mismatch`: a value of a wrong type, which is a mistake of the
   * subgraph. `unanswered`: no value at all, since nobody was asked or a subgraph left it out.
   */
  readonly kind: 'null' | 'mismatch' | 'unanswered';
}

/** Past this many the answer is spoiled anyway, and a list of a million bad rows must not make a million errors. */
const maxViolations = 100;

class Shaping {
  readonly violations: Violation[] = [];
  readonly path: (string | number)[] = [];

  report(message: string, kind: Violation['kind'] = 'mismatch'): void {
    if (this.violations.length < maxViolations) this.violations.push({ path: [...this.path], message, kind });
  }
}

/** Stands for "null, and the parent too" until the nearest nullable place. */
const bubbling = Symbol('bubbling');

type Complete = (value: unknown, shaping: Shaping) => unknown;
type ShapeObject = (source: Json, shaping: Shaping) => unknown;

export interface Shaped {
  readonly data: Record<string, unknown> | null;
  readonly violations: readonly Violation[];
}

export type ShapeResult = (merged: Json) => Shaped;

/**
 * Compiles the projection from the subgraphs' merged data to the client's answer: only what was asked, in its order, with nulls
 * propagated. Compiled once per operation, and per runtime type as they turn up.
 */
export function compileShaper(scope: SelectionScope, rootType: GraphQLObjectType, selectionSet: SelectionSetNode): ShapeResult {
  const shapeRoot = new ShaperCompiler(scope).fields(rootType, [selectionSet]);
  return (merged) => {
    const shaping = new Shaping();
    const data = shapeRoot(merged, shaping);
    return { data: data === bubbling ? null : (data as Record<string, unknown>), violations: shaping.violations };
  };
}

class ShaperCompiler {
  constructor(private readonly scope: SelectionScope) {}

  /** Fields of an object whose type is known. */
  fields(type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]): ShapeObject {
    const steps = [...collectFields(this.scope, type, selectionSets)].map(([key, nodes]) => ({
      key,
      sourceKey: this.scope.keyOf?.(nodes[0]!) ?? key,
      isAsked: !nodes[0]!.name.value.startsWith('__'),
      unanswered: this.unanswered(type, nodes[0]!),
      complete: this.field(type, nodes),
    }));
    return (source, shaping) => {
      const output: Json = {};
      for (let index = 0; index < steps.length; index += 1) {
        const { key, sourceKey, isAsked, unanswered, complete } = steps[index]!;
        shaping.path.push(key);
        const known = source[sourceKey];
        const value = known === undefined && isAsked && !isGone(source) ? unanswered(shaping) : complete(known, shaping);
        shaping.path.pop();
        if (value === bubbling) return bubbling;
        output[key] = value;
      }
      return output;
    };
  }

  private field(type: GraphQLCompositeType, nodes: readonly FieldNode[]): Complete {
    const name = nodes[0]!.name.value;
    if (name === '__typename') return this.typename(type);
    if (name === '__schema' || name === '__type') return (value) => value ?? null;
    const definition = isUnionType(type) ? undefined : type.getFields()[name];
    if (!definition) throw new Error(`${type.name} has no field ${name}`);
    const selectionSets = nodes.flatMap((node) => node.selectionSet ?? []);
    return this.nullable(definition.type, selectionSets, `${type.name}.${name}`);
  }

  private unanswered(type: GraphQLCompositeType, { name: { value: name } }: FieldNode): (shaping: Shaping) => unknown {
    const isRequired = 'getFields' in type && isNonNullType(type.getFields()[name]?.type);
    return (shaping) => {
      shaping.report(`No subgraph has given ${type.name}.${name}.`, 'unanswered');
      return isRequired ? bubbling : null;
    };
  }

  private typename(type: GraphQLCompositeType): Complete {
    if (isObjectType(type)) return () => type.name;
    return (_, shaping) => {
      shaping.report(`The type of this ${type.name} is not known.`, 'null');
      return bubbling;
    };
  }

  private nullable(type: GraphQLOutputType, selectionSets: readonly SelectionSetNode[], place: string): Complete {
    if (isNonNullType(type)) {
      const inner = this.bare(type.ofType, selectionSets, place);
      return (value, shaping) => {
        if (value === null || value === undefined) {
          shaping.report(`Cannot return null for non-nullable field ${place}.`, 'null');
          return bubbling;
        }
        const completed = inner(value, shaping);
        return completed === null ? bubbling : completed;
      };
    }
    const inner = this.bare(type, selectionSets, place);
    return (value, shaping) => {
      if (value === null || value === undefined) return null;
      const completed = inner(value, shaping);
      return completed === bubbling ? null : completed;
    };
  }

  /** Completes a value that is not null; gives null or `bubbling` only after reporting why. */
  private bare(type: GraphQLOutputType, selectionSets: readonly SelectionSetNode[], place: string): Complete {
    if (isListType(type)) return this.list(this.nullable(type.ofType, selectionSets, place), place);
    if (isCompositeType(type)) return this.composite(type, selectionSets, place);
    if (!isLeafType(type)) throw new Error(`${place} has no output type`);
    const isValid = leafTest(type);
    if (!isValid) return (value) => value;
    return (value, shaping) => {
      if (isValid(value)) return value;
      // A name that is no value of the enum may be one that clients must not see.
      shaping.report(`${place} got a value that is no ${type.name}.`, isEnumType(type) && typeof value === 'string' ? 'null' : 'mismatch');
      return null;
    };
  }

  private list(element: Complete, place: string): Complete {
    return (value, shaping) => {
      if (!Array.isArray(value)) {
        shaping.report(`${place} got a value that is no list.`);
        return null;
      }
      const output = new Array<unknown>(value.length);
      const depth = shaping.path.length;
      for (let index = 0; index < value.length; index += 1) {
        shaping.path[depth] = index;
        const completed = element(value[index], shaping);
        if (completed === bubbling) {
          shaping.path.length = depth;
          return bubbling;
        }
        output[index] = completed;
      }
      shaping.path.length = depth;
      return output;
    };
  }

  private composite(type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[], place: string): Complete {
    const byTypename = new Map<string, ShapeObject | null>();
    let unnamed: ShapeObject | undefined;
    const compile = (typename: string): ShapeObject | null => {
      const runtimeType = this.scope.schema.getType(typename);
      if (!isCompositeType(runtimeType)) return null;
      const shape = this.fields(runtimeType, selectionSets);
      byTypename.set(typename, shape);
      return shape;
    };
    return (value, shaping) => {
      if (!isJson(value)) {
        shaping.report(`${place} got a value that is no object.`);
        return null;
      }
      const typename = value.__typename;
      if (typeof typename !== 'string') {
        unnamed ??= this.fields(type, selectionSets);
        return unnamed(value, shaping);
      }
      const shape = byTypename.get(typename) ?? compile(typename);
      if (shape) return shape(value, shaping);
      shaping.report(`${place} got an object of a type that is not part of the schema.`);
      return null;
    };
  }
}
