import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import { onlyWhatComes, replayedAs, StreamOverflow, type EventLog, type LogEvent } from '#platform/events';

import type { ChatTables } from '../store/rows';
import type { SessionStore } from '../store/session.store';

import { visibleSession } from './access';
import { chatTopic } from './events';
import { policy } from './policy';

/** One event of a session as its readers get it. */
export interface ChatEvent {
  readonly eventId: string;
  readonly sequence: number;
  readonly type: string;
  readonly data: unknown;
  readonly timestamp: Date;
  readonly sessionId: string;
  readonly runId: string | null;
  readonly messageId: string | null;
  readonly requestId: string | null;
}

/** How an event lies in the log: its own data and whose it is. */
export interface LoggedData {
  readonly runId: string;
  readonly messageId: string;
  readonly requestId: string | null;
  readonly data: unknown;
}

export interface StreamServiceDeps {
  readonly db: Database<ChatTables>;
  readonly sessions: SessionStore;
  readonly log: EventLog;
}

export class StreamService {
  constructor(private readonly deps: StreamServiceDeps) {}

  /**
   * Events of a session after a sequence (`onlyWhatComes`: none of the past), then live. Refused before the first event where the session is not the caller's to see.
   * A reader that falls behind, or asks for events no longer kept, gets a `warning` with reason `stream_gap` and never a silent hole.
   */
  async follow(
    caller: Caller,
    { sessionId, after, signal }: { readonly sessionId: string; readonly after: number; readonly signal: AbortSignal },
  ): Promise<AsyncIterableIterator<ChatEvent>> {
    policy.require(caller, 'chat:read');
    if (!Number.isInteger(after) || (after < 0 && after !== onlyWhatComes))
      throw errors.INVALID_REQUEST(
        { what: 'after', hint: 'give the last sequence seen, 0 for all that is kept, or -1 for what comes' },
        { field: 'after' },
      );
    const position = after === onlyWhatComes ? Infinity : after;
    await this.deps.db.inTenant(caller.tenantId, (tx) => visibleSession(this.deps.sessions, tx, { caller, id: sessionId }));
    return readable(this.deps.log.follow(chatTopic(caller.tenantId, sessionId), position, { signal }), sessionId);
  }

  /** The newest sequence: what a reader who wants only what comes gives as `after`. */
  async newest(caller: Caller, sessionId: string): Promise<number> {
    policy.require(caller, 'chat:read');
    return (await this.deps.log.retained(chatTopic(caller.tenantId, sessionId))).newest;
  }
}

/** A hand-written iterator and no generator: `return()` on a generator waits for the pending event, which may never come. */
function readable(events: AsyncIterableIterator<LogEvent>, sessionId: string): AsyncIterableIterator<ChatEvent> {
  let ended = false;
  let last = 0;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (ended) return { done: true, value: undefined };
      try {
        const { done, value } = await events.next();
        if (done) return { done: true, value: undefined };
        last = value.sequence;
        return { done: false, value: replayedAs(value, toChatEvent(value, sessionId)) };
      } catch (error) {
        ended = true;
        if (error instanceof StreamOverflow) return { done: false, value: overflowed(sessionId, error.lastDelivered || last) };
        throw error;
      }
    },
    async return() {
      ended = true;
      await events.return?.();
      return { done: true, value: undefined };
    },
  };
}

function toChatEvent({ id, sequence, type, data, timestamp }: LogEvent, sessionId: string): ChatEvent {
  const at = new Date(timestamp);
  if (type === 'stream_gap') {
    const { oldest } = data as { oldest: number };
    const message = 'Some events are no longer kept; read the history of the session for what was said.';
    return {
      eventId: id,
      sequence,
      type: 'warning',
      data: { reason: 'stream_gap', oldest_sequence: oldest, message },
      timestamp: at,
      sessionId,
      runId: null,
      messageId: null,
      requestId: null,
    };
  }
  const logged = data as LoggedData;
  return {
    eventId: id,
    sequence,
    type,
    data: logged.data,
    timestamp: at,
    sessionId,
    runId: logged.runId,
    messageId: logged.messageId,
    requestId: logged.requestId,
  };
}

const overflowed = (sessionId: string, last: number): ChatEvent => ({
  eventId: `overflow-${sessionId}-${last}`,
  sequence: last,
  type: 'warning',
  data: {
    reason: 'stream_gap',
    slow_reader: true,
    resume_after: last,
    message: 'This reader was too slow and the stream ended; come back after the sequence given.',
  },
  timestamp: new Date(),
  sessionId,
  runId: null,
  messageId: null,
  requestId: null,
});
