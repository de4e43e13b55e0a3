import type { Insertable, Selectable, Updateable } from 'kysely';

import type { Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { JobRow, MlTables } from './rows';

export type StoredJob = Selectable<JobRow>;

export class JobStore {
  insert(tx: Tx<MlTables>, row: Insertable<JobRow>): Promise<StoredJob> {
    return tx.insertInto('ml_jobs').values(row).returningAll().executeTakeFirstOrThrow();
  }

  /** What ended stays as it ended: null then, as for a job that is not there. */
  async update(tx: Tx<MlTables>, key: { tenantId: string; id: string }, change: Updateable<JobRow>): Promise<StoredJob | null> {
    const row = await tx
      .updateTable('ml_jobs')
      .set(change)
      .where('tenant_id', '=', key.tenantId)
      .where('id', '=', key.id)
      .where('ended_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row ?? null;
  }

  async find(tx: Tx<MlTables>, tenantId: string, id: string): Promise<StoredJob | null> {
    return (await tx.selectFrom('ml_jobs').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null;
  }

  bySweep(tx: Tx<MlTables>, tenantId: string, sweepId: string): Promise<StoredJob[]> {
    return tx
      .selectFrom('ml_jobs')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('sweep_id', '=', sweepId)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
  }

  /** Newest first; one row more than the page. */
  list(tx: Tx<MlTables>, tenantId: string, { kind, page }: { kind: string; page: Page }): Promise<StoredJob[]> {
    let query = tx
      .selectFrom('ml_jobs')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('kind', '=', kind)
      .where('sweep_id', 'is', null);
    if (page.after) {
      const [createdAt, id] = page.after;
      const at = new Date(String(createdAt));
      query = query.where((where) =>
        where.or([where('created_at', '<', at), where.and([where('created_at', '=', at), where('id', '<', String(id))])]),
      );
    }
    return query
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .offset(page.offset)
      .execute();
  }
}
