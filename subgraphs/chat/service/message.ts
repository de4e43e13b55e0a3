import type { ErrorCode } from '#platform/errors';

import type { MessageRow } from '../store/rows';

import { emptyAnswer, type Answer, type Intent } from './answer';
import type { TurnRequest } from './orchestrator';

export const messageRoles = ['user', 'assistant'] as const;
export type MessageRole = (typeof messageRoles)[number];

export const messageStatuses = ['completed', 'running', 'failed', 'cancelled'] as const;
export type MessageStatus = (typeof messageStatuses)[number];

export interface TurnError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

export interface Message {
  readonly id: string;
  readonly sessionId: string;
  readonly ordinal: number;
  readonly role: MessageRole;
  readonly status: MessageStatus;
  readonly content: string;
  readonly intent: Intent | null;
  readonly runId: string | null;
  readonly queryId: string | null;
  /** What the turn was asked to do; kept so that it can be tried again. */
  readonly request: TurnRequest | null;
  readonly answer: Answer | null;
  readonly error: TurnError | null;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
}

export const toMessage = (row: MessageRow): Message => ({
  id: row.id,
  sessionId: row.session_id,
  ordinal: row.ordinal,
  role: row.role as MessageRole,
  status: row.status as MessageStatus,
  content: row.content,
  intent: row.intent as Intent | null,
  runId: row.run_id,
  queryId: row.query_id,
  request: row.request as TurnRequest | null,
  // Answers written by an earlier version lack later fields.
  answer: row.answer ? { ...emptyAnswer, ...(row.answer as Answer) } : null,
  error: row.error as TurnError | null,
  createdAt: row.created_at,
  completedAt: row.completed_at,
});
