import { hasRole, type Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import { onlyWhatComes, replayedAs, StreamOverflow, type EventLog, type LogEvent, type Topic } from '#platform/events';

import type { AgentTables } from '../store/rows';
import type { RunStore } from '../store/run.store';

import { runTopic, sessionTopic, type LoggedData } from './events';
import { policy } from './policy';
import { ownSession } from './run.service';

/** One event of a run or session as its readers get it. */
export interface AgentEvent {
  readonly eventId: string;
  readonly sequence: number;
  readonly type: string;
  readonly data: unknown;
  readonly timestamp: Date;
  readonly runId: string | null;
  readonly agentId: string | null;
  readonly sessionId: string | null;
}

export interface StreamTarget {
  readonly sessionId?: string | null;
  /** The person's own session with an agent. */
  readonly agentId?: string | null;
  readonly runId?: string | null;
}

export interface StreamServiceDeps {
  readonly db: Database<AgentTables>;
  readonly runs: RunStore;
  readonly log: EventLog;
}

export class StreamService {
  constructor(private readonly deps: StreamServiceDeps) {}

  /**
   * Events after a sequence (`onlyWhatComes`: none of the past), then live. A session's log is the caller's own; a run is refused where it is not theirs to see. A reader
   * that falls behind, or asks for events no longer kept, gets a `warning` with reason `stream_gap`.
   */
  async follow(
    caller: Caller,
    { after, signal, ...target }: StreamTarget & { readonly after: number; readonly signal: AbortSignal },
  ): Promise<AsyncIterableIterator<AgentEvent>> {
    const isLive = after === onlyWhatComes;
    const { topic, sessionId } = await this.topicOf(caller, target, isLive ? 0 : after);
    return readable(this.deps.log.follow(topic, isLive ? Infinity : after, { signal }), sessionId);
  }

  /** Up to `limit` kept events after a sequence. */
  async read(
    caller: Caller,
    { after, limit, ...target }: StreamTarget & { readonly after: number; readonly limit: number },
  ): Promise<readonly AgentEvent[]> {
    const { topic, sessionId } = await this.topicOf(caller, target, after);
    return (await this.deps.log.read(topic, after, limit)).map((event) => toAgentEvent(event, sessionId));
  }

  private async topicOf(
    caller: Caller,
    { sessionId, agentId, runId }: StreamTarget,
    after: number,
  ): Promise<{ readonly topic: Topic; readonly sessionId: string | null }> {
    policy.require(caller, 'agent:read');
    if (!Number.isInteger(after) || after < 0)
      throw errors.INVALID_REQUEST({ what: 'after', hint: 'give the last sequence seen, or 0' }, { field: 'after' });
    if (runId) {
      const run = await this.deps.db.inTenant(caller.tenantId, (tx) => this.deps.runs.find(tx, { tenantId: caller.tenantId, id: runId }));
      if (!run || (run.user_id !== caller.userId && !hasRole(caller, 'admin'))) throw errors.NOT_FOUND({ kind: 'agent run' });
      return { topic: runTopic(caller.tenantId, runId), sessionId: run.session_id };
    }
    const session = sessionId ?? (agentId ? ownSession(agentId) : null);
    if (!session) throw errors.INVALID_REQUEST({ what: 'session_id', hint: 'give a session, an agent or a run' }, { field: 'session_id' });
    return { topic: sessionTopic(caller.tenantId, caller.userId, session), sessionId: session };
  }
}

/** A hand-written iterator and no generator: `return()` on a generator waits for the pending event, which may never come. */
function readable(events: AsyncIterableIterator<LogEvent>, sessionId: string | null): AsyncIterableIterator<AgentEvent> {
  let ended = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (ended) return { done: true, value: undefined };
      try {
        const { done, value } = await events.next();
        return done ? { done: true, value: undefined } : { done: false, value: replayedAs(value, toAgentEvent(value, sessionId)) };
      } catch (error) {
        ended = true;
        if (error instanceof StreamOverflow) return { done: false, value: overflowed(sessionId, error.lastDelivered) };
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

function toAgentEvent({ id, sequence, type, data, timestamp }: LogEvent, sessionId: string | null): AgentEvent {
  const about = { eventId: id, sequence, timestamp: new Date(timestamp), sessionId };
  if (type === 'stream_gap') {
    const { oldest } = data as { oldest: number };
    return {
      ...about,
      type: 'warning',
      data: {
        reason: 'stream_gap',
        oldest_sequence: oldest,
        message: 'Some events are no longer kept; read the run for its steps and result.',
      },
      runId: null,
      agentId: null,
    };
  }
  const logged = data as LoggedData;
  return { ...about, type, data: logged.data, runId: logged.runId, agentId: logged.agentId };
}

const overflowed = (sessionId: string | null, last: number): AgentEvent => ({
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
  runId: null,
  agentId: null,
  sessionId,
});
