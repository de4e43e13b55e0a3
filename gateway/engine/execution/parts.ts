import type { GraphQLSchema } from 'graphql';

import type { EngineLog, Subgraph } from '../types';
import type { EngineObserver } from '../observer';
import type { Json } from './json';
import type { Run } from './run';

/** Runs a part of a plan on the objects that it is about; the root part is about the root object alone. */
export type Execute = (run: Run, objects: readonly Json[]) => Promise<void> | void;

export interface ExecutionParts {
  readonly subgraphs: ReadonlyMap<string, Subgraph>;
  /** With inaccessible types. */
  readonly schema: GraphQLSchema;
  readonly log: EngineLog;
  readonly observer: EngineObserver;
}
