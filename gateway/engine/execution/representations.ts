import type { GraphQLSchema } from 'graphql';

import type { RequiredSelection } from '../planning/plan';

import { isJson, mergeInto, type Json } from './json';
import { compileTypeTest } from './type-test';

/** Makes an entity's representation; null where a field that is needed is not there, and the entity can't be asked for. */
export type Represent = (entity: Json, variables: Variables) => Json | null;

type Variables = Readonly<Record<string, unknown>>;
type Step = (entity: Json, into: Json, variables: Variables) => boolean;

/** Compiles the `requires` of an entity fetch. Fields that are missing make the representation null, as in the stock gateway. */
export function compileRepresentation(schema: GraphQLSchema, selections: readonly RequiredSelection[]): Represent {
  const steps = selections.flatMap((selection) => compileStep(schema, selection) ?? []);
  return (entity, variables) => {
    const representation: Json = {};
    for (const step of steps) if (!step(entity, representation, variables)) return null;
    return representation;
  };
}

function compileStep(schema: GraphQLSchema, selection: RequiredSelection): Step | undefined {
  if (selection.kind === 'InlineFragment') {
    const inner = compileRepresentation(schema, selection.selections);
    if (!selection.typeCondition) return undefined;
    const applies = compileTypeTest(schema, [selection.typeCondition]);
    const { skipIf, includeIf } = selection;
    return (entity, into, variables) => {
      if (!applies(entity, false)) return true;
      if ((skipIf && variables[skipIf] === true) || (includeIf && variables[includeIf] !== true)) return true;
      const part = inner(entity, variables);
      if (part) mergeInto(into, part);
      return true;
    };
  }
  const key = selection.alias ?? selection.name;
  const sentAs = selection.sendAs ?? key;
  if (!selection.selections) {
    return (entity, into) => {
      const value = entity[key];
      if (value === undefined) return false;
      into[sentAs] = value;
      return true;
    };
  }
  const inner = compileRepresentation(schema, selection.selections);
  const represent = (value: unknown, variables: Variables): unknown => {
    if (Array.isArray(value)) return value.map((item) => represent(item, variables));
    return isJson(value) ? inner(value, variables) : null;
  };
  return (entity, into, variables) => {
    const value = entity[key];
    if (value === undefined) return false;
    into[sentAs] = represent(value, variables);
    return true;
  };
}
