import type { Database } from '#platform/db';

import type { GenerationStore } from '../store/generation.store';
import type { IndexedStore } from '../store/indexed.store';
import type { SearchTables } from '../store/rows';

import type { Generation, SearchIndex } from './index/index';

export interface GenerationParts {
  readonly db: Database<SearchTables>;
  readonly store: GenerationStore;
  readonly indexed: IndexedStore;
  readonly index: SearchIndex;
}

export interface TenantGenerations {
  /** Answers every query. */
  readonly serving: Generation;
  /** Takes over once it holds everything. */
  readonly filling: Generation | null;
}

/** A query may be answered this long from what another process has just replaced; its tables are kept for longer. */
const rememberMs = 1_000;

/**
 * Which model's vectors a tenant is served from. A new model is filled beside the old one: queries go to the old until the switch,
 * writes to both.
 */
export class Generations {
  private readonly remembered = new Map<string, { readonly serving: Promise<Generation>; readonly until: number }>();

  constructor(private readonly parts: GenerationParts) {}

  /** What a query of this tenant is answered from. */
  serving(tenantId: string): Promise<Generation> {
    const known = this.remembered.get(tenantId);
    if (known && performance.now() < known.until) return known.serving;
    const serving = this.of(tenantId).then((generations) => generations.serving);
    if (this.remembered.size > 10_000) this.remembered.clear();
    this.remembered.set(tenantId, { serving, until: performance.now() + rememberMs });
    serving.catch(() => this.remembered.delete(tenantId));
    return serving;
  }

  async of(tenantId: string): Promise<TenantGenerations> {
    const { db, store, index } = this.parts;
    const rows = await db.inTenant(tenantId, (tx) => store.list(tx, tenantId));
    return {
      serving: rows.find(({ state }) => state === 'serving') ?? index.wanted,
      filling: rows.find(({ state }) => state === 'filling') ?? null,
    };
  }

  /** Everything that a write goes to. The tenant's first write says which model serves it. */
  async forWriting(tenantId: string): Promise<readonly Generation[]> {
    const { db, store, index } = this.parts;
    await db.inTenant(tenantId, (tx) => store.serveFirst(tx, tenantId, index.wanted));
    const { serving, filling } = await this.of(tenantId);
    return filling ? [serving, filling] : [serving];
  }

  /**
   * Begins, or goes on, filling the configured model beside the serving one. What is left of an attempt that was given up is removed
   * first: it missed the writes since.
   */
  async beginFilling(tenantId: string): Promise<void> {
    const { db, store, indexed, index } = this.parts;
    const { wanted } = index;
    const { filling } = await this.of(tenantId);
    if (filling?.model === wanted.model) return;
    await index.drop(tenantId, wanted);
    await db.inTenant(tenantId, async (tx) => {
      await store.retire(tx, tenantId, 'filling');
      await indexed.removeModel(tx, tenantId, wanted.model);
      await store.put(tx, { tenant_id: tenantId, ...wanted, state: 'filling' });
    });
  }

  /** The filled model answers from now on. Gives the one that it replaces. */
  async promote(tenantId: string): Promise<Generation> {
    const { db, store, index } = this.parts;
    const { serving } = await this.of(tenantId);
    await db.inTenant(tenantId, async (tx) => {
      await store.retire(tx, tenantId, 'serving');
      await store.put(tx, { tenant_id: tenantId, ...index.wanted, state: 'serving' });
    });
    this.remembered.delete(tenantId);
    return serving;
  }

  /** Removes the tables of a model that serves no more; nothing where it is in use again. */
  async drop(tenantId: string, generation: Generation): Promise<void> {
    const { db, store, indexed, index } = this.parts;
    const gone = await db.inTenant(tenantId, async (tx) => {
      const forgotten = await store.forget(tx, tenantId, generation.model);
      if (forgotten) await indexed.removeModel(tx, tenantId, generation.model);
      return forgotten;
    });
    if (gone) await index.drop(tenantId, generation);
  }
}
