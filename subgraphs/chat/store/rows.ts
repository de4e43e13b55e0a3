import type { ColumnType, Generated, Selectable } from 'kysely';

/** jsonb is read as a value and written as JSON text. */
type Json = ColumnType<unknown, string | null | undefined, string | null>;

export interface SessionTable {
  tenant_id: string;
  id: string;
  user_id: string;
  title: string;
  source_id: string | null;
  status: Generated<string>;
  message_count: Generated<number>;
  last_ordinal: Generated<number>;
  branched_from: string | null;
  active_run_id: string | null;
  lease_until: Date | null;
  cancel_requested: Generated<boolean>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  last_activity_at: Generated<Date>;
}

export interface MessageTable {
  tenant_id: string;
  id: string;
  session_id: string;
  ordinal: number;
  role: string;
  status: string;
  content: Generated<string>;
  intent: string | null;
  run_id: string | null;
  query_id: string | null;
  request: Json;
  answer: Json;
  error: Json;
  created_at: Generated<Date>;
  completed_at: Date | null;
}

export interface FeedbackTable {
  tenant_id: string;
  id: string;
  session_id: string;
  message_id: string;
  user_id: string;
  kind: string;
  rating: number | null;
  corrected_sql: string | null;
  comment: string | null;
  created_at: Generated<Date>;
}

export interface ChatTables {
  chat_sessions: SessionTable;
  chat_messages: MessageTable;
  chat_feedback: FeedbackTable;
}

export type SessionRow = Selectable<SessionTable>;
export type MessageRow = Selectable<MessageTable>;
export type FeedbackRow = Selectable<FeedbackTable>;
