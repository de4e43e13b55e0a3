import { parse, type DocumentNode, type ExecutionResult } from 'graphql';

import { errors } from '#platform/errors';

import type { Subgraph, SubgraphRequest } from '../types';

import { abortFailure } from './abort';
import { isWaiting } from './is-promise';
import type { ExecutionParts } from './parts';
import type { Run } from './run';

export type Send = (run: Run, variables: Record<string, unknown>) => Promise<ExecutionResult> | ExecutionResult;

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

/** A fetch's operation; its identity is what subgraphs key their compiled form by, so it is parsed once. */
export const parseFetch = ({ operation }: Fetched): DocumentNode => parse(operation, { noLocation: true });

export function compileSender(parts: ExecutionParts, fetch: Fetched, document: DocumentNode): Send {
  const { subgraph: name, operation: source, operationName, operationKind } = fetch;
  return (run, variables) => {
    const subgraph = parts.subgraphs.get(name);
    if (!subgraph) throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error(`no subgraph named ${name}`) });
    const { context } = run;
    if (context.signal.aborted) throw abortFailure(context.signal);
    const request: SubgraphRequest = { document, source, operationName, operationKind, variables, context };
    const ended = parts.observer.fetchStarted?.({ subgraph: name, operationKind, run });
    return ended ? executeObserved(subgraph, request, ended) : subgraph.execute(request);
  };
}

function executeObserved(subgraph: Subgraph, request: SubgraphRequest, ended: (hasFailed: boolean) => void): ReturnType<Send> {
  const finish = (result: ExecutionResult): ExecutionResult => {
    ended(result.errors !== undefined && result.errors.length > 0);
    return result;
  };
  const fail = (thrown: unknown): never => {
    ended(true);
    throw thrown;
  };
  let answered: ReturnType<Send>;
  try {
    answered = subgraph.execute(request);
  } catch (thrown) {
    return fail(thrown);
  }
  return isWaiting(answered) ? answered.then(finish, fail) : finish(answered);
}
