import type { Database } from '#platform/db';
import type { JobContext, JobQueue } from '#platform/jobs';

import type { GenerationStore } from '../store/generation.store';
import type { SearchTables } from '../store/rows';
import type { ThingStore } from '../store/thing.store';

import type { Generations } from './generations';
import type { IndexingService } from './indexing.service';
import { collections, type Generation, type SearchIndex } from './index/index';

const fillQueue = 'search.refill';
const dropQueue = 'search.drop';
/** Longer than any query under way, and than a process remembers which model serves. */
const dropAfterMs = 60_000;
/** With so many failures in a row it is the model that is away, not a thing that cannot be read. */
const patience = 5;

export interface RefillParts {
  readonly db: Database<SearchTables>;
  readonly jobs: JobQueue;
  readonly store: GenerationStore;
  readonly things: ThingStore;
  readonly generations: Generations;
  readonly indexing: IndexingService;
  readonly index: SearchIndex;
  /** @default 60_000 ms */
  readonly dropAfterMs?: number;
}

/**
 * Changes the embedding model without a gap: the new model's tables are filled beside the old ones, which answer until the new ones
 * hold everything. What is done is written down thing by thing, so a fill that was stopped goes on where it was. Things whose indexing
 * had failed are caught up with by the same job.
 */
export class RefillService {
  constructor(private readonly parts: RefillParts) {}

  /** Takes the fills from the queue; before the queue starts. */
  work(): void {
    this.parts.jobs.work(fillQueue, (job, context) => this.fill(job.tenantId, context));
    this.parts.jobs.work(dropQueue, (job) => this.parts.generations.drop(job.tenantId, job.payload as Generation));
  }

  /** Orders a fill for each tenant that the configured model does not serve whole. */
  async announce(): Promise<void> {
    const { db, jobs, store, index } = this.parts;
    const { model } = index.wanted;
    await db.asSystem(async (tx) => {
      for (const tenantId of await store.tenantsBehind(tx, model))
        await jobs.enqueue(tx, { queue: fillQueue, tenantId, payload: { model }, key: model });
    });
  }

  async fill(tenantId: string, { signal, progress }: Pick<JobContext, 'signal' | 'progress'>): Promise<void> {
    const { db, jobs, generations, index } = this.parts;
    const { wanted } = index;
    const isChange = (await generations.of(tenantId)).serving.model !== wanted.model;
    if (isChange) await generations.beginFilling(tenantId);
    await this.catchUp(tenantId, { signal, progress });
    for (const collection of collections) await index.optimise({ tenantId, collection, generation: wanted });
    if (!isChange) return;
    const replaced = await generations.promote(tenantId);
    const runAt = new Date(Date.now() + (this.parts.dropAfterMs ?? dropAfterMs));
    await db.inTenant(tenantId, (tx) => jobs.enqueue(tx, { queue: dropQueue, tenantId, payload: replaced, key: replaced.model, runAt }));
  }

  /**
   * Until nothing is missing: what is added meanwhile goes to both by its event. A thing that cannot be read now keeps the old model
   * in service, so that it stays found; the job is then tried again.
   */
  private async catchUp(tenantId: string, { signal, progress }: Pick<JobContext, 'signal' | 'progress'>): Promise<void> {
    const { db, things, indexing, index } = this.parts;
    const { wanted } = index;
    const failed = new Set<string>();
    let failure: unknown;
    let inARow = 0;
    for (;;) {
      const [all, behind] = await db.inTenant(
        tenantId,
        async (tx) => [await things.list(tx, tenantId), await things.behind(tx, tenantId, wanted.model)] as const,
      );
      const missing = behind.filter(({ kind, owner_id }) => !failed.has(`${kind}/${owner_id}`));
      if (missing.length === 0) break;
      for (const [place, { kind, owner_id: id }] of missing.entries()) {
        signal.throwIfAborted();
        try {
          await indexing.bring(tenantId, { kind, id }, { signal, only: wanted });
          inARow = 0;
        } catch (error) {
          inARow += 1;
          if (signal.aborted || inARow === patience) throw error;
          failed.add(`${kind}/${id}`);
          failure = error;
        }
        await progress((all.length - behind.length + place + 1) / all.length);
      }
    }
    if (failure !== undefined) throw failure;
  }
}
