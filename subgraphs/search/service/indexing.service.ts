import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';

import type { DocumentStore } from '../store/document.store';
import type { IndexedStore } from '../store/indexed.store';
import type { SearchTables, ThingKind } from '../store/rows';
import type { ThingStore } from '../store/thing.store';

import { conversationEntries, dashboardEntries, documentEntries, sourceEntries } from './entries';
import type { Generations } from './generations';
import type { Collection, Generation, IndexEntry, SearchIndex } from './index/index';
import type { ConversationReader, DashboardReader, SourceReader } from './ports';

export interface IndexingParts {
  readonly db: Database<SearchTables>;
  readonly documents: DocumentStore;
  readonly indexed: IndexedStore;
  readonly things: ThingStore;
  readonly generations: Generations;
  readonly index: SearchIndex;
  readonly sources: SourceReader;
  readonly conversations: ConversationReader;
  readonly dashboards: DashboardReader;
}

export interface Thing {
  readonly kind: ThingKind;
  readonly id: string;
}

interface Progress {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number, note: string) => Promise<void>;
}

interface BringOptions {
  readonly signal?: AbortSignal;
  /** Into this model's tables alone. @default all that the tenant has */
  readonly only?: Generation;
}

type Searchable = Partial<Record<Collection, readonly IndexEntry[]>>;

/** Under this name the built-in sources are indexed, once for all tenants. No token can carry it: ids of tenants have no colon prefix of ours. */
export const builtInTenant = 'parley:built-in';

/** The indexer reads a tenant's things as an administrator of that tenant, who sees them all; what a person finds is checked when they search. */
export const indexer = (tenantId: string): Caller => ({ tenantId, userId: 'search-indexer', roles: ['admin'], tier: 'enterprise' });

/** Keeps the index equal to what the domains hold. Every step reads the present state, so repeating one changes nothing. */
export class IndexingService {
  constructor(private readonly parts: IndexingParts) {}

  /**
   * Brings one thing up to date in the index, or takes it out where it is no more. Two of these at once, of one thing, may read
   * different states and write them in the other order; who finds the revision raised since looks again, so the last state stays.
   */
  async bring(tenantId: string, thing: Thing, { signal, only }: BringOptions = {}): Promise<void> {
    const { db, index, things, generations } = this.parts;
    const key = { tenant_id: tenantId, kind: thing.kind, owner_id: thing.id };
    let revision: string | null = await db.inTenant(tenantId, (tx) => things.raise(tx, key));
    for (;;) {
      signal?.throwIfAborted();
      const all = await generations.forWriting(tenantId);
      const found = await this.read(tenantId, thing);
      const isEmpty = Object.values(found).every((entries) => entries.length === 0);
      const targets = only && !isEmpty ? [only] : all;
      for (const generation of targets) {
        // Where this process does not know the new model, the one that fills it does: here the old entries go, the new ones come there.
        const leave = generation.model !== all[0]!.model && !index.canEmbed(generation);
        for (const [collection, entries] of Object.entries(found) as [Collection, readonly IndexEntry[]][])
          await index.replaceOwner({ tenantId, collection, generation }, { ownerId: thing.id, entries: leave ? [] : entries }, signal);
      }
      const now = await this.note(tenantId, thing, { found, targets, revision, isEmpty });
      if (now === revision) break;
      // Null: another took it out; a thing of that name begins anew.
      revision = now ?? (await db.inTenant(tenantId, (tx) => things.raise(tx, key)));
    }
  }

  /** The built-in sources, where they are not indexed yet. */
  async builtIn(signal?: AbortSignal): Promise<void> {
    const { db, index, indexed, sources, generations } = this.parts;
    const serving = await generations.serving(builtInTenant);
    const known = await db.inTenant(builtInTenant, (tx) => indexed.list(tx, builtInTenant, serving.model));
    // An index folder that was lost is empty, whatever the database remembers.
    const lost = (await index.count({ tenantId: builtInTenant, collection: 'schema', generation: serving })) === 0;
    for (const { id, builtIn } of await sources.list(indexer(builtInTenant))) {
      const done = !lost && known.some(({ owner_id }) => owner_id === id);
      if (builtIn && !done) await this.bring(builtInTenant, { kind: 'source', id }, signal ? { signal } : {});
    }
  }

  /** Everything of a tenant again, from the databases: what a lost or changed index needs. `onProgress` gets a fraction. */
  async rebuild(tenantId: string, { signal, onProgress }: Progress = {}): Promise<void> {
    const { db, documents, things, sources } = this.parts;
    const [known, documentIds] = await db.inTenant(
      tenantId,
      async (tx) => [await things.list(tx, tenantId), await documents.ids(tx, tenantId)] as const,
    );
    const ownSources = (await sources.list(indexer(tenantId))).filter(({ builtIn }) => !builtIn);
    const wanted: Thing[] = [
      ...known.map(({ kind, owner_id }) => ({ kind, id: owner_id })),
      ...ownSources.map(({ id }) => ({ kind: 'source' as const, id })),
      ...documentIds.map((id) => ({ kind: 'document' as const, id })),
    ];
    const steps = [...new Map(wanted.map((thing) => [`${thing.kind}/${thing.id}`, thing])).values()];
    for (const [place, thing] of steps.entries()) {
      signal?.throwIfAborted();
      await this.bring(tenantId, thing, signal ? { signal } : {});
      await onProgress?.((place + 1) / steps.length, `${place + 1} of ${steps.length}`);
    }
  }

  private async read(tenantId: string, { kind, id }: Thing): Promise<Searchable> {
    const { db, documents, sources, conversations, dashboards } = this.parts;
    if (kind === 'source') {
      const facts = await sources.read(indexer(tenantId), id);
      // A built-in source is indexed once for all tenants; a copy in a tenant would be found twice.
      const own = facts && facts.builtIn === (tenantId === builtInTenant);
      const { schema, values, metrics } = own ? sourceEntries(facts) : { schema: [], values: [], metrics: [] };
      // The tables last: who finds them finds their metrics and values as well.
      return { metrics, values, schema };
    }
    if (kind === 'conversation') {
      const facts = await conversations.read(indexer(tenantId), id);
      return { conversations: facts ? conversationEntries(facts) : [] };
    }
    if (kind === 'dashboard') {
      const facts = await dashboards.read(indexer(tenantId), id);
      return { dashboards: facts ? dashboardEntries(facts) : [] };
    }
    const document = await db.inTenant(tenantId, (tx) => documents.findById(tx, tenantId, id));
    return { knowledge: document ? documentEntries(document) : [] };
  }

  /** Writes down what the index holds now, unless the thing has changed since. After the index: a crash between the two repeats the step. */
  private note(
    tenantId: string,
    thing: Thing,
    { found, targets, revision, isEmpty }: { found: Searchable; targets: readonly Generation[]; revision: string | null; isEmpty: boolean },
  ): Promise<string | null> {
    const { db, index, indexed, things, documents } = this.parts;
    const key = { tenant_id: tenantId, kind: thing.kind, owner_id: thing.id };
    return db.inTenant(tenantId, async (tx) => {
      const now = await things.revision(tx, key);
      if (now !== revision) return now;
      for (const generation of targets)
        for (const [collection, entries] of Object.entries(found) as [Collection, readonly IndexEntry[]][]) {
          const row = { tenant_id: tenantId, collection, owner_id: thing.id, model: generation.model };
          const embedded = index.canEmbed(generation);
          if (entries.length === 0) await indexed.remove(tx, row);
          else await indexed.put(tx, { ...row, entry_count: entries.length, embedded });
        }
      if (isEmpty) await things.remove(tx, key);
      if (thing.kind === 'document') {
        const change = { status: 'ready', problem: null, part_count: found.knowledge!.length, indexed_at: new Date() };
        await documents.update(tx, { tenantId, id: thing.id }, change);
      }
      return now;
    });
  }
}
