import type { QueryColumn, QueryParameters } from './types';

/** What the pool says to a child. A child opens one file, once, and then runs one query at a time. */
export type ToChild =
  | { readonly type: 'open'; readonly file: string; readonly settings: EngineSettings }
  | {
      readonly type: 'query';
      readonly id: number;
      readonly sql: string;
      readonly parameters?: QueryParameters;
      readonly trusted?: boolean;
      readonly maxRows: number;
      readonly maxBytes: number;
    }
  | { readonly type: 'interrupt'; readonly id: number };

/** What a child says to the pool. */
export type FromChild =
  | { readonly type: 'ready' }
  | { readonly type: 'opened' }
  | { readonly type: 'open-failed'; readonly message: string }
  | ({ readonly type: 'result'; readonly id: number } & ChildResult)
  | { readonly type: 'failed'; readonly id: number; readonly message: string };

export interface ChildResult {
  readonly columns: readonly QueryColumn[];
  readonly rows: unknown[][];
  readonly truncated: boolean;
  readonly executionTimeMs: number;
}

export interface EngineSettings {
  readonly memoryLimitMb: number;
  readonly threads: number;
}
