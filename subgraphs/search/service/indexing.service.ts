import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import type { DomainEvent, EventBus } from '#platform/events';

import type { DocumentStore } from '../store/document.store';
import type { IndexedStore } from '../store/indexed.store';
import type { SearchTables } from '../store/rows';

import { conversationEntries, dashboardEntries, documentEntries, sourceEntries } from './entries';
import { searchEvents } from './events';
import type { Collection, IndexEntry, SearchIndex } from './index/index';
import type { ConversationReader, DashboardReader, SourceReader } from './ports';

export interface IndexingParts {
  readonly db: Database<SearchTables>;
  readonly documents: DocumentStore;
  readonly indexed: IndexedStore;
  readonly index: SearchIndex;
  readonly sources: SourceReader;
  readonly conversations: ConversationReader;
  readonly dashboards: DashboardReader;
}

/** Under this name the built-in sources are indexed, once for all tenants. No token can carry it: ids of tenants have no colon prefix of ours. */
export const builtInTenant = 'parley:built-in';

/** The indexer reads a tenant's things as an administrator of that tenant, who sees them all; what a person finds is checked when they search. */
const indexer = (tenantId: string): Caller => ({ tenantId, userId: 'search-indexer', roles: ['admin'], tier: 'enterprise' });

/** Keeps the index equal to what the domains hold. Every step reads the present state, so repeating one changes nothing. */
export class IndexingService {
  constructor(private readonly parts: IndexingParts) {}

  /** Subscribes to what the domains publish: at least once, also for what happened while this process was down. */
  listen(bus: EventBus): void {
    const on = (subscriber: string, types: readonly string[], handle: (event: DomainEvent, signal: AbortSignal) => Promise<void>): void =>
      bus.onEvent({ subscriber: `search.${subscriber}`, types, handle, concurrency: 1 });
    const field = (event: DomainEvent, name: string): string => String((event.data as Record<string, unknown>)[name]);
    on('sources', ['sql.source.*'], (event, signal) => this.source(event.tenantId, field(event, 'sourceId'), signal));
    on('conversations', ['chat.message.completed', 'chat.session.changed', 'chat.session.deleted'], (event, signal) =>
      this.conversation(event.tenantId, field(event, 'sessionId'), signal),
    );
    on('dashboards', ['dashboard.*'], (event, signal) => this.dashboard(event.tenantId, field(event, 'dashboardId'), signal));
    on('documents', [searchEvents.documentChanged, searchEvents.documentRemoved], (event, signal) =>
      this.document(event.tenantId, field(event, 'documentId'), signal),
    );
  }

  /** The built-in sources, where they are not indexed with this model yet. */
  async builtIn(signal?: AbortSignal): Promise<void> {
    const known = await this.parts.db.inTenant(builtInTenant, (tx) => this.parts.indexed.owners(tx, builtInTenant));
    // An index folder that was lost is empty, whatever the database remembers.
    const lost = (await this.parts.index.count(builtInTenant, 'schema')) === 0;
    for (const { id, builtIn } of await this.parts.sources.list(indexer(builtInTenant))) {
      const done =
        !lost &&
        known.some(({ collection, owner_id, model }) => collection === 'schema' && owner_id === id && model === this.parts.index.model);
      if (builtIn && !done) await this.source(builtInTenant, id, signal);
    }
  }

  async source(tenantId: string, sourceId: string, signal?: AbortSignal): Promise<void> {
    const facts = await this.parts.sources.read(indexer(tenantId), sourceId);
    // A built-in source is indexed once for all tenants; a copy in a tenant would be found twice.
    const own = facts && facts.builtIn === (tenantId === builtInTenant);
    const entries = own ? sourceEntries(facts) : { schema: [], values: [], metrics: [] };
    // The schema last: `builtIn` takes its row for a sign that all three are done.
    for (const collection of ['metrics', 'values', 'schema'] as const) {
      await this.replace(tenantId, collection, { ownerId: sourceId, entries: entries[collection] }, signal);
    }
  }

  async conversation(tenantId: string, sessionId: string, signal?: AbortSignal): Promise<void> {
    const facts = await this.parts.conversations.read(indexer(tenantId), sessionId);
    await this.replace(tenantId, 'conversations', { ownerId: sessionId, entries: facts ? conversationEntries(facts) : [] }, signal);
  }

  async dashboard(tenantId: string, dashboardId: string, signal?: AbortSignal): Promise<void> {
    const facts = await this.parts.dashboards.read(indexer(tenantId), dashboardId);
    await this.replace(tenantId, 'dashboards', { ownerId: dashboardId, entries: facts ? dashboardEntries(facts) : [] }, signal);
  }

  async document(tenantId: string, documentId: string, signal?: AbortSignal): Promise<void> {
    const { db, documents } = this.parts;
    const document = await db.inTenant(tenantId, (tx) => documents.findById(tx, tenantId, documentId));
    const entries = document ? documentEntries(document) : [];
    await this.replace(tenantId, 'knowledge', { ownerId: documentId, entries }, signal);
    if (!document) return;
    const change = { status: 'ready', problem: null, part_count: entries.length, indexed_at: new Date() };
    await db.inTenant(tenantId, (tx) => documents.update(tx, { tenantId, id: documentId }, change));
  }

  /** Everything of a tenant again, from the databases: what a lost or changed index needs. `onProgress` gets a fraction. */
  async rebuild(
    tenantId: string,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (fraction: number, note: string) => Promise<void> } = {},
  ): Promise<void> {
    const { db, documents, indexed, sources } = this.parts;
    const [known, documentIds] = await db.inTenant(
      tenantId,
      async (tx) => [await indexed.owners(tx, tenantId), await documents.ids(tx, tenantId)] as const,
    );
    const owners = (collection: Collection): string[] =>
      known.filter((row) => row.collection === collection).map(({ owner_id }) => owner_id);
    const sourceIds = new Set([
      ...owners('schema'),
      ...(await sources.list(indexer(tenantId))).filter(({ builtIn }) => !builtIn).map(({ id }) => id),
    ]);
    const steps = [
      ...[...sourceIds].map((id) => () => this.source(tenantId, id, signal)),
      ...[...new Set([...owners('knowledge'), ...documentIds])].map((id) => () => this.document(tenantId, id, signal)),
      ...owners('conversations').map((id) => () => this.conversation(tenantId, id, signal)),
      ...owners('dashboards').map((id) => () => this.dashboard(tenantId, id, signal)),
    ];
    for (const [place, step] of steps.entries()) {
      signal?.throwIfAborted();
      await step();
      await onProgress?.((place + 1) / steps.length, `${place + 1} of ${steps.length}`);
    }
  }

  private async replace(
    tenantId: string,
    collection: Collection,
    owned: { ownerId: string; entries: readonly IndexEntry[] },
    signal?: AbortSignal,
  ): Promise<void> {
    const { db, index, indexed } = this.parts;
    const key = { tenant_id: tenantId, collection, owner_id: owned.ownerId };
    await index.replaceOwner(tenantId, collection, owned, signal);
    // After the index: a crash between the two repeats the step, which changes nothing.
    await db.inTenant(tenantId, (tx) =>
      owned.entries.length > 0
        ? indexed.put(tx, { ...key, entry_count: owned.entries.length, model: index.model })
        : indexed.remove(tx, key),
    );
  }
}
