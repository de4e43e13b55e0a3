import { execute, subscribe, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from 'graphql';

import type { Subgraph, SubgraphRequest } from '../types';

import { resolveEntitiesDirectly } from './entities';
import { compileWithJit, type JitQuery } from './jit';

export interface LocalSubgraphOptions {
  /** Compile each operation with graphql-jit, where it is installed. @default false */
  readonly jit?: boolean;
  /** Times that an operation is interpreted before it is compiled: what comes once is not worth it. @default 5 */
  readonly jitAfter?: number;
}

const isIterator = (value: object): value is AsyncIterableIterator<ExecutionResult> => Symbol.asyncIterator in value;

/** A domain in this process. Operations come from the planner, so they are neither printed nor parsed nor validated again. */
export function localSubgraph(name: string, schema: GraphQLSchema, { jit = false, jitAfter = 5 }: LocalSubgraphOptions = {}): Subgraph {
  resolveEntitiesDirectly(schema);
  /** By document: how often it has run, then its compiled form, or null where it has none. */
  const known = new WeakMap<object, number | JitQuery | null>();
  const compiled = (request: SubgraphRequest): JitQuery | null => {
    const state = known.get(request.document) ?? 0;
    if (typeof state !== 'number') return state;
    const query = state < jitAfter ? null : compileWithJit(schema, request);
    known.set(request.document, state < jitAfter ? state + 1 : query);
    return query;
  };
  const args = ({ document, operationName, variables, context }: SubgraphRequest): ExecutionArgs => ({
    schema,
    document,
    operationName,
    variableValues: variables,
    contextValue: context,
  });
  return {
    name,
    async execute(request) {
      const query = jit ? compiled(request) : null;
      return query ? query(request) : execute(args(request));
    },
    async subscribe(request) {
      const result = await subscribe(args(request));
      return isIterator(result) ? (result as AsyncIterableIterator<ExecutionResult>) : result;
    },
  };
}
