import type { Database } from '#platform/db';
import { AppError } from '#platform/errors';
import type { DomainEvent, EventBus } from '#platform/events';

import type { DocumentStore } from '../store/document.store';
import type { SearchTables, ThingKind } from '../store/rows';

import { searchEvents } from './events';
import type { IndexingService } from './indexing.service';

export interface SubscriptionParts {
  readonly bus: EventBus;
  readonly db: Database<SearchTables>;
  readonly documents: DocumentStore;
  readonly indexing: IndexingService;
}

interface Follow {
  readonly subscriber: string;
  readonly types: readonly string[];
  readonly kind: ThingKind;
  /** The field of the event that names the thing. */
  readonly idIn: string;
}

const followed: readonly Follow[] = [
  { subscriber: 'search.sources', types: ['sql.source.*'], kind: 'source', idIn: 'sourceId' },
  {
    subscriber: 'search.conversations',
    types: ['chat.message.completed', 'chat.session.changed', 'chat.session.deleted'],
    kind: 'conversation',
    idIn: 'sessionId',
  },
  { subscriber: 'search.dashboards', types: ['dashboard.*'], kind: 'dashboard', idIn: 'dashboardId' },
  {
    subscriber: 'search.documents',
    types: [searchEvents.documentChanged, searchEvents.documentRemoved],
    kind: 'document',
    idIn: 'documentId',
  },
];

/** Follows what the domains publish: at least once, also for what happened while this process was down. */
export function followDomains({ bus, db, documents, indexing }: SubscriptionParts): void {
  for (const { subscriber, types, kind, idIn } of followed) {
    const idOf = (event: Pick<DomainEvent, 'data'>): string => String((event.data as Record<string, unknown>)[idIn]);
    bus.onEvent({
      subscriber,
      types,
      concurrency: 1,
      handle: (event, signal) => indexing.bring(event.tenantId, { kind, id: idOf(event) }, { signal }),
      onFailed: async (job, error) => {
        if (kind !== 'document') return;
        const id = idOf(job.payload as DomainEvent);
        const change = { status: 'failed', problem: problemOf(error) };
        await db.inTenant(job.tenantId, (tx) => documents.update(tx, { tenantId: job.tenantId, id }, change));
      },
    });
  }
}

/** For who added the document: what is wrong with it, or that nothing is. */
function problemOf(error: unknown): string {
  const { code, message } = error instanceof AppError ? error : { code: null, message: '' };
  if (code === 'SERVICE_UNAVAILABLE') return 'The embedding model could not be reached. The document is kept; a reindex tries again.';
  return `It could not be indexed${message ? `: ${message}` : '.'} The document is kept; a reindex tries again.`;
}
