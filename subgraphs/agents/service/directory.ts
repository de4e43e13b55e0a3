import type { Tx } from '#platform/db';
import { errors } from '#platform/errors';

import type { AgentStore } from '../store/agent.store';
import type { AgentTables } from '../store/rows';

import { builtInAgents, toAgent, type AgentProfile } from './agent';

/** An agent of the tenant or a built-in one; NOT_FOUND otherwise. */
export async function findAgent(
  store: AgentStore,
  tx: Tx<AgentTables>,
  { tenantId, id }: { readonly tenantId: string; readonly id: string },
): Promise<AgentProfile> {
  const builtIn = builtInAgents.find((agent) => agent.id === id);
  if (builtIn) return builtIn;
  const row = await store.find(tx, { tenantId, id });
  if (!row) throw errors.NOT_FOUND({ kind: 'agent' });
  return toAgent(row);
}
