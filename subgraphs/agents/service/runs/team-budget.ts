import type { RunRow } from '../../store/rows';

import { withinBudget, withinSteps } from './decide';
import type { RunDeps } from './deps';
import { runConfigSchema } from './run';

type Member = Pick<RunRow, 'tenant_id' | 'root_id'>;

/**
 * What the members of a team have used together is the team's own use, kept with its run after every decision, and the team's caps hold
 * for the sum. Members side by side each look after their own decision, so that the sum may pass a cap by one decision a member.
 */
export async function withinTeamBudget(deps: RunDeps, run: Member): Promise<void> {
  const team = await sumUp(deps, run);
  if (team) withinBudget(team.config, team.spent);
}

/** The same before a member decides: there must be a step left. */
export async function mayDecideInTeam(deps: RunDeps, run: Member): Promise<void> {
  const team = await sumUp(deps, run);
  if (!team) return;
  withinBudget(team.config, team.spent);
  withinSteps(team.config, team.spent);
}

async function sumUp(deps: RunDeps, { tenant_id: tenantId, root_id: id }: Member) {
  const team = await deps.db.inTenant(tenantId, (tx) => deps.runs.sumUp(tx, { tenantId, id }));
  if (!team) return null;
  const spent = { iterations: team.iterations, tokens: team.tokens_used, costUsd: team.cost_usd };
  return { config: runConfigSchema.parse(team.config), spent };
}
