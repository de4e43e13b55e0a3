import type { Insertable, Selectable, Updateable } from 'kysely';

import type { Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { DocumentRow, SearchTables } from './rows';

export type StoredDocument = Selectable<DocumentRow>;
export type ListedDocument = Omit<StoredDocument, 'content'>;

const listed = [
  'tenant_id',
  'id',
  'title',
  'format',
  'content_hash',
  'tags',
  'status',
  'problem',
  'part_count',
  'created_by',
  'created_at',
  'indexed_at',
] as const;

export class DocumentStore {
  insert(tx: Tx<SearchTables>, row: Insertable<DocumentRow>): Promise<StoredDocument> {
    return tx.insertInto('search_documents').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async update(tx: Tx<SearchTables>, key: { tenantId: string; id: string }, change: Updateable<DocumentRow>): Promise<void> {
    await tx.updateTable('search_documents').set(change).where('tenant_id', '=', key.tenantId).where('id', '=', key.id).execute();
  }

  async findById(tx: Tx<SearchTables>, tenantId: string, id: string): Promise<StoredDocument | null> {
    return (
      (await tx.selectFrom('search_documents').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ??
      null
    );
  }

  findMany(tx: Tx<SearchTables>, tenantId: string, ids: readonly string[]): Promise<ListedDocument[]> {
    return tx
      .selectFrom('search_documents')
      .select(listed)
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .execute();
  }

  /** Newest first; one row more than the page. */
  list(tx: Tx<SearchTables>, tenantId: string, page: Page): Promise<ListedDocument[]> {
    let query = tx
      .selectFrom('search_documents')
      .select(listed)
      .where('tenant_id', '=', tenantId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc');
    if (page.after) {
      const [createdAt, id] = page.after;
      const at = new Date(String(createdAt));
      query = query.where((where) =>
        where.or([where('created_at', '<', at), where.and([where('created_at', '=', at), where('id', '<', String(id))])]),
      );
    }
    return query
      .limit(page.limit + 1)
      .offset(page.offset)
      .execute();
  }

  /** All, or those in one state. */
  async ids(tx: Tx<SearchTables>, tenantId: string, status?: string): Promise<string[]> {
    const all = tx.selectFrom('search_documents').select('id').where('tenant_id', '=', tenantId);
    return (await (status ? all.where('status', '=', status) : all).execute()).map(({ id }) => id);
  }

  async delete(tx: Tx<SearchTables>, tenantId: string, id: string): Promise<ListedDocument | null> {
    return (
      (await tx
        .deleteFrom('search_documents')
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .returning(listed)
        .executeTakeFirst()) ?? null
    );
  }
}
