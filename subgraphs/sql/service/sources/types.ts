import type { Catalog, Dialect } from '../engine/catalog';
import type { QueryLimits, QueryParameters, QueryResult } from '../sandbox';

export const sourceKinds = ['duckdb', 'sqlite', 'postgresql', 'mysql', 'clickhouse', 'trino'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** How one source is reached. Files for duckdb and sqlite; a server for the others. */
export interface SourceSettings {
  readonly kind: SourceKind;
  /** Path of the file, for duckdb and sqlite. Chosen by the service, never by a caller. */
  readonly file?: string;
  /** Host, port, database, schema, user, ssl …, as the caller gave them and `parseConnection` checked them. */
  readonly connection: Readonly<Record<string, unknown>>;
  /** Decrypted; held in memory only. */
  readonly credentials?: Readonly<Record<string, string>>;
}

export interface SourceQuery extends QueryLimits {
  /** Has passed the guard. */
  readonly sql: string;
  readonly parameters?: QueryParameters;
  readonly signal?: AbortSignal;
}

/** One engine, one shape: read-only, timeout, row cap, cancel. */
export interface SourceAdapter {
  readonly dialect: Dialect;
  /** Throws INVALID_REQUEST with what is wrong (host, credentials, database), without the engine's own words where they name hosts. */
  test(signal?: AbortSignal): Promise<void>;
  introspect(signal?: AbortSignal): Promise<Catalog>;
  query(query: SourceQuery): Promise<QueryResult>;
  /** Changes whenever rows may have changed, as far as the engine tells; part of cache keys. */
  dataVersion(): Promise<string>;
  close(): Promise<void>;
}

export type OpenSource = (settings: SourceSettings) => SourceAdapter;
