import { hasRole, type Caller } from '#platform/auth';
import { json, type Database } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { QueryStore, StoredQuery } from '../store/query.store';
import type { SqlTables } from '../store/rows';

export interface QueryRecord {
  readonly id: string;
  readonly sourceId: string;
  readonly sessionId?: string | null;
  /** The query that this one follows. */
  readonly previousId?: string | null;
  readonly question?: string | null;
  readonly sql: string;
  readonly dialect: string;
  readonly plan?: unknown;
  readonly engine?: string | null;
  readonly confidence?: number | null;
  readonly status: 'generated' | 'succeeded' | 'failed' | 'cancelled';
  readonly rowCount?: number;
  readonly executionTimeMs?: number;
  readonly errorCode?: string;
}

/** Remembers what was asked and what came of it, in one write when it is known. Internal: permission was checked by the service that records. */
export class QueryHistory {
  constructor(
    private readonly db: Database<SqlTables>,
    private readonly store: QueryStore,
  ) {}

  async record(caller: Caller, query: QueryRecord): Promise<void> {
    await this.db.inTenant(caller.tenantId, (tx) =>
      this.store.insert(tx, {
        tenant_id: caller.tenantId,
        id: query.id,
        source_id: query.sourceId,
        user_id: caller.userId,
        session_id: query.sessionId ?? null,
        previous_id: query.previousId ?? null,
        question: query.question ?? null,
        sql: query.sql,
        dialect: query.dialect,
        plan: query.plan ? json(query.plan) : null,
        engine: query.engine ?? null,
        confidence: query.confidence ?? null,
        status: query.status,
        row_count: query.rowCount ?? null,
        execution_time_ms: query.executionTimeMs ?? null,
        error_code: query.errorCode ?? null,
      }),
    );
  }

  async find(caller: Caller, id: string): Promise<StoredQuery | null> {
    const [found] = await this.findMany(caller, [id]);
    return found ?? null;
  }

  /** The query and up to 19 that it follows, the latest first; those of another user end the chain. */
  async chain(caller: Caller, id: string): Promise<StoredQuery[]> {
    const found = await this.db.inTenant(caller.tenantId, (tx) => this.store.chain(tx, caller.tenantId, { id, limit: 20 }));
    const foreign = found.findIndex(({ user_id }) => user_id !== caller.userId && !hasRole(caller, 'admin'));
    return foreign < 0 ? found : found.slice(0, foreign);
  }

  /** Queries are their author's: another user's, even of the same tenant, is not found unless the caller is an admin. */
  async findMany(caller: Caller, ids: readonly string[]): Promise<StoredQuery[]> {
    const found = await this.db.inTenant(caller.tenantId, (tx) => this.store.findByIds(tx, caller.tenantId, ids));
    return found.filter(({ user_id }) => user_id === caller.userId || hasRole(caller, 'admin'));
  }

  list(caller: Caller, page: Page): Promise<StoredQuery[]> {
    return this.db.inTenant(caller.tenantId, (tx) => this.store.listByUser(tx, caller, page));
  }
}
