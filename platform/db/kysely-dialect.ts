import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';

import { AppError } from '#platform/errors';

import { databaseError } from './database-error';
import type { SqlBackend, SqlSession } from './session';

const changes = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

class SessionConnection implements DatabaseConnection {
  broken = false;

  constructor(
    readonly session: SqlSession,
    private readonly timeoutMs: number,
  ) {}

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const result = await this.session.query(query.sql, query.parameters, { timeoutMs: this.timeoutMs });
      return {
        rows: result.rows as Row[],
        ...(changes.has(result.command) ? { numAffectedRows: BigInt(result.rowCount) } : {}),
      };
    } catch (thrown) {
      const error = databaseError(thrown, this.timeoutMs);
      // A session that timed out or lost its server may hold half a reply: it is never used again.
      if (error instanceof AppError && error.code !== 'CONFLICT') this.broken = true;
      throw error;
    }
  }

  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('Rows of the metadata database are not streamed: page with a cursor.');
  }
}

/** Transactions begin with a script of their own that sets role and tenant in the same round trip, so `beginTransaction` does nothing. */
class SessionDriver implements Driver {
  constructor(
    private readonly acquire: () => Promise<SqlSession>,
    private readonly timeoutMs: number,
  ) {}

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    try {
      return new SessionConnection(await this.acquire(), this.timeoutMs);
    } catch (thrown) {
      throw databaseError(thrown, this.timeoutMs);
    }
  }

  async beginTransaction(): Promise<void> {}

  async commitTransaction(connection: SessionConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: SessionConnection): Promise<void> {
    if (connection.broken) return;
    await connection.executeQuery(CompiledQuery.raw('rollback')).catch(() => {
      connection.broken = true;
    });
  }

  async releaseConnection(connection: SessionConnection): Promise<void> {
    connection.session.release(connection.broken);
  }

  async destroy(): Promise<void> {}
}

export interface DialectOptions {
  readonly backend: SqlBackend;
  readonly owner: boolean;
  readonly timeoutMs: number;
}

/** Kysely over sessions of either backend. */
export const sessionDialect = ({ backend, owner, timeoutMs }: DialectOptions): Dialect => ({
  createDriver: () => new SessionDriver(() => (owner ? backend.acquireOwner() : backend.acquire()), timeoutMs),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (db) => new PostgresIntrospector(db),
});
