import { GraphQLError } from 'graphql';

import type { RequestContext } from '#platform/graphql';

import type { GraphEngine } from '../gateway/engine/types';
import type { RunRoute } from './sofa';
import { resultKey } from './view/operation';
import type { View } from './view/view-schema';

/** Runs routes for SOFA's reference router: the same reading and the same operation as ours, without envelope, limits and identity. */
export function runForSofa(engine: GraphEngine, view: View, context: () => RequestContext): RunRoute {
  return async (rootField, values) => {
    const route = view.routes.get(rootField);
    if (!route) return { errors: [new GraphQLError(`No route ${rootField}.`)] };
    const given = { path: {} as Record<string, string>, query: {} as Record<string, unknown>, body: {} as Record<string, unknown> };
    for (const { key, in: place } of route.parameters) {
      if (values[key] !== undefined) given[place][key] = (place === 'path' ? String(values[key]) : values[key]) as string;
    }
    const { variables, problems } = route.read(given);
    if (problems.length > 0) return { errors: problems.map((problem) => new GraphQLError(problem.message)) };
    const result = await engine.execute({ source: route.operation, operationName: route.operationName, variables, context: context() });
    if (result.errors) return { errors: result.errors };
    const raw = result.data?.[resultKey];
    return { data: route.shape ? route.shape(raw) : raw };
  };
}
