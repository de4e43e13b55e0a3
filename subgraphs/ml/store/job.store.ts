import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';

import { json, type Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { JobRow, MlTables } from './rows';

export type StoredJob = Selectable<JobRow>;

/** A line of a job's log. */
export interface JobNote {
  readonly time: string;
  readonly message: string;
}

export const note = (message: string): JobNote => ({ time: new Date().toISOString(), message });

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

  /** Adds to the log of a job that has not ended. */
  async addNotes(tx: Tx<MlTables>, key: { tenantId: string; id: string }, notes: readonly JobNote[]): Promise<void> {
    await this.update(tx, key, { log: sql`log || ${json(notes)}` });
  }

  /** Seconds that the last trainings of a model by one algorithm took, newest first. */
  async lastSeconds(
    tx: Tx<MlTables>,
    tenantId: string,
    { name, algorithm }: { name: string; algorithm: string | null },
  ): Promise<number[]> {
    const rows = await tx
      .selectFrom('ml_jobs')
      .select(sql<number>`cast(extract(epoch from ended_at - started_at) as double precision)`.as('seconds'))
      .where('tenant_id', '=', tenantId)
      .where('model_name', '=', name)
      .where('kind', '=', 'train')
      .where('status', '=', 'completed')
      .where(sql<boolean>`request ->> 'algorithm' is not distinct from ${algorithm}`)
      .orderBy('created_at', 'desc')
      .limit(5)
      .execute();
    return rows.map(({ seconds }) => seconds);
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
