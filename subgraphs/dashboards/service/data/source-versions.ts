import type { Caller } from '#platform/auth';

import { RecentReads } from '../dashboard/recent-reads';
import type { QueryRunner } from '../ports';

type Versions = ReadonlyMap<string, string>;

/** Tenants whose last versions are remembered, for times when the sql domain does not answer. */
const maxTenants = 1_000;

/**
 * What state the data and models of a tenant's sources are in, as of the last second: rows of another state are not given again. Where
 * nobody can say, the last known state holds, so that kept rows outlive a pause of the sql domain.
 */
export class SourceVersions {
  private readonly recent = new RecentReads<Versions>();
  private readonly last = new Map<string, Versions>();

  constructor(private readonly runner: Pick<QueryRunner, 'versions'>) {}

  async of(caller: Caller): Promise<(sourceId: string | null | undefined) => string> {
    const versions = await this.recent.read(caller.tenantId, () => this.read(caller));
    // A query without a source may be answered by any.
    return (sourceId) => (sourceId ? (versions.get(sourceId) ?? '') : JSON.stringify([...versions]));
  }

  private async read(caller: Caller): Promise<Versions> {
    const { tenantId } = caller;
    try {
      const versions = await this.runner.versions(caller);
      this.last.delete(tenantId);
      this.last.set(tenantId, versions);
      if (this.last.size > maxTenants) this.last.delete(this.last.keys().next().value!);
      return versions;
    } catch {
      return this.last.get(tenantId) ?? new Map();
    }
  }
}
