import type { ColumnType } from '../engine/catalog';

/** Engines that run inside a killable child process, over one file. */
export type SandboxEngine = 'duckdb' | 'sqlite';

/** A value as it travels in JSON. Integers beyond 2^53 and decimals beyond 15 digits are strings, NaN and infinities are null. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [key: string]: Cell };

export interface QueryColumn {
  readonly name: string;
  /** The engine's own name of the type: `DECIMAL(10,2)`. */
  readonly type: string;
  /** What it holds, whatever the engine calls it. */
  readonly kind: ColumnType;
}

/** A parameter's value; named ones are written `$name` in the statement. */
export type ParameterValue = string | number | boolean | null;
export type QueryParameters = Readonly<Record<string, ParameterValue>>;

export interface QueryResult {
  readonly columns: readonly QueryColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** True where rows were left out because of the row or the byte cap. */
  readonly truncated: boolean;
  readonly executionTimeMs: number;
}

export interface QueryLimits {
  readonly maxRows: number;
  /** Bytes of the rows as JSON text, about. */
  readonly maxBytes: number;
  /** From the call to the answer, waiting included. */
  readonly timeoutMs: number;
}

export interface SandboxQuery extends QueryLimits {
  /** @default 'duckdb' */
  readonly engine?: SandboxEngine;
  readonly file: string;
  readonly sql: string;
  readonly parameters?: QueryParameters;
  /** SQL written by this service, such as introspection, may read the engine's own catalog. Never for a caller's or a model's SQL. */
  readonly trusted?: boolean;
  readonly signal?: AbortSignal;
}

export interface SandboxStats {
  readonly children: number;
  readonly running: number;
  readonly waiting: number;
  readonly completed: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly cancelled: number;
  /** Children that were killed because a query would not stop. */
  readonly killed: number;
  /** Children that ended by themselves: out of memory, mostly. */
  readonly crashed: number;
}

export interface Sandbox {
  /** Runs one statement read-only. Throws TIMEOUT, QUERY_FAILED (also when cancelled) or SERVICE_UNAVAILABLE (queue full, closed). */
  runQuery(query: SandboxQuery): Promise<QueryResult>;
  /** Ends idle children that hold a file, so that it may be replaced or removed. */
  release(file: string): Promise<void>;
  stats(): SandboxStats;
  close(): Promise<void>;
}
