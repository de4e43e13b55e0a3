import type { QueryExecutorProvider, Transaction } from 'kysely';

/** A transaction that sees one tenant's rows. Stores receive it; they never open one. */
export type Tx<Tables> = Transaction<Tables>;

/** Any domain's transaction, for kernel parts that add a row of their own to it: the outbox, the job queue, cron. */
export interface AnyTx extends QueryExecutorProvider {
  readonly isTransaction: true;
}

/** What the kernel writes to; a pino logger fits. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * The metadata database: PGlite in a worker thread, or PostgreSQL when DATABASE_URL is set; the same SQL runs on both.
 * Tenancy is enforced here by row-level security, in addition to the service's check and the `tenant_id` in every query.
 *
 * Both give and take the same values: `int8`, `numeric`, `date`, `time`, `timestamp`, `interval` are strings, `timestamptz` is a
 * Date, `bytea` a Buffer, `json`/`jsonb` parsed. A JSON parameter is passed through `json(value)`. Transactions run in UTC.
 */
export interface Database<Tables = unknown> {
  readonly kind: 'pglite' | 'postgresql';

  /**
   * Runs `work` in one transaction as the application role with `app.tenant_id` set for that transaction only. Commits when the
   * promise resolves, rolls back when it rejects. Throws SERVICE_UNAVAILABLE where the database cannot be reached, TIMEOUT where a
   * statement ran too long. Keep `work` to SQL: the embedded database has one session, and everyone waits for it. Transactions do
   * not nest: pass `tx` down.
   */
  inTenant<Result>(tenantId: string, work: (tx: Tx<Tables>) => Promise<Result>): Promise<Result>;

  /**
   * Runs `work` in one transaction that sees all tenants: for the outbox relay, the job queue, schedulers and commands. Never on
   * behalf of a caller.
   */
  asSystem<Result>(work: (tx: Tx<Tables>) => Promise<Result>): Promise<Result>;

  /** The same database, typed with another set of tables. */
  withTables<Other>(): Database<Other>;

  /** Resolves where a trivial query answers; rejects with SERVICE_UNAVAILABLE otherwise. For readiness. */
  ping(): Promise<void>;

  close(): Promise<void>;
}

/** One domain's migrations: `0001_name.sql` files, applied once each, in order. */
export interface MigrationFolder {
  readonly name: string;
  readonly directory: string;
}

export interface DatabaseOptions {
  /** Folder of the embedded database; one process at a time. Without it and without `url` the database is in memory. */
  readonly dataDirectory?: string;
  /** PostgreSQL ≥ 15. Its role needs membership in `parley_app` and `parley_system`, and nothing more. */
  readonly url?: string;
  /** A role that may create roles and tables, for `migrate` only. @default url */
  readonly migrationUrl?: string;
  /** Connections of this process to PostgreSQL. @default 10 */
  readonly poolMax?: number;
  /** A statement that runs longer ends with TIMEOUT. @default 5_000 */
  readonly statementTimeoutMs?: number;
  /** A caller that waits longer for a session gets SERVICE_UNAVAILABLE. @default 1_500 (PostgreSQL), 10_000 (embedded) */
  readonly acquireTimeoutMs?: number;
  readonly logger?: Log;
}
