import { randomUUID } from 'node:crypto';

import { AppError, errors } from '#platform/errors';

import type { StepRow } from '../../store/rows';
import { emit } from '../events';
import { settingsFrom } from '../guardrails/settings';

import { carryOut } from './carry-out';
import { decide, withinBudget, withinSteps } from './decide';
import { LostRun, type RunDeps } from './deps';
import { fail, finish, park } from './ending';
import { record } from './record';
import { callerOf, runConfigSchema } from './run';
import { decisionsOf, hold, spentIn, type Session } from './session';
import { advanceTeam } from './team';
import { mayDecideInTeam, withinTeamBudget } from './team-budget';
import { openToolbox, type Toolbox } from './toolbox';
import { exchangeOf } from '../memory';

/** Where a run stands after an execution: over, or waiting for a person. */
export type Outcome = 'ended' | 'waiting';

const mostHistory = 10;
const noTools: Toolbox = { tools: [], missing: [], find: () => null, close: () => Promise.resolve() };

const outOfTime = Symbol('out of time');

/**
 * Carries a run on from its stored steps until it ends or waits. Every step is written before and after it is taken, under the name of
 * this executor: a process that has lost the run cannot write, and one that takes it over knows what may have happened.
 */
export async function executeRun(
  deps: RunDeps,
  { tenantId, runId, signal }: { readonly tenantId: string; readonly runId: string; readonly signal: AbortSignal },
): Promise<Outcome> {
  const executor = randomUUID();
  const opened = await open(deps, { tenantId, runId, executor });
  if (!opened) return 'ended';
  const { run, config } = opened;
  const limit = new AbortController();
  const leftMs = config.limits.timeoutSeconds * 1_000 - run.active_ms;
  const timer = setTimeout(() => limit.abort(outOfTime), Math.max(0, leftMs));
  const combined = AbortSignal.any([signal, limit.signal]);
  let toolbox: Toolbox | undefined;
  const held = {
    ...opened,
    executor,
    signal: combined,
    startedAt: performance.now(),
    learnt: { isSuspicious: config.isSuspicious, planner: config.planner },
  };
  try {
    if (leftMs <= 0) throw errors.TIMEOUT({ seconds: config.limits.timeoutSeconds });
    if (config.team)
      return await advanceTeam(deps, { ...held, toolbox: noTools }, (childId) =>
        executeRun(deps, { tenantId, runId: childId, signal: combined }),
      );
    toolbox = await openToolbox(config, { ...deps, signal: combined });
    return await advance(deps, { ...held, toolbox });
  } catch (thrown) {
    if (thrown instanceof LostRun) return 'ended';
    // Stopped from outside: the run stays as it is, and whoever takes it next goes on.
    if (signal.aborted) throw thrown;
    const cause = limit.signal.aborted ? errors.TIMEOUT({ seconds: config.limits.timeoutSeconds }) : thrown;
    if (!(cause instanceof AppError)) deps.logger.error({ event: 'agents.run_failed', runId, err: thrown }, 'an agent run failed');
    await fail(deps, held, cause);
    return 'ended';
  } finally {
    clearTimeout(timer);
    await toolbox?.close();
  }
}

type Opened = Pick<Session, 'run' | 'config' | 'caller' | 'guardrails' | 'memory' | 'history'>;

async function open(
  deps: RunDeps,
  { tenantId, runId, executor }: { readonly tenantId: string; readonly runId: string; readonly executor: string },
): Promise<Opened | null> {
  return deps.db.inTenant(tenantId, async (tx) => {
    const run = await deps.runs.take(tx, { tenantId, id: runId, executor });
    if (!run) return null;
    const caller = callerOf(run);
    const guardrails = settingsFrom(await deps.settings.guardrails(tx, tenantId));
    const known = await deps.settings.userMemory(tx, { tenantId, userId: run.user_id }, 20);
    const said = await deps.settings.memory(
      tx,
      { tenantId, userId: run.user_id, sessionId: run.session_id },
      { limit: mostHistory, offset: 0, after: null },
    );
    if (run.status === 'idle') await emit(tx, run, [['stream_start', { run_id: run.id, agent: run.agent_id, session_id: run.session_id }]]);
    return {
      run,
      config: runConfigSchema.parse(run.config),
      caller,
      guardrails,
      memory: known.map(({ content }) => content).reverse(),
      history: said.reverse().flatMap(({ content }) => exchangeOf(content) ?? []),
    };
  });
}

async function advance(deps: RunDeps, session: Session): Promise<Outcome> {
  const { run, config, toolbox, signal } = session;
  if (toolbox.missing.length > 0)
    await hold(deps, session, {
      set: { status: 'executing' },
      also: (tx, now) => emit(tx, now, [['warning', { reason: 'mcp_unreachable', servers: toolbox.missing }]]),
    });
  for (;;) {
    signal.throwIfAborted();
    const steps = await deps.db.inTenant(run.tenant_id, (tx) => deps.runs.steps(tx, { tenantId: run.tenant_id, id: run.id }));
    endWhereInterrupted(steps);
    const open = steps.find(({ status }) => status === 'running' || status === 'approved');
    if (open) {
      await carryOut(deps, session, open);
      continue;
    }
    if (steps.some(({ status }) => status === 'waiting')) {
      if (await park(deps, session)) return 'waiting';
      continue;
    }
    const before = spentIn(steps);
    withinSteps(config, before);
    if (run.parent_id) await mayDecideInTeam(deps, run);
    const decision = await decide(deps, session, decisionsOf(steps));
    const spent = {
      iterations: before.iterations + 1,
      tokens: before.tokens + decision.tokensUsed,
      costUsd: before.costUsd + decision.costUsd,
    };
    // What was used is used, also where it was too much.
    await hold(deps, session, { set: { tokens_used: spent.tokens, cost_usd: spent.costUsd, iterations: spent.iterations } });
    if (run.parent_id) await withinTeamBudget(deps, run);
    withinBudget(config, spent);
    if (decision.kind === 'final') {
      await finish(deps, session, { decision, steps, spent });
      return 'ended';
    }
    await record(deps, session, { decision, steps, spent });
  }
}

/**
 * No planner goes on from an effect that nobody knows. It is told by what is stored and not by who stored it: the process that found
 * the call interrupted may itself die before the run is ended.
 */
function endWhereInterrupted(steps: readonly StepRow[]): void {
  const interrupted = steps.find(({ status }) => status === 'unknown');
  if (!interrupted) return;
  throw errors.SERVICE_UNAVAILABLE(
    {},
    { details: { reason: 'interrupted_effect', tool: interrupted.tool ?? '', call_id: interrupted.call_id ?? '' } },
  );
}
