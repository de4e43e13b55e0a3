import type { Caller } from '#platform/auth';
import { newId, type Database } from '#platform/db';
import { errors } from '#platform/errors';
import { appendToOutbox } from '#platform/events';
import type { Page } from '#platform/graphql';

import type { FeedbackStore } from '../store/feedback.store';
import type { MessageStore } from '../store/message.store';
import type { ChatTables, FeedbackRow } from '../store/rows';
import type { SessionStore } from '../store/session.store';

import { maySee, ownSession, visibleSession } from './access';
import { domainEvents } from './events';
import { toMessage, type Message, type MessageRole } from './message';
import { dependsOnPrevious, followUps } from './orchestrator';
import { policy } from './policy';
import type { Analyst } from './ports';
import { checkedText } from './text';

export const feedbackKinds = ['thumbs_up', 'thumbs_down', 'rating', 'correction'] as const;
export type FeedbackKind = (typeof feedbackKinds)[number];

export interface NewFeedback {
  readonly sessionId: string;
  readonly messageId: string;
  readonly kind: FeedbackKind;
  readonly rating?: number | null;
  readonly correctedSql?: string | null;
  readonly comment?: string | null;
}

export interface HistoryServiceDeps {
  readonly db: Database<ChatTables>;
  readonly sessions: SessionStore;
  readonly messages: MessageStore;
  readonly feedback: FeedbackStore;
  readonly analyst: Analyst;
}

/** Reads what was said, and takes people's judgement of it. */
export class HistoryService {
  constructor(private readonly deps: HistoryServiceDeps) {}

  async list(
    caller: Caller,
    { sessionId, role, page }: { readonly sessionId: string; readonly role: MessageRole | null; readonly page: Page },
  ): Promise<{ items: readonly Message[]; total: number }> {
    policy.require(caller, 'chat:read');
    const filter = { tenantId: caller.tenantId, sessionId, role };
    return this.deps.db.inTenant(caller.tenantId, async (tx) => {
      await visibleSession(this.deps.sessions, tx, { caller, id: sessionId });
      return { items: (await this.deps.messages.list(tx, filter, page)).map(toMessage), total: await this.deps.messages.count(tx, filter) };
    });
  }

  /** The first messages of each session, in the order of the ids, in one query. */
  async listMany(caller: Caller, sessionIds: readonly string[], limit: number): Promise<readonly (readonly Message[])[]> {
    policy.require(caller, 'chat:read');
    const rows = await this.deps.db.inTenant(caller.tenantId, async (tx) => {
      const sessions = await this.deps.sessions.findByIds(tx, caller.tenantId, [...new Set(sessionIds)]);
      const visible = sessions.filter((session) => maySee(caller, session)).map(({ id }) => id);
      return visible.length === 0 ? [] : this.deps.messages.listFirst(tx, { tenantId: caller.tenantId, sessionIds: visible, limit });
    });
    const bySession = groupBySession(rows);
    return sessionIds.map((id) => (bySession.get(id) ?? []).map(toMessage));
  }

  /** In the order of the ids; null for one that is not there or not the caller's to see. */
  async getMany(caller: Caller, ids: readonly string[]): Promise<readonly (Message | null)[]> {
    policy.require(caller, 'chat:read');
    const { tenantId } = caller;
    return this.deps.db.inTenant(tenantId, async (tx) => {
      const rows = await this.deps.messages.findByIds(tx, tenantId, [...new Set(ids)]);
      const sessions =
        rows.length === 0 ? [] : await this.deps.sessions.findByIds(tx, tenantId, [...new Set(rows.map((row) => row.session_id))]);
      const visible = new Set(sessions.filter((session) => maySee(caller, session)).map(({ id }) => id));
      const byId = new Map(
        rows.filter((row) => visible.has(row.session_id) && row.status !== 'undone').map((row) => [row.id, toMessage(row)]),
      );
      return ids.map((id) => byId.get(id) ?? null);
    });
  }

  async suggestions(
    caller: Caller,
    { sessionId, limit, signal }: { readonly sessionId: string; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<readonly string[]> {
    policy.require(caller, 'chat:read');
    const { session, last } = await this.deps.db.inTenant(caller.tenantId, async (tx) => ({
      session: await visibleSession(this.deps.sessions, tx, { caller, id: sessionId }),
      last: await this.deps.messages.lastAnswered(tx, { tenantId: caller.tenantId, sessionId }),
    }));
    const following = last ? followUps(toMessage(last).answer!, limit) : [];
    if (following.length >= limit) return following.slice(0, limit);
    const general = await this.deps.analyst.suggest(caller, { sourceId: session.source_id, limit: limit - following.length, signal });
    return [...new Set([...following, ...general])].slice(0, limit);
  }

  /** Takes the last exchange back: it stays stored, and neither history nor follow-ups see it. */
  async undo(caller: Caller, sessionId: string): Promise<{ undone: number }> {
    policy.require(caller, 'chat:write');
    const { tenantId } = caller;
    return this.deps.db.inTenant(tenantId, async (tx) => {
      await ownSession(this.deps.sessions, tx, { caller, id: sessionId });
      const runId = newId('undo');
      // Held like a turn, so that no answer arrives for a question that is being taken back.
      if (!(await this.deps.sessions.claim(tx, { tenantId, id: sessionId, userId: caller.userId, runId, leaseMs: 5_000, messages: 0 }))) {
        throw errors.CONFLICT({ what: 'This session is busy or not active', hint: 'wait for the turn to end, or open the session again' });
      }
      const recent = await this.deps.messages.last(tx, { tenantId, sessionId }, 10);
      const from = recent.find(({ role }) => role === 'user');
      const undone = from ? await this.deps.messages.markUndone(tx, { tenantId, sessionId, fromOrdinal: from.ordinal }) : 0;
      const session = (await this.deps.sessions.find(tx, { tenantId, id: sessionId }))!;
      await this.deps.sessions.update(tx, { tenantId, id: sessionId }, { message_count: Math.max(0, session.message_count - undone) });
      await this.deps.sessions.release(tx, { tenantId, id: sessionId, runId });
      return { undone };
    });
  }

  /** Stores a judgement; a corrected statement is announced, for others to make a verified query of it. */
  async giveFeedback(caller: Caller, input: NewFeedback): Promise<FeedbackRow> {
    policy.require(caller, 'chat:write');
    const checked = checkedFeedback(input);
    const { tenantId } = caller;
    return this.deps.db.inTenant(tenantId, async (tx) => {
      const session = await ownSession(this.deps.sessions, tx, { caller, id: input.sessionId });
      const message = await this.deps.messages.find(tx, { tenantId, id: input.messageId });
      if (!message || message.session_id !== input.sessionId || message.role !== 'assistant') throw errors.NOT_FOUND({ kind: 'answer' });
      const answer = toMessage(message).answer;
      const sourceId = answer?.sourceId ?? session.source_id;
      if (checked.corrected_sql && !sourceId)
        throw errors.INVALID_REQUEST(
          { what: 'corrected_sql', hint: 'this answer asked no source, so that the statement has nowhere to run; correct one that did' },
          { field: 'corrected_sql' },
        );
      const row = await this.deps.feedback.insert(tx, {
        tenant_id: tenantId,
        id: newId('fb'),
        session_id: input.sessionId,
        message_id: input.messageId,
        user_id: caller.userId,
        ...checked,
      });
      if (checked.corrected_sql) {
        const { request } = toMessage(message);
        // "Only Europe" means nothing by itself: what was answered is the question then.
        const asked =
          request && dependsOnPrevious(request)
            ? null
            : await this.questionOf(tx, { tenantId, sessionId: input.sessionId, ordinal: message.ordinal });
        const question = asked ?? answer?.explanation?.replace(/[.:]\s*$/, '') ?? null;
        await appendToOutbox(tx, {
          tenantId,
          type: domainEvents.correctionMade,
          data: {
            sessionId: input.sessionId,
            messageId: input.messageId,
            question,
            sourceId,
            sql: answer?.sql ?? null,
            correctedSql: checked.corrected_sql,
            comment: checked.comment,
            userId: caller.userId,
          },
        });
      }
      return row;
    });
  }

  private async questionOf(
    tx: Parameters<MessageStore['upTo']>[0],
    at: { tenantId: string; sessionId: string; ordinal: number },
  ): Promise<string | null> {
    const before = await this.deps.messages.upTo(tx, at);
    return before.findLast(({ role }) => role === 'user')?.content ?? null;
  }
}

const groupBySession = <Row extends { session_id: string }>(rows: readonly Row[]): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.session_id, [...(groups.get(row.session_id) ?? []), row]);
  return groups;
};

function checkedFeedback({
  kind,
  rating,
  correctedSql,
  comment,
}: NewFeedback): Pick<FeedbackRow, 'kind' | 'rating' | 'corrected_sql' | 'comment'> {
  if (kind === 'rating' && (rating === undefined || rating === null || !Number.isInteger(rating) || rating < 1 || rating > 5)) {
    throw errors.INVALID_REQUEST({ what: 'rating', hint: 'give a whole number from 1 to 5' }, { field: 'rating' });
  }
  if (kind === 'correction' && !correctedSql)
    throw errors.INVALID_REQUEST(
      { what: 'corrected_sql', hint: 'a correction needs the statement that would be right' },
      { field: 'corrected_sql' },
    );
  return {
    kind,
    rating: rating ?? null,
    corrected_sql: correctedSql ? checkedText(correctedSql, 'corrected_sql') : null,
    comment: comment ? checkedText(comment, 'comment') : null,
  };
}
