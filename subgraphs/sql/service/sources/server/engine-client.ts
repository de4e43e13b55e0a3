import type { Catalog } from '../../engine/catalog';
import type { QueryResult } from '../../sandbox';
import type { IntrospectionReader, Rows } from '../introspection/reader';
import type { SourceQuery } from '../types';

/** Why a server could not be talked to, in words that name no host. */
export type ConnectProblem = 'unreachable' | 'credentials' | 'database' | 'tls';

/** The connection failed before any statement ran. */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
  constructor(
    readonly problem: ConnectProblem,
    cause: unknown,
  ) {
    super(`could not connect: ${problem}`, { cause });
  }
}

/** The time was over. Other failures of a statement are whatever the driver throws. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** A statement as a client runs it: read-only, capped, bounded in time, ended when the signal says so. */
export type ClientQuery = Omit<SourceQuery, 'signal'> & { readonly signal: AbortSignal };

/** One engine's wire protocol. The adapter adds deadlines, cancelling and the mapping of errors. */
export interface EngineClient {
  run(query: ClientQuery): Promise<Omit<QueryResult, 'executionTimeMs'>>;
  close(): Promise<void>;
}

/** What an engine brings besides its client. */
export interface ServerEngine {
  readonly dialect: Catalog['dialect'];
  connect(): EngineClient;
  reader(rows: (sql: string) => Promise<Rows>): IntrospectionReader;
  /** SQL whose one value changes when rows may have changed; null where the engine cannot tell. */
  readonly versionSql: string | null;
}
