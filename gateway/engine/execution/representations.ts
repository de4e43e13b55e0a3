import type { GraphQLSchema } from 'graphql';

import type { RequiredSelection } from '../planning/plan';

import { isJson, mergeInto, type Json } from './json';
import { compileTypeTest } from './type-test';

/** Makes an entity's representation; null where a field that is needed is not there, and the entity can't be asked for. */
export type Represent = (entity: Json) => Json | null;

type Step = (entity: Json, into: Json) => boolean;

/** Compiles the `requires` of an entity fetch. Fields that are missing make the representation null, as in the stock gateway. */
export function compileRepresentation(schema: GraphQLSchema, selections: readonly RequiredSelection[]): Represent {
  const steps = selections.flatMap((selection) => compileStep(schema, selection) ?? []);
  return (entity) => {
    const representation: Json = {};
    for (const step of steps) if (!step(entity, representation)) return null;
    return representation;
  };
}

function compileStep(schema: GraphQLSchema, selection: RequiredSelection): Step | undefined {
  if (selection.kind === 'InlineFragment') {
    const inner = compileRepresentation(schema, selection.selections);
    if (!selection.typeCondition) return undefined;
    const applies = compileTypeTest(schema, [selection.typeCondition]);
    return (entity, into) => {
      if (!applies(entity, false)) return true;
      const part = inner(entity);
      if (part) mergeInto(into, part);
      return true;
    };
  }
  const key = selection.alias ?? selection.name;
  if (!selection.selections) {
    return (entity, into) => {
      const value = entity[key];
      if (value === undefined) return false;
      into[key] = value;
      return true;
    };
  }
  const inner = compileRepresentation(schema, selection.selections);
  const represent = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(represent);
    return isJson(value) ? inner(value) : null;
  };
  return (entity, into) => {
    const value = entity[key];
    if (value === undefined) return false;
    into[key] = represent(value);
    return true;
  };
}
