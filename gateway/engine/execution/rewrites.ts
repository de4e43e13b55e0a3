import type { GraphQLSchema } from 'graphql';

import type { Rewrite, RewriteElement } from '../planning/plan';

import { isJson, isSafeKey, type Json } from './json';
import { compileTypeTest } from './type-test';

/** Changes an answer or a representation in place. */
export type ApplyRewrites = (value: unknown) => void;

export function compileRewrites(schema: GraphQLSchema, rewrites: readonly Rewrite[] | undefined): ApplyRewrites | undefined {
  if (!rewrites || rewrites.length === 0) return undefined;
  const compiled = rewrites.map((rewrite) => compileRewrite(schema, rewrite));
  return (value) => {
    for (const apply of compiled) apply(value);
  };
}

function compileRewrite(schema: GraphQLSchema, rewrite: Rewrite): ApplyRewrites {
  const last = rewrite.path.at(-1);
  if (!last || !('field' in last)) throw new Error('a rewrite must end at a field');
  const { field } = last;
  const change = (object: Json): void => {
    if (rewrite.kind === 'ValueSetter') {
      object[field] = rewrite.setValueTo;
      return;
    }
    const value = object[field];
    if (value === undefined || value === null || !isSafeKey(rewrite.renameKeyTo)) return;
    object[rewrite.renameKeyTo] = value;
    delete object[field];
  };
  return rewrite.path.slice(0, -1).reduceRight<ApplyRewrites>((next, element) => compileElement(schema, element, next), onEach(change));
}

const onEach =
  (change: (object: Json) => void): ApplyRewrites =>
  (value) => {
    if (Array.isArray(value)) value.forEach(onEach(change));
    else if (isJson(value)) change(value);
  };

function compileElement(schema: GraphQLSchema, element: RewriteElement, next: ApplyRewrites): ApplyRewrites {
  if ('field' in element) return onEach((object) => next(object[element.field]));
  const applies = compileTypeTest(schema, element.types);
  return onEach((object) => {
    if (applies(object, true)) next(object);
  });
}
