import type { ExecutionResult, OperationDefinitionNode } from 'graphql';

import type { RequestContext } from '#platform/graphql';

import type { Run } from './execution/run';

export interface StartedOperation {
  readonly definition: OperationDefinitionNode;
  readonly context: RequestContext;
  /** Made by this process and not sent by a client, so that its name is known. */
  readonly isOwn: boolean;
}

export interface StartedFetch {
  readonly subgraph: string;
  readonly operationKind: string;
  readonly run: Run;
}

/** Who watches the engine: metrics, traces. Each method gives what is to be called at the end; none may throw. */
export interface EngineObserver {
  /** Queries and mutations that passed validation. */
  operationStarted?(operation: StartedOperation): (result: ExecutionResult) => void;
  fetchStarted?(fetch: StartedFetch): (hasFailed: boolean) => void;
}

export const noObserver: EngineObserver = {};
