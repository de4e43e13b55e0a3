import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, type Database } from '#platform/db';
import { toPublicError, readInput } from '#platform/errors';
import { nextRun, type Cron, type Job, type JobQueue } from '#platform/jobs';

import type { FeatureStore, StoredFeatureSet } from '../../store/feature.store';
import type { MlTables } from '../../store/rows';
import { ownerOf } from '../owner';
import { policy } from '../policy';

import type { FeatureService } from './feature.service';

export const materialiseQueue = 'ml.materialise';

const scheduleRules = z.object({
  featureSetId: z.string(),
  cron: z.string().trim().min(9, 'write five fields, such as 0 * * * *').max(100),
  timezone: z.string().max(60).nullish(),
});

export interface FeatureSchedule {
  readonly cron: string;
  readonly timezone: string;
}

/** Fills the online store at its times: each due time once, on one of many instances; what was missed while down is made up for once. */
export class FeatureScheduleService {
  constructor(
    private readonly parts: {
      readonly db: Database<MlTables>;
      readonly store: FeatureStore;
      readonly features: FeatureService;
      readonly cron: Cron;
      readonly jobs: JobQueue;
    },
  ) {}

  /** Replaces the schedule that there was. The fills act as who set it last. */
  async set(caller: Caller, input: unknown): Promise<StoredFeatureSet> {
    policy.require(caller, 'model:train');
    const { featureSetId, cron, timezone } = readInput(scheduleRules, input);
    const { id } = await this.parts.features.find(caller, featureSetId);
    const { tenantId } = caller;
    const schedule: FeatureSchedule = { cron, timezone: timezone ?? 'UTC' };
    await this.parts.db.inTenant(tenantId, async (tx) => {
      await this.parts.cron.put(tx, {
        ...schedule,
        tenantId,
        queue: materialiseQueue,
        key: id,
        payload: { featureSetId: id },
        enabled: true,
      });
      await this.parts.store.update(tx, { tenantId, id }, { schedule: json(schedule), schedule_owner: json(ownerOf(caller)) });
    });
    return this.parts.features.find(caller, id);
  }

  /** Idempotent. */
  async remove(caller: Caller, featureSetId: string): Promise<StoredFeatureSet> {
    policy.require(caller, 'model:train');
    const { id } = await this.parts.features.find(caller, featureSetId);
    const { tenantId } = caller;
    await this.parts.db.inTenant(tenantId, async (tx) => {
      await this.parts.cron.remove(tx, { tenantId, queue: materialiseQueue, key: id });
      await this.parts.store.update(tx, { tenantId, id }, { schedule: json(null), schedule_owner: json(null), materialise_error: null });
    });
    return this.parts.features.find(caller, id);
  }

  /** Takes due fills from the queue; before the queue starts. */
  work(): void {
    this.parts.jobs.work(materialiseQueue, (job, { signal }) => this.run(job, signal), {
      leaseMs: 60_000,
      onFailed: async ({ tenantId, payload }, error) => {
        const { featureSetId: id } = payload as { featureSetId: string };
        await this.parts.db.inTenant(tenantId, (tx) =>
          this.parts.store.update(tx, { tenantId, id }, { materialise_error: toPublicError(error).message }),
        );
      },
    });
  }

  private async run({ tenantId, payload }: Job, signal: AbortSignal): Promise<void> {
    const { featureSetId } = payload as { featureSetId: string };
    const set = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.find(tx, tenantId, featureSetId));
    // Taken back after the time had come.
    if (!set?.schedule) return;
    await this.parts.features.materialise(set.schedule_owner as Caller, set.id, signal);
  }
}

/** Null where the set is filled by hand alone. */
export function nextFill({ schedule }: Pick<StoredFeatureSet, 'schedule'>, now: Date): (FeatureSchedule & { nextRunAt: Date }) | null {
  if (!schedule) return null;
  const { cron, timezone } = schedule as unknown as FeatureSchedule;
  return { cron, timezone, nextRunAt: nextRun(cron, timezone, now) };
}
