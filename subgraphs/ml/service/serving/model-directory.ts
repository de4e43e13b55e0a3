import type { Database } from '#platform/db';

import type { RegistryStore, StoredModel } from '../../store/registry.store';
import type { MlTables } from '../../store/rows';

/** A model with the version that answers where nothing else is said: the one in production, else the newest not archived. */
export interface ServedModel extends StoredModel {
  readonly latest: number;
  /** All of them, oldest first. */
  readonly versions: readonly number[];
}

interface Known {
  readonly model: Promise<ServedModel | null>;
  readonly until: number;
}

/** How long another process may go on with a deployment that has changed. */
const freshMs = 1_000;
const maxKnown = 10_000;

/** Where predictions look up models: kept for a moment, and forgotten at once where this process changes one. */
export class ModelDirectory {
  private readonly known = new Map<string, Known>();

  constructor(private readonly parts: { readonly db: Database<MlTables>; readonly store: RegistryStore }) {}

  /** By id or name; null where the tenant has no such model. */
  find(tenantId: string, id: string): Promise<ServedModel | null> {
    const key = `${tenantId}/${id}`;
    const found = this.known.get(key);
    if (found && found.until > performance.now()) return found.model;
    const model = this.read(tenantId, id);
    if (this.known.size >= maxKnown) this.known.clear();
    this.known.set(key, { model, until: performance.now() + freshMs });
    model.catch(() => this.known.delete(key));
    return model;
  }

  forget(tenantId: string): void {
    for (const key of this.known.keys()) if (key.startsWith(`${tenantId}/`)) this.known.delete(key);
  }

  private read(tenantId: string, id: string): Promise<ServedModel | null> {
    const { db, store } = this.parts;
    return db.inTenant(tenantId, async (tx) => {
      const model = await store.model(tx, tenantId, id);
      if (!model) return null;
      const versions = await store.stages(tx, tenantId, model.id);
      return { ...model, latest: servedOf(versions), versions: versions.map(({ version }) => version) };
    });
  }
}

function servedOf(versions: readonly { readonly version: number; readonly stage: string }[]): number {
  const newest = [...versions].reverse();
  const served = newest.find(({ stage }) => stage === 'production') ?? newest.find(({ stage }) => stage !== 'archived') ?? newest[0];
  return served?.version ?? 1;
}
