import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import type { JobQueue } from '#platform/jobs';

import type { DocumentStore } from '../store/document.store';
import type { SearchTables } from '../store/rows';
import type { ThingStore } from '../store/thing.store';

import type { Generations } from './generations';
import type { IndexingService } from './indexing.service';
import { collections, type SearchIndex } from './index/index';
import { policy } from './policy';

const queue = 'search.reindex';

export interface ReindexView {
  readonly id: string;
  readonly status: string;
  readonly progress: number;
}

export interface StatsView {
  readonly model: string;
  readonly dimension: number;
  readonly nextModel: string | null;
  readonly progress: number;
  readonly pending: number;
  readonly collections: { readonly collection: string; readonly entries: number; readonly approximate: boolean }[];
}

export interface MaintenanceParts {
  readonly db: Database<SearchTables>;
  readonly jobs: JobQueue;
  readonly documents: DocumentStore;
  readonly things: ThingStore;
  readonly generations: Generations;
  readonly indexing: IndexingService;
  readonly index: SearchIndex;
}

/** Rebuilds and measures the index of a tenant. */
export class MaintenanceService {
  constructor(private readonly parts: MaintenanceParts) {}

  /** Takes the rebuilds from the queue; before the queue starts. */
  work(): void {
    this.parts.jobs.work(queue, (job, { signal, progress }) => this.parts.indexing.rebuild(job.tenantId, { signal, onProgress: progress }));
  }

  async reindex(caller: Caller): Promise<ReindexView> {
    policy.require(caller, 'search:admin');
    const id = await this.parts.db.inTenant(caller.tenantId, (tx) =>
      this.parts.jobs.enqueue(tx, { queue, tenantId: caller.tenantId, payload: {}, key: 'all' }),
    );
    return { id, status: 'queued', progress: 0 };
  }

  async job(caller: Caller, id: string): Promise<ReindexView> {
    policy.require(caller, 'search:admin');
    const status = await this.parts.jobs.status(caller.tenantId, id);
    if (!status) throw errors.NOT_FOUND({ kind: 'rebuild' });
    return { id, status: status.state, progress: status.progress };
  }

  async stats(caller: Caller): Promise<StatsView> {
    policy.require(caller, 'search:admin');
    const { db, documents, things, generations, index } = this.parts;
    const { tenantId } = caller;
    const { serving, filling } = await generations.of(tenantId);
    const [begun, behind, waiting] = await db.inTenant(
      tenantId,
      async (tx) =>
        [
          await things.list(tx, tenantId),
          await things.behind(tx, tenantId, (filling ?? serving).model),
          await documents.ids(tx, tenantId, 'indexing'),
        ] as const,
    );
    // A document whose turn has not come is no thing of the index yet, but no less pending.
    const ids = (some: typeof begun): string[] => some.map(({ kind, owner_id }) => `${kind}/${owner_id}`);
    const queued = waiting.map((id) => `document/${id}`);
    const [all, pending] = [begun, behind].map((some) => new Set([...ids(some), ...queued]).size) as [number, number];
    const counts = await Promise.all(
      collections.map(async (collection) => {
        const shelf = { tenantId, collection, generation: serving };
        return { collection, entries: await index.count(shelf), approximate: await index.isApproximate(shelf) };
      }),
    );
    return {
      model: serving.model,
      dimension: serving.dimension,
      nextModel: filling?.model ?? null,
      progress: all === 0 ? 1 : 1 - pending / all,
      pending,
      collections: counts,
    };
  }
}
