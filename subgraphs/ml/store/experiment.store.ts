import type { Insertable, Selectable } from 'kysely';

import type { Tx } from '#platform/db';

import type { ExperimentRow, ExperimentRunRow, MlTables } from './rows';

export type StoredExperiment = Selectable<ExperimentRow>;
export type StoredExperimentRun = Selectable<ExperimentRunRow>;

export class ExperimentStore {
  insert(tx: Tx<MlTables>, row: Insertable<ExperimentRow>): Promise<StoredExperiment> {
    return tx.insertInto('ml_experiments').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async find(tx: Tx<MlTables>, tenantId: string, id: string): Promise<StoredExperiment | null> {
    return (
      (await tx.selectFrom('ml_experiments').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  list(tx: Tx<MlTables>, tenantId: string): Promise<StoredExperiment[]> {
    return tx
      .selectFrom('ml_experiments')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1_000)
      .execute();
  }

  insertRun(tx: Tx<MlTables>, row: Insertable<ExperimentRunRow>): Promise<StoredExperimentRun> {
    return tx.insertInto('ml_experiment_runs').values(row).returningAll().executeTakeFirstOrThrow();
  }

  runs(tx: Tx<MlTables>, tenantId: string, experimentId: string): Promise<StoredExperimentRun[]> {
    return tx
      .selectFrom('ml_experiment_runs')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('experiment_id', '=', experimentId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1_000)
      .execute();
  }
}
