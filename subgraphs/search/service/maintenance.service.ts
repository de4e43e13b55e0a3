import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import type { JobQueue } from '#platform/jobs';

import type { SearchTables } from '../store/rows';

import type { IndexingService } from './indexing.service';
import { collections, type SearchIndex } from './index/index';
import { policy } from './policy';

const queue = 'search.reindex';

export interface ReindexView {
  readonly id: string;
  readonly status: string;
  readonly progress: number;
}

/** Rebuilds and measures the index of a tenant. */
export class MaintenanceService {
  constructor(
    private readonly parts: {
      readonly db: Database<SearchTables>;
      readonly jobs: JobQueue;
      readonly indexing: IndexingService;
      readonly index: SearchIndex;
    },
  ) {}

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

  async stats(caller: Caller): Promise<{ model: string; collections: { collection: string; entries: number }[] }> {
    policy.require(caller, 'search:admin');
    const counts = await Promise.all(
      collections.map(async (collection) => ({ collection, entries: await this.parts.index.count(caller.tenantId, collection) })),
    );
    return { model: this.parts.index.model, collections: counts };
  }
}
