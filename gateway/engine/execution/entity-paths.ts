import type { PathElement } from '../planning/plan';
import type { ResultPath } from '../shaping/shaper';

import { isJson, type Json } from './json';

export type CollectObjects = (from: readonly Json[]) => Json[];

/** Walks down a plan path and gathers the objects there; nulls and missing parts have none. */
export function collectObjects(from: readonly Json[], path: readonly PathElement[], accepts: readonly ((object: Json) => boolean)[]): Json[] {
  let values: unknown[] = from as unknown[];
  for (let position = 0; position < path.length; position += 1) {
    const element = path[position]!;
    const next: unknown[] = [];
    for (const value of values) {
      if (value === null || value === undefined) continue;
      if (element === '@') {
        if (Array.isArray(value)) for (const item of value) next.push(item);
        continue;
      }
      if (!isJson(value)) continue;
      if (typeof element === 'string') next.push(value[element]);
      else if (accepts[position]!(value)) next.push(value);
    }
    values = next;
  }
  return values.filter(isJson);
}

/** Where each object under a plan path is in the answer. Only made when there is an error to place. */
export function pathsOfObjects(root: Json, path: readonly PathElement[]): Map<Json, ResultPath> {
  const paths = new Map<Json, ResultPath>();
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
  return paths;
}
