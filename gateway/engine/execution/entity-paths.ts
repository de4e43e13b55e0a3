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
    return values.filter(isJson);
  };
}

function compileStep(schema: GraphQLSchema, element: PathElement): (value: unknown, into: unknown[]) => void {
  if (element === '@') {
    return (value, into) => {
      if (Array.isArray(value)) for (const item of value) into.push(item);
    };
  }
  if (typeof element === 'string') {
    return (value, into) => {
      if (isJson(value)) into.push(value[element]);
    };
  }
  const applies = compileTypeTest(schema, element.types);
  return (value, into) => {
    if (isJson(value) && applies(value, false)) into.push(value);
  };
}

/** Where each object under a plan path is in the answer. Only made when there is an error to place. */
export function addPathsOfObjects(paths: Map<Json, ResultPath>, root: Json, path: readonly PathElement[]): void {
  const walk = (value: unknown, position: number, at: ResultPath): void => {
    if (value === null || value === undefined) return;
    const element = path[position];
    if (element === undefined) {
      if (isJson(value)) paths.set(value, at);
    } else if (element === '@') {
      if (Array.isArray(value)) value.forEach((item, index) => walk(item, position + 1, [...at, index]));
    } else if (typeof element === 'string') {
      if (isJson(value)) walk(value[element], position + 1, [...at, element]);
    } else walk(value, position + 1, at);
  };
  walk(root, 0, []);
}
