import { appendToOutbox, type Topic } from '#platform/events';
import type { AnyTx } from '#platform/db';

import type { RunRow } from '../store/rows';

/** What the logs of runs and sessions carry; the names are those on the wire. */
export type AgentEventType =
  | 'stream_start'
  | 'status'
  | 'tool_call'
  | 'tool_result'
  | 'text'
  | 'approval_required'
  | 'approval_resolved'
  | 'warning'
  | 'error'
  | 'stream_end';

export interface LoggedData {
  readonly runId: string;
  readonly agentId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export type EmittedEvent = readonly [type: AgentEventType, data: Readonly<Record<string, unknown>>];

export const runTopic = (tenantId: string, runId: string): Topic => ({ tenantId, name: `run:${runId}` });

/** A session belongs to one person, so its log is named after both. */
export const sessionTopic = (tenantId: string, userId: string, sessionId: string): Topic => ({
  tenantId,
  name: `agent:${userId}:${sessionId}`,
});

/** Events for other domains. */
export const domainEvents = { runEnded: 'agent.run.ended' } as const;

/**
 * Writes events of a run in the transaction of the change that they tell: none is lost, none is told of a change that was rolled back.
 * A member of a team also tells the run of the team.
 */
export async function emit(tx: AnyTx, run: RunRow, events: readonly EmittedEvent[]): Promise<void> {
  const topics = new Set([
    runTopic(run.tenant_id, run.id).name,
    runTopic(run.tenant_id, run.root_id).name,
    sessionTopic(run.tenant_id, run.user_id, run.session_id).name,
  ]);
  for (const [type, data] of events) {
    const logged: LoggedData = { runId: run.id, agentId: run.agent_id, data };
    for (const topic of topics) {
      // A team's stream ends with the team and not with each member.
      if (run.parent_id && (type === 'stream_start' || type === 'stream_end') && topic !== runTopic(run.tenant_id, run.id).name) continue;
      await appendToOutbox(tx, { tenantId: run.tenant_id, topic, type, data: logged });
    }
  }
}
