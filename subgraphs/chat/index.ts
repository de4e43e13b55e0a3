import path from 'node:path';

import type { Database, Log, MigrationFolder } from '#platform/db';
import type { EventLog } from '#platform/events';
import { buildSubgraph, type BuiltSubgraph } from '#platform/graphql';

import { createChatEventSubscription } from './resolvers/chat-event.subscription';
import { MessageResolver } from './resolvers/message.resolver';
import { references } from './resolvers/references';
import { SessionResolver } from './resolvers/session.resolver';
import { TurnResolver } from './resolvers/turn.resolver';
import { HistoryService } from './service/history.service';
import { createHousekeeping, type Housekeeping } from './service/housekeeping';
import { Narrator } from './service/narrator';
import type { Analyst, Knowledge, Models } from './service/ports';
import { SessionService } from './service/session.service';
import { StreamService } from './service/stream.service';
import { defaultTimings, type TurnTimings } from './service/turn-deps';
import { TurnService } from './service/turn.service';
import { FeedbackStore } from './store/feedback.store';
import { MessageStore } from './store/message.store';
import type { ChatTables } from './store/rows';
import { SessionStore } from './store/session.store';

export type {
  AlternativeReading,
  Analyst,
  AnalystAnswer,
  AskRequest,
  Clarification,
  Interpretation,
  Knowledge,
  KnowledgeHit,
  Models,
  PreviousAnswer,
  QueryRows,
  RefineRequest,
  RunSqlRequest,
  SourceDescription,
  TableDescription,
} from './service/ports';
export type { TurnTimings } from './service/turn-deps';

export const chatMigrations: MigrationFolder = { name: 'chat', directory: path.join(__dirname, 'store', 'migrations') };

export interface ChatDeps {
  readonly db: Database;
  readonly log: EventLog;
  readonly logger: Log;
  readonly analyst: Analyst;
  /** @default no documents */
  readonly knowledge?: Knowledge | null;
  /** @default no language model: the built-in words */
  readonly models?: Models | null;
  readonly timings?: Partial<TurnTimings>;
}

export interface ChatSubgraph extends BuiltSubgraph {
  /** For composition in code and tests; other domains go through the graph. */
  readonly services: {
    readonly sessions: SessionService;
    readonly history: HistoryService;
    readonly turns: TurnService;
    readonly streams: StreamService;
    readonly housekeeping: Housekeeping;
  };
  start(): Promise<void>;
  /** Ends running turns as failed and retryable. */
  stop(): Promise<void>;
}

export function createChatSubgraph({ db: anyDb, log, logger, analyst, knowledge = null, models = null, timings }: ChatDeps): ChatSubgraph {
  const db = anyDb.withTables<ChatTables>();
  const [sessionStore, messageStore, feedbackStore] = [new SessionStore(), new MessageStore(), new FeedbackStore()];
  const shared = { db, sessions: sessionStore, messages: messageStore, log, logger };
  const sessions = new SessionService(shared);
  const history = new HistoryService({ ...shared, feedback: feedbackStore, analyst });
  const streams = new StreamService(shared);
  const allTimings = { ...defaultTimings, ...timings };
  const narrator = new Narrator({ models, log: logger, timeoutMs: allTimings.wordsMs });
  const turns = new TurnService({ ...shared, analyst, knowledge, narrator, timings: allTimings });
  const housekeeping = createHousekeeping(shared);
  const ChatEventSubscription = createChatEventSubscription(streams, sessions);
  const built = buildSubgraph({
    name: 'chat',
    resolvers: [SessionResolver, MessageResolver, TurnResolver, ChatEventSubscription],
    instances: [
      new SessionResolver(sessions, history),
      new MessageResolver(history, sessions),
      new TurnResolver(turns, history),
      new ChatEventSubscription(),
    ],
    references: references({ sessions, history }),
  });
  return {
    ...built,
    services: { sessions, history, turns, streams, housekeeping },
    start: async () => housekeeping.start(),
    async stop() {
      await housekeeping.stop();
      await turns.stop();
    },
  };
}
