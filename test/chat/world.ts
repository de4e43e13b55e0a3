import { createMemoryEventLog, startOutboxRelay, type EventLog } from '#platform/events';
import { silentLogger } from '#platform/telemetry';

import { chatMigrations, createChatSubgraph, type ChatDeps, type ChatSubgraph } from '../../subgraphs/chat';
import { testDatabase, type TestDatabase } from '../kit/database';

import { ShopAnalyst } from '../../bench/chat/shop-analyst';

export interface ChatWorld extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly log: EventLog;
  readonly analyst: ShopAnalyst;
  readonly chat: ChatSubgraph;
}

/** A chat domain on a real database, a real log and a real DuckDB. */
export async function chatWorld(deps: Partial<ChatDeps> = {}): Promise<ChatWorld> {
  const [db, analyst] = await Promise.all([testDatabase([chatMigrations]), ShopAnalyst.open()]);
  const log = deps.log ?? createMemoryEventLog();
  const relay = startOutboxRelay({ db, log, pollMs: 250 });
  const chat = createChatSubgraph({ db, log, logger: silentLogger, analyst, ...deps });
  return {
    db,
    log,
    analyst,
    chat,
    async [Symbol.asyncDispose]() {
      await chat.stop();
      await relay.stop();
      await log.close();
      await db.close();
      analyst.close();
    },
  };
}
