import DataLoader from 'dataloader';

import { errors } from '#platform/errors';
import type { ReferenceResolver, RequestContext } from '#platform/graphql';

import type { AgentService } from '../service/agent.service';
import type { ApprovalService } from '../service/approval.service';
import type { RunService } from '../service/run.service';

/** One query for all entities of a kind in a request. */
const load = <Value>(
  context: RequestContext,
  name: string,
  { id, many }: { readonly id: string; readonly many: (ids: readonly string[]) => Promise<readonly (Value | null)[]> },
): Promise<Value | null> =>
  context.loader(name, () => new DataLoader<string, Value | null>((ids) => many(ids) as Promise<(Value | null)[]>)).load(id);

export const loadAgent = (agents: AgentService, context: RequestContext, id: string) =>
  load(context, 'agents', { id, many: (ids) => agents.getMany(context.caller, ids) });
export const loadRun = (runs: RunService, context: RequestContext, id: string) =>
  load(context, 'agent-runs', { id, many: (ids) => runs.getMany(context.caller, ids) });
export const loadRunOfMessage = (runs: RunService, context: RequestContext, id: string) =>
  load(context, 'agent-runs-of-messages', { id, many: (ids) => runs.ofMessages(context.caller, ids) });
const loadApproval = (approvals: ApprovalService, context: RequestContext, id: string) =>
  load(context, 'approvals', { id, many: (ids) => approvals.getMany(context.caller, ids) });

export interface ReferenceDeps {
  readonly agents: AgentService;
  readonly runs: RunService;
  readonly approvals: ApprovalService;
}

export const references = ({ agents, runs, approvals }: ReferenceDeps): Readonly<Record<string, ReferenceResolver>> => ({
  Agent: async ({ id }, context) => found(await loadAgent(agents, context, id), 'agent'),
  AgentRun: async ({ id }, context) => found(await loadRun(runs, context, id), 'agent run'),
  Approval: async ({ id }, context) => found(await loadApproval(approvals, context, id), 'approval'),
  Message: ({ id }) => ({ id }),
});

function found<Value>(value: Value | null, kind: string): Value {
  if (value === null) throw errors.NOT_FOUND({ kind });
  return value;
}
