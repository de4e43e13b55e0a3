import { hasRole, type Caller } from '#platform/auth';
import type { Tx } from '#platform/db';
import { errors } from '#platform/errors';

import type { ChatTables, SessionRow } from '../store/rows';
import type { SessionStore } from '../store/session.store';

/** A conversation belongs to the person who began it; an admin of the tenant may read it. */
export const maySee = (caller: Caller, session: SessionRow): boolean => session.user_id === caller.userId || hasRole(caller, 'admin');

/** The session, or NOT_FOUND: for one that is not there, another tenant's, and another person's alike. */
export async function visibleSession(
  store: SessionStore,
  tx: Tx<ChatTables>,
  { caller, id }: { readonly caller: Caller; readonly id: string },
): Promise<SessionRow> {
  const session = await store.find(tx, { tenantId: caller.tenantId, id });
  if (!session || !maySee(caller, session)) throw errors.NOT_FOUND({ kind: 'chat session' });
  return session;
}

export async function ownSession(
  store: SessionStore,
  tx: Tx<ChatTables>,
  { caller, id }: { readonly caller: Caller; readonly id: string },
): Promise<SessionRow> {
  const session = await store.find(tx, { tenantId: caller.tenantId, id });
  if (!session || session.user_id !== caller.userId) throw errors.NOT_FOUND({ kind: 'chat session' });
  return session;
}
