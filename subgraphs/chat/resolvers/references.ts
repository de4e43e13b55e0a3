import DataLoader from 'dataloader';

import { errors } from '#platform/errors';
import type { ReferenceResolver, RequestContext } from '#platform/graphql';

import type { HistoryService } from '../service/history.service';
import type { Message } from '../service/message';
import type { Session } from '../service/session';
import type { SessionService } from '../service/session.service';

/** One query for all sessions of a request. */
export const loadSession = (sessions: SessionService, context: RequestContext, id: string): Promise<Session | null> =>
  context
    .loader(
      'chat-sessions',
      () => new DataLoader<string, Session | null>((ids) => sessions.getMany(context.caller, ids) as Promise<(Session | null)[]>),
    )
    .load(id);

const loadMessage = (history: HistoryService, context: RequestContext, id: string): Promise<Message | null> =>
  context
    .loader(
      'chat-messages-by-id',
      () => new DataLoader<string, Message | null>((ids) => history.getMany(context.caller, ids) as Promise<(Message | null)[]>),
    )
    .load(id);

export const references = ({
  sessions,
  history,
}: {
  readonly sessions: SessionService;
  readonly history: HistoryService;
}): Readonly<Record<string, ReferenceResolver>> => ({
  Session: async ({ id }, context) => found(await loadSession(sessions, context, id), 'chat session'),
  Message: async ({ id }, context) => found(await loadMessage(history, context, id), 'message'),
});

function found<Value>(value: Value | null, kind: string): Value {
  if (value === null) throw errors.NOT_FOUND({ kind });
  return value;
}
