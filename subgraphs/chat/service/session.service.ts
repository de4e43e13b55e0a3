import type { Caller } from '#platform/auth';
import { json, newId, type Database } from '#platform/db';
import { errors } from '#platform/errors';
import { appendToOutbox } from '#platform/events';
import type { Page } from '#platform/graphql';

import type { MessageStore } from '../store/message.store';
import type { ChatTables, SessionRow } from '../store/rows';
import type { SessionStore } from '../store/session.store';

import { maySee, ownSession } from './access';
import { domainEvents } from './events';
import { policy } from './policy';
import { toSession, type Session, type SessionStatus } from './session';
import { checkedSessionId, checkedTitle, untitled } from './text';

export interface NewSession {
  readonly sessionId?: string | null;
  readonly title?: string | null;
  readonly sourceId?: string | null;
}

export interface SessionChange {
  readonly sessionId: string;
  readonly title?: string | null;
  readonly sourceId?: string | null;
  readonly status?: SessionStatus | null;
}

export interface SessionServiceDeps {
  readonly db: Database<ChatTables>;
  readonly sessions: SessionStore;
  readonly messages: MessageStore;
}

export class SessionService {
  constructor(private readonly deps: SessionServiceDeps) {}

  async create(caller: Caller, { sessionId, title, sourceId }: NewSession): Promise<Session> {
    policy.require(caller, 'chat:write');
    const id = sessionId ? checkedSessionId(sessionId) : newId('sess');
    const name = title ? checkedTitle(title) : untitled;
    return this.deps.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.deps.sessions.insert(tx, {
        tenant_id: caller.tenantId,
        id,
        user_id: caller.userId,
        title: name,
        source_id: sourceId ?? null,
        branched_from: null,
        active_run_id: null,
        lease_until: null,
      });
      if (!row)
        throw errors.CONFLICT(
          { what: `The session id ${id} is taken`, hint: 'leave session_id out, or choose another' },
          { field: 'session_id' },
        );
      await appendToOutbox(tx, changed(row));
      return toSession(row);
    });
  }

  async get(caller: Caller, id: string): Promise<Session> {
    const [session] = await this.getMany(caller, [id]);
    if (!session) throw errors.NOT_FOUND({ kind: 'chat session' });
    return session;
  }

  /** In the order of the ids; null for one that is not there or not the caller's to see. */
  async getMany(caller: Caller, ids: readonly string[]): Promise<readonly (Session | null)[]> {
    policy.require(caller, 'chat:read');
    const rows = await this.deps.db.inTenant(caller.tenantId, (tx) => this.deps.sessions.findByIds(tx, caller.tenantId, [...new Set(ids)]));
    const visible = new Map(rows.filter((row) => maySee(caller, row)).map((row) => [row.id, toSession(row)]));
    return ids.map((id) => visible.get(id) ?? null);
  }

  async list(
    caller: Caller,
    { status, page }: { readonly status: SessionStatus | null; readonly page: Page },
  ): Promise<{ items: readonly Session[]; total: number }> {
    policy.require(caller, 'chat:read');
    const filter = { tenantId: caller.tenantId, userId: caller.userId, status };
    return this.deps.db.inTenant(caller.tenantId, async (tx) => ({
      items: (await this.deps.sessions.list(tx, filter, page)).map(toSession),
      total: await this.deps.sessions.count(tx, filter),
    }));
  }

  /** Renames, moves to another source, closes, archives or opens again. */
  async update(caller: Caller, { sessionId, title, sourceId, status }: SessionChange): Promise<Session> {
    policy.require(caller, 'chat:write');
    const change = {
      ...(title === undefined || title === null ? {} : { title: checkedTitle(title) }),
      ...(sourceId === undefined ? {} : { source_id: sourceId }),
      ...(status === undefined || status === null ? {} : { status: checkedStatus(status) }),
      // Opened again it is used from now on, else it would expire at once.
      ...(status === 'active' ? { last_activity_at: new Date() } : {}),
    };
    return this.deps.db.inTenant(caller.tenantId, async (tx) => {
      await ownSession(this.deps.sessions, tx, { caller, id: sessionId });
      const row = await this.deps.sessions.update(tx, { tenantId: caller.tenantId, id: sessionId }, change);
      await appendToOutbox(tx, changed(row!));
      return toSession(row!);
    });
  }

  close(caller: Caller, sessionId: string): Promise<Session> {
    return this.update(caller, { sessionId, status: 'closed' });
  }

  async delete(caller: Caller, sessionId: string): Promise<Session> {
    policy.require(caller, 'chat:write');
    return this.deps.db.inTenant(caller.tenantId, async (tx) => {
      const row = await ownSession(this.deps.sessions, tx, { caller, id: sessionId });
      await this.deps.sessions.delete(tx, { tenantId: caller.tenantId, id: sessionId });
      await appendToOutbox(tx, {
        tenantId: caller.tenantId,
        type: domainEvents.sessionDeleted,
        data: { sessionId, userId: caller.userId },
      });
      return toSession(row);
    });
  }

  /** A new session that begins with the conversation up to and with a message. */
  async branch(
    caller: Caller,
    { sessionId, messageId, title }: { readonly sessionId: string; readonly messageId: string; readonly title?: string | null },
  ): Promise<Session> {
    policy.require(caller, 'chat:write');
    const { tenantId } = caller;
    return this.deps.db.inTenant(tenantId, async (tx) => {
      const source = await ownSession(this.deps.sessions, tx, { caller, id: sessionId });
      const from = await this.deps.messages.find(tx, { tenantId, id: messageId });
      if (!from || from.session_id !== sessionId || from.status === 'undone') throw errors.NOT_FOUND({ kind: 'message' });
      const copied = (await this.deps.messages.upTo(tx, { tenantId, sessionId, ordinal: from.ordinal })).filter(
        ({ status }) => status !== 'running',
      );
      const id = newId('sess');
      const name = title ? checkedTitle(title) : source.title;
      await this.deps.sessions.insert(tx, {
        tenant_id: tenantId,
        id,
        user_id: caller.userId,
        title: name,
        source_id: source.source_id,
        branched_from: messageId,
        active_run_id: null,
        lease_until: null,
        message_count: copied.length,
        last_ordinal: copied.length,
      });
      const rows = copied.map((message, place) => ({
        ...message,
        id: newId('msg'),
        session_id: id,
        ordinal: place + 1,
        request: message.request === null ? null : (json(message.request) as never),
        answer: message.answer === null ? null : (json(message.answer) as never),
        error: message.error === null ? null : (json(message.error) as never),
      }));
      if (rows.length > 0) await this.deps.messages.insert(tx, rows);
      const row = (await this.deps.sessions.find(tx, { tenantId, id }))!;
      await appendToOutbox(tx, changed(row));
      return toSession(row);
    });
  }
}

/** A person may not declare a session expired; time does. */
function checkedStatus(status: SessionStatus): SessionStatus {
  if (status === 'expired') throw errors.INVALID_REQUEST({ what: 'status', hint: 'set active, closed or archived' }, { field: 'status' });
  return status;
}

export const changed = (row: SessionRow) => ({
  tenantId: row.tenant_id,
  type: domainEvents.sessionChanged,
  data: { sessionId: row.id, userId: row.user_id, title: row.title, status: row.status, messageCount: row.message_count },
});
