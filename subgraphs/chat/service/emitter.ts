import type { Caller } from '#platform/auth';
import { newId, type Database, type Log } from '#platform/db';
import { appendToOutbox, type EventLog } from '#platform/events';

import type { ChatTables } from '../store/rows';

import { chatTopic } from './events';
import type { StepContext } from './orchestrator';
import type { LoggedData } from './stream.service';

export interface EmitterDeps {
  readonly db: Database<ChatTables>;
  readonly log: EventLog;
  readonly logger: Log;
}

export interface EmittingTurn {
  readonly sessionId: string;
  readonly runId: string;
  readonly messageId: string;
  readonly requestId: string | null;
}

/**
 * Appends the events of one turn in order. Where the log is away, this and everything after it goes to the outbox, which publishes when
 * the log is back: the same ids, so that an append that gave up and arrived all the same is not told twice.
 */
export function emitter(
  { db, log, logger }: EmitterDeps,
  { tenantId }: Caller,
  { sessionId, runId, messageId, requestId }: EmittingTurn,
): StepContext['emit'] {
  const topic = chatTopic(tenantId, sessionId);
  let isAway = false;
  const named = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
  return async (events) => {
    const logged = events.map(([type, data]) => ({
      id: newId('evt'),
      type,
      data: { runId, messageId, requestId, data } satisfies LoggedData,
    }));
    if (!isAway) {
      try {
        await log.append(topic, logged);
        return;
      } catch (error) {
        isAway = true;
        logger.warn({ event: 'chat.log_away', runId, reason: named(error) }, 'chat events wait in the outbox');
      }
    }
    try {
      await db.inTenant(tenantId, async (tx) => {
        for (const event of logged) await appendToOutbox(tx, { ...event, tenantId, topic: topic.name });
      });
    } catch (error) {
      // The stored message is what counts: without log and database its telling is lost, and the turn goes on to say so.
      logger.warn(
        { event: 'chat.event_lost', runId, types: logged.map(({ type }) => type), reason: named(error) },
        'chat events could not be kept',
      );
    }
  };
}
