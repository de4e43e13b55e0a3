import { execute, type ExecutionArgs, type GraphQLSchema } from 'graphql';

import type { Subgraph, SubgraphRequest } from '../types';

import { compileQuery, type CompiledQuery } from './compiled/compile-query';
import { resolveEntitiesDirectly } from './entities';
import { subscribeEvents } from './event-results';
import { compileWithJit, type JitQuery } from './jit';

export interface LocalSubgraphOptions {
  /** @default 'compiled' */
  readonly interpreter?: Interpreter;
  /** Times that an operation runs before graphql-jit compiles it: what comes once is not worth it. @default 5 */
  readonly jitAfter?: number;
}

/**
 * How operations are executed: `graphql-js` is the measure of the others; `compiled` looks types and selections up once an operation;
 * `jit` has graphql-jit make code of those that run often, where it is installed. Each falls back to the one before it.
 */
export type Interpreter = 'graphql-js' | 'compiled' | 'jit';

interface Known {
  runs: number;
  compiled?: CompiledQuery | null;
  jit?: JitQuery | null;
}

/** A domain in this process. Operations come from the planner, so they are neither printed nor parsed nor validated again. */
export function localSubgraph(
  name: string,
  schema: GraphQLSchema,
  { interpreter = 'compiled', jitAfter = 5 }: LocalSubgraphOptions = {},
): Subgraph {
  resolveEntitiesDirectly(schema);
  const byDocument = new WeakMap<object, Known>();
  const compiledFor = (request: SubgraphRequest): CompiledQuery | JitQuery | null => {
    let known = byDocument.get(request.document);
    if (!known) byDocument.set(request.document, (known = { runs: 0 }));
    if (interpreter === 'jit' && known.runs >= jitAfter) {
      if (known.jit === undefined) known.jit = compileWithJit(schema, request);
      if (known.jit) return known.jit;
    }
    known.runs += 1;
    if (known.compiled === undefined) known.compiled = compileQuery(schema, request);
    return known.compiled;
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
    execute(request) {
      const query = interpreter === 'graphql-js' ? null : compiledFor(request);
      return query ? query(request) : execute(args(request));
    },
    subscribe: (request) => subscribeEvents({ ...args(request), contextValue: request.context }),
  };
}
