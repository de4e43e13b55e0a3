import type { Kysely, Transaction } from 'kysely';

/** A transaction that sees one tenant's rows. Stores receive it; they never open one. */
export type Tx<Tables> = Transaction<Tables>;

/**
 * The metadata database: PGlite in a worker thread, or PostgreSQL when DATABASE_URL is set; the same SQL runs on both.
 * Tenancy is enforced here by row-level security, in addition to the service's check and the `tenant_id` in every query.
 */
export interface Database<Tables = unknown> {
  readonly kind: 'pglite' | 'postgresql';

  /**
   * Runs `work` in one transaction as the application role with `app.tenant_id` set for that transaction only. Commits when the
   * promise resolves, rolls back when it rejects. Throws SERVICE_UNAVAILABLE where the database cannot be reached.
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

export type AnyKysely = Kysely<unknown>;

/** One domain's migrations: `0001_name.sql` files, applied once each, in order. */
export interface MigrationFolder {
  readonly name: string;
  readonly directory: string;
}
