import { sql, type Insertable, type Selectable } from 'kysely';

import type { Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { QueryRow, SqlTables } from './rows';

export type StoredQuery = Selectable<QueryRow>;

export class QueryStore {
  insert(tx: Tx<SqlTables>, row: Insertable<QueryRow>): Promise<StoredQuery> {
    return tx.insertInto('sql_queries').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async findByIds(tx: Tx<SqlTables>, tenantId: string, ids: readonly string[]): Promise<StoredQuery[]> {
    return tx
      .selectFrom('sql_queries')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .execute();
  }

  /** A query and those that it follows, the latest first. */
  chain(tx: Tx<SqlTables>, tenantId: string, { id, limit }: { id: string; limit: number }): Promise<StoredQuery[]> {
    return tx
      .withRecursive('chain', (db) =>
        db
          .selectFrom('sql_queries')
          .selectAll()
          .select(sql<number>`1`.as('place'))
          .where('tenant_id', '=', tenantId)
          .where('id', '=', id)
          .unionAll(
            db
              .selectFrom('sql_queries')
              .innerJoin('chain', 'chain.previous_id', 'sql_queries.id')
              .selectAll('sql_queries')
              .select(sql<number>`chain.place + 1`.as('place'))
              .where('sql_queries.tenant_id', '=', tenantId)
              .where('chain.place', '<', limit),
          ),
      )
      .selectFrom('chain')
      .selectAll()
      .orderBy('place')
      .execute();
  }

  /** Newest first; one row more than the page, which tells whether another page follows. */
  listByUser(tx: Tx<SqlTables>, owner: { tenantId: string; userId: string }, page: Page): Promise<StoredQuery[]> {
    let query = tx
      .selectFrom('sql_queries')
      .selectAll()
      .where('tenant_id', '=', owner.tenantId)
      .where('user_id', '=', owner.userId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .offset(page.offset);
    if (page.after) {
      const [createdAt, id] = page.after;
      const at = new Date(String(createdAt));
      query = query.where((where) =>
        where.or([where('created_at', '<', at), where.and([where('created_at', '=', at), where('id', '<', String(id))])]),
      );
    }
    return query.execute();
  }
}
