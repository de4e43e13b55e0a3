import { parse, type ExecutionResult } from 'graphql';

import { errors } from '#platform/errors';

import type { SubgraphRequest } from '../types';

import { abortFailure } from './abort';
import type { ExecutionParts } from './parts';
import type { Run } from './run';

export type Send = (run: Run, variables: Record<string, unknown>) => Promise<ExecutionResult>;

export interface Fetched {
  readonly subgraph: string;
  readonly operation: string;
  readonly operationName?: string;
  readonly operationKind: 'query' | 'mutation' | 'subscription';
}

/** Past this many, further errors of one fetch say nothing new. */
export const maxErrorsPerFetch = 50;

export function variablesFor({ variableUsages }: { readonly variableUsages: readonly string[] }, run: Run): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  for (const name of variableUsages) {
    const value = run.variables[name];
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

/** Parses a fetch's operation once; the document's identity is what subgraphs key their compiled form by. */
export function compileSender(parts: ExecutionParts, { subgraph: name, operation: source, operationName, operationKind }: Fetched): Send {
  const document = parse(source, { noLocation: true });
  return async (run, variables) => {
    const subgraph = parts.subgraphs.get(name);
    if (!subgraph) throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error(`no subgraph named ${name}`) });
    const { context } = run;
    if (context.signal.aborted) throw abortFailure(context.signal);
    const ended = parts.observer.fetchStarted?.({ subgraph: name, operationKind, run });
    let failed = true;
    try {
      const request: SubgraphRequest = { document, source, operationName, operationKind, variables, context };
      const result = await subgraph.execute(request);
      failed = result.errors !== undefined && result.errors.length > 0;
      return result;
    } finally {
      ended?.(failed);
    }
  };
}
