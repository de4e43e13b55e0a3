import type { Topic } from '#platform/events';

/** What the log `chat:<sessionId>` carries; the names are those on the wire. */
export const chatEventTypes = [
  'stream_start',
  'status',
  'step_start',
  'step_complete',
  'text',
  'sql',
  'data',
  'visualization',
  'insight',
  'suggestions',
  'citation',
  'warning',
  'error',
  'stream_end',
] as const;
export type ChatEventType = (typeof chatEventTypes)[number];

export const chatTopic = (tenantId: string, sessionId: string): Topic => ({ tenantId, name: `chat:${sessionId}` });

/** Events for other domains, through the outbox. */
export const domainEvents = {
  messageCompleted: 'chat.message.completed',
  sessionChanged: 'chat.session.changed',
  sessionDeleted: 'chat.session.deleted',
  correctionMade: 'chat.correction.made',
} as const;
