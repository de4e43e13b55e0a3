import type { GraphQLSchema } from 'graphql';

import type { PathElement } from '../planning/plan';
import type { ResultPath } from '../shaping/shaper';

import { isJson, type Json } from './json';
import { compileTypeTest } from './type-test';

export type SelectObjects = (from: readonly Json[]) => readonly Json[];

/** Compiles a plan path to the walk that gathers the objects there; nulls and missing parts have none. */
export function compilePath(schema: GraphQLSchema, path: readonly PathElement[]): SelectObjects {
  if (path.length === 0) return (from) => from;
  const steps = path.map((element) => compileStep(schema, element));
  return (from) => {
    let values: readonly unknown[] = from;
    for (const step of steps) {
      const next: unknown[] = [];
      for (const value of values) step(value, next);
      values = next;
    }
    const objects: Json[] = [];
    const gather = (value: unknown): void => {
      if (isJson(value)) objects.push(value);
      else if (Array.isArray(value)) value.forEach(gather);
    };
    values.forEach(gather);
    return objects;
  };
}

function compileStep(schema: GraphQLSchema, element: PathElement): (value: unknown, into: unknown[]) => void {
  if (element === '@') {
    return (value, into) => {
      if (Array.isArray(value)) for (const item of value) into.push(item);
    };
  }
  const applies = typeof element === 'string' ? undefined : compileTypeTest(schema, element.types);
  const step = (value: unknown, into: unknown[]): void => {
    // One planner writes `@` for each list of a list of lists, the other once for all.
    if (Array.isArray(value)) for (const item of value) step(item, into);
    else if (isJson(value) && typeof element === 'string') into.push(value[element]);
    else if (isJson(value) && applies?.(value, false)) into.push(value);
  };
  return step;
}

/** Where each object under a plan path is in the answer. Only made when there is an error to place. */
export function addPathsOfObjects(paths: Map<Json, ResultPath>, root: Json, path: readonly PathElement[]): void {
  const walk = (value: unknown, position: number, at: ResultPath): void => {
    if (value === null || value === undefined) return;
    const element = path[position];
    if (Array.isArray(value)) {
      value.forEach((item, index) => walk(item, element === '@' ? position + 1 : position, [...at, index]));
    } else if (element === undefined) {
      if (isJson(value)) paths.set(value, at);
    } else if (typeof element === 'string') {
      if (isJson(value)) walk(value[element], position + 1, [...at, element]);
    } else walk(value, position + 1, at);
  };
  walk(root, 0, []);
}
