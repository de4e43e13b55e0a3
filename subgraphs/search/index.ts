import path from 'node:path';

import type { Database, MigrationFolder } from '#platform/db';
import type { EventBus } from '#platform/events';
import { buildSubgraph, type BuiltSubgraph } from '#platform/graphql';
import type { JobQueue } from '#platform/jobs';
import type { Logger } from '#platform/telemetry';

import { documentLoader, DocumentResolver, toDocument } from './resolvers/document.resolver';
import { SearchResolver } from './resolvers/search.resolver';
import { KnowledgeDocument } from './schema/document.type';
import { Dashboard, Session, Source } from './schema/stubs';
import { createBuiltInEmbedder, type Embedder } from './service/embedding';
import { Generations } from './service/generations';
import { IndexingService } from './service/indexing.service';
import { SearchIndex, type Generation } from './service/index/index';
import { KnowledgeService } from './service/knowledge.service';
import { MaintenanceService } from './service/maintenance.service';
import type { ConversationReader, DashboardReader, SourceReader } from './service/ports';
import { RefillService } from './service/refill.service';
import { SearchService } from './service/search.service';
import { followDomains } from './service/subscriptions';
import { SuggestService } from './service/suggest.service';
import { DocumentStore } from './store/document.store';
import { GenerationStore } from './store/generation.store';
import { IndexedStore } from './store/indexed.store';
import type { SearchTables } from './store/rows';
import { ThingStore } from './store/thing.store';

export type { ConversationFacts, ConversationReader, DashboardFacts, DashboardReader, SourceFacts, SourceReader } from './service/ports';
export { configuredEmbedders, createBuiltInEmbedder, type Embedder } from './service/embedding';

export const searchMigrations: MigrationFolder = { name: 'search', directory: path.join(__dirname, 'store', 'migrations') };

export interface SearchDependencies {
  readonly db: Database;
  readonly bus: EventBus;
  readonly jobs: JobQueue;
  /** Folder or object-store URI of the index. */
  readonly location: string;
  /** @default the encoder that ships with Parley */
  readonly embedder?: Embedder;
  /** The encoder of vectors that were made before the present one was configured, where it can still be asked. @default none can */
  readonly formerEmbedder?: (generation: Generation) => Embedder | null;
  /** For tests: how long a replaced model's tables are kept. @default 60_000 ms */
  readonly dropAfterMs?: number;
  readonly sources: SourceReader;
  readonly conversations: ConversationReader;
  readonly dashboards: DashboardReader;
  readonly uploadMaxBytes: number;
  readonly logger: Logger;
}

export interface SearchSubgraph extends BuiltSubgraph {
  readonly search: SearchService;
  /** Indexes the built-in sources in the background. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** The search domain: one hybrid index over schemas, values, metrics, conversations, dashboards and documents. */
export function createSearchSubgraph(deps: SearchDependencies): SearchSubgraph {
  const db = deps.db.withTables<SearchTables>();
  const documents = new DocumentStore();
  const [indexed, things, generationStore] = [new IndexedStore(), new ThingStore(), new GenerationStore()];
  const { sources, conversations, dashboards, jobs } = deps;
  const index = new SearchIndex({
    location: deps.location,
    embedder: deps.embedder ?? createBuiltInEmbedder(),
    ...(deps.formerEmbedder ? { former: deps.formerEmbedder } : {}),
  });
  const generations = new Generations({ db, store: generationStore, indexed, index });
  const indexing = new IndexingService({ db, documents, indexed, things, generations, index, sources, conversations, dashboards });
  const knowledge = new KnowledgeService({ db, documents, index, generations, maxBytes: deps.uploadMaxBytes });
  const search = new SearchService({ index, generations, knowledge, sources, conversations, dashboards });
  const maintenance = new MaintenanceService({ db, jobs, documents, things, generations, indexing, index });
  const refill = new RefillService({
    db,
    jobs,
    store: generationStore,
    things,
    generations,
    indexing,
    index,
    ...(deps.dropAfterMs === undefined ? {} : { dropAfterMs: deps.dropAfterMs }),
  });
  followDomains({ bus: deps.bus, db, documents, indexing });
  maintenance.work();
  refill.work();

  const built = buildSubgraph({
    name: 'search',
    resolvers: [SearchResolver, DocumentResolver],
    instances: [
      new SearchResolver(search, new SuggestService(index, generations), maintenance, knowledge),
      new DocumentResolver(knowledge),
    ],
    orphanedTypes: [Source, Session, Dashboard, KnowledgeDocument],
    references: {
      KnowledgeDocument: async ({ id }, context) => {
        const document = await documentLoader(knowledge, context).load(id);
        return document ? toDocument(document) : null;
      },
    },
  });
  const stopping = new AbortController();
  let background: Promise<void> | undefined;
  return {
    ...built,
    search,
    start: async () => {
      background = refill
        .announce()
        .then(() => indexing.builtIn(stopping.signal))
        .catch((err: unknown) => {
          if (!stopping.signal.aborted)
            deps.logger.error({ event: 'search.built_in_failed', err }, 'the built-in sources could not be indexed');
        });
    },
    close: async () => {
      stopping.abort();
      await background;
      await index.close();
    },
  };
}
