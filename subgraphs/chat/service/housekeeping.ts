import type { Database, Log } from '#platform/db';
import { errors } from '#platform/errors';
import { appendToOutbox } from '#platform/events';

import type { MessageStore } from '../store/message.store';
import type { ChatTables, MessageRow } from '../store/rows';
import type { SessionStore } from '../store/session.store';

import { chatTopic, type ChatEventType } from './events';
import { changed } from './session.service';
import type { LoggedData } from './stream.service';
import { interrupted } from './turn-deps';

export interface HousekeepingDeps {
  readonly db: Database<ChatTables>;
  readonly sessions: SessionStore;
  readonly messages: MessageStore;
  readonly logger: Log;
  /** Between two rounds. @default 10_000 */
  readonly everyMs?: number;
  /** A session without a message for this long expires. @default 30 days */
  readonly idleMs?: number;
}

export interface Housekeeping {
  /** One round: ends turns whose process is gone, and expires idle sessions. Returns how many turns it ended. */
  round(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

/** How the stream of a turn ends whose process is gone. */
const endingOf = ({ id, run_id }: MessageRow): readonly { readonly type: ChatEventType; readonly data: LoggedData }[] => {
  const about = { runId: run_id ?? '', messageId: id, requestId: null };
  return [
    { type: 'error', data: { ...about, data: { ...interrupted } } },
    { type: 'stream_end', data: { ...about, data: { message_id: id, status: 'failed', tokens_used: 0 } } },
  ];
};

/** Any process may run it; each abandoned turn is ended once, by whoever locks its session first. */
export function createHousekeeping({
  db,
  sessions,
  messages,
  logger,
  everyMs = 10_000,
  idleMs = 30 * 86_400_000,
}: HousekeepingDeps): Housekeeping {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<unknown> = Promise.resolve();

  const endAbandoned = async (): Promise<number> => {
    const abandoned = await db.asSystem((tx) => sessions.findAbandoned(tx, 100));
    let ended = 0;
    for (const { tenant_id: tenantId, id, active_run_id: runId } of abandoned) {
      const failed = await db.inTenant(tenantId, async (tx) => {
        const released = runId ? await sessions.release(tx, { tenantId, id, runId }) : null;
        if (!released) return [];
        const rows = await messages.failRunning(tx, { tenantId, sessionId: id, exceptRunId: null, error: interrupted });
        await appendToOutbox(tx, changed(released));
        for (const event of rows.flatMap(endingOf)) await appendToOutbox(tx, { ...event, tenantId, topic: chatTopic(tenantId, id).name });
        return rows;
      });
      ended += failed.length;
    }
    return ended;
  };

  const round = async (): Promise<number> => {
    const ended = await endAbandoned();
    await db.asSystem((tx) => sessions.expireIdle(tx, idleMs));
    return ended;
  };

  return {
    round,
    start() {
      if (timer) throw errors.CONFLICT({ what: 'Housekeeping runs', hint: 'stop it first' });
      timer = setInterval(() => {
        current = round().catch((error: unknown) =>
          logger.warn({ event: 'chat.housekeeping_failed', err: error }, 'chat housekeeping failed'),
        );
      }, everyMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await current;
    },
  };
}
