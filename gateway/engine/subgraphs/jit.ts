import type { ExecutionResult, GraphQLSchema } from 'graphql';
import type * as GraphqlJit from 'graphql-jit';

import type { SubgraphRequest } from '../types';

export type JitQuery = (request: SubgraphRequest) => Promise<ExecutionResult> | ExecutionResult;

type Jit = typeof GraphqlJit;

let jit: Jit | null | undefined;

/** graphql-jit is an optional dependency: without it operations are interpreted. */
function loadJit(): Jit | null {
  if (jit !== undefined) return jit;
  try {
    jit = require('graphql-jit') as Jit;
  } catch {
    jit = null;
  }
  return jit;
}

/** Null where graphql-jit is absent or refuses the operation. */
export function compileWithJit(schema: GraphQLSchema, { document, operationName }: SubgraphRequest): JitQuery | null {
  const loaded = loadJit();
  if (!loaded) return null;
  const compiled = loaded.compileQuery(schema, document, operationName);
  if (!loaded.isCompiledQuery(compiled)) return null;
  return ({ variables, context }) => compiled.query(undefined, context, variables as Record<string, unknown>);
}
