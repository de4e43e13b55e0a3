import { execute, subscribe, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from 'graphql';

import type { Subgraph, SubgraphRequest } from '../types';

import { compileWithJit, type JitQuery } from './jit';

export interface LocalSubgraphOptions {
  /** Compile each operation with graphql-jit, where it is installed. @default false */
  readonly jit?: boolean;
}

const isIterator = (value: object): value is AsyncIterableIterator<ExecutionResult> => Symbol.asyncIterator in value;

/** A domain in this process. Operations come from the planner, so they are neither printed nor parsed nor validated again. */
export function localSubgraph(name: string, schema: GraphQLSchema, { jit = false }: LocalSubgraphOptions = {}): Subgraph {
  const compiled = new WeakMap<object, JitQuery | null>();
  const compile = (request: SubgraphRequest): JitQuery | null => {
    const known = compiled.get(request.document);
    if (known !== undefined) return known;
    const query = jit ? compileWithJit(schema, request) : null;
    compiled.set(request.document, query);
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
      const query = jit ? compile(request) : null;
      return query ? query(request) : execute(args(request));
    },
    async subscribe(request) {
      const result = await subscribe(args(request));
      return isIterator(result) ? (result as AsyncIterableIterator<ExecutionResult>) : result;
    },
  };
}
