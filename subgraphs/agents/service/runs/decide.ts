import { json } from '#platform/db';
import { AppError, errors } from '#platform/errors';

import { emit } from '../events';
import { builtinPlanner } from '../planning/builtin-planner';
import { modelPlanner } from '../planning/model-planner';
import type { Decision, PastDecision, Planner } from '../planning/planner';

import type { RunRow } from '../../store/rows';
import { expensiveModel } from '../tools';

import type { RunDeps } from './deps';
import type { RunConfig } from './run';
import { hold, type Session, type Spent } from './session';

/** The next decision, by the model where there is one and by the written rules otherwise. */
export async function decide(deps: RunDeps, session: Session, made: readonly PastDecision[]): Promise<Decision> {
  const { config, caller, run, toolbox, memory, history, signal, learnt } = session;
  const asked = made.flatMap(({ calls }) => calls).find(({ tool }) => tool === expensiveModel.name);
  const decisions = made.filter(({ calls }) => !calls.some(({ tool }) => tool === expensiveModel.name));
  const state = {
    input: run.input,
    systemPrompt: [config.systemPrompt, config.context && `What the other members of the team have found:\n${config.context}`]
      .filter(Boolean)
      .join('\n\n'),
    tools: toolbox.tools,
    memory,
    history,
    decisions,
    signal,
  };
  const model =
    learnt.planner === 'builtin'
      ? null
      : ((await deps.models?.(caller, { provider: config.provider, model: config.model, usageId: run.root_id })) ?? null);
  // Somebody chose a model and there is none: what follows is not its work.
  if (!model && learnt.planner !== 'builtin' && (config.model ?? config.provider) !== null && made.length === 0)
    await hold(deps, session, {
      set: { status: 'thinking' },
      also: (tx, now) =>
        emit(tx, now, [
          [
            'warning',
            {
              reason: 'llm_unavailable',
              detail: 'not_configured',
              message: 'No such language model is configured; the built-in planner works.',
            },
          ],
        ]),
    });
  if (!model || (asked && asked.status !== 'completed')) return builtinPlanner.next(state);
  if (!asked && mayCostMuch(session) && !(await allowedInTeam(deps, run))) return askToSpend(config);
  await hold(deps, session, { set: { status: 'thinking' }, also: (tx, now) => emit(tx, now, [['status', { state: 'thinking' }]]) });
  const planner: Planner = modelPlanner({
    model,
    temperature: config.temperature,
    prices: deps.prices,
    timeoutMs: deps.modelTimeoutMs,
  });
  try {
    return await planner.next(state);
  } catch (thrown) {
    signal.throwIfAborted();
    const reason = reasonOf(thrown);
    // Nothing has been done yet, so the built-in planner can begin in the model's place; later it would not know what the model meant.
    if (decisions.length > 0)
      throw thrown instanceof AppError
        ? thrown
        : errors.LLM_UNAVAILABLE({ hint: 'the model gave out in the middle of the run' }, { cause: thrown, details: { reason } });
    learnt.planner = 'builtin';
    await hold(deps, session, {
      set: { config: json({ ...config, ...learnt }) },
      also: (tx, now) =>
        emit(tx, now, [
          ['warning', { reason: 'llm_unavailable', detail: reason, message: 'No model could answer; the built-in planner goes on.' }],
        ]),
    });
    return builtinPlanner.next(state);
  }
}

const reasonOf = (thrown: unknown): string => {
  const name = (thrown as { name?: string } | null)?.name ?? '';
  if (/abort|timeout/i.test(name)) return 'timeout';
  const status = (thrown as { statusCode?: number }).statusCode;
  if (status === 429) return 'rate_limited';
  return status ? 'provider_error' : /parse|validation|schema|json/i.test(name) ? 'invalid_output' : 'unreachable';
};

export function withinSteps({ limits }: RunConfig, { iterations }: Spent): void {
  if (iterations < limits.maxIterations) return;
  throw errors.QUERY_FAILED(
    { reason: `the agent used its ${limits.maxIterations} steps without coming to an end` },
    { details: { limit: 'max_iterations', maximum: limits.maxIterations } },
  );
}

export function withinBudget({ limits }: RunConfig, { tokens, costUsd }: Spent): void {
  if (tokens > limits.maxTokens)
    throw errors.BUDGET_EXCEEDED(
      { hint: `this run may use ${limits.maxTokens} tokens` },
      { details: { limit: 'max_tokens', value: tokens, maximum: limits.maxTokens } },
    );
  if (costUsd > limits.maxCostUsd)
    throw errors.BUDGET_EXCEEDED(
      { hint: `this run may cost ${limits.maxCostUsd} US dollars` },
      { details: { limit: 'max_cost_usd', value: costUsd, maximum: limits.maxCostUsd } },
    );
}

const mayCostMuch = ({ config, guardrails: { budget_guard: guard } }: Session): boolean =>
  guard.enabled && Math.max(config.limits.maxCostUsd, config.teamMaxCostUsd ?? 0) > guard.approve_above_usd;

/** Whoever agreed for one member has agreed to what the whole team may spend. */
async function allowedInTeam(deps: RunDeps, { tenant_id: tenantId, parent_id: parentId }: RunRow): Promise<boolean> {
  if (!parentId) return false;
  const steps = await deps.db.inTenant(tenantId, async (tx) => {
    const members = await deps.runs.membersOf(tx, tenantId, [parentId]);
    return deps.runs.stepsOf(
      tx,
      tenantId,
      members.map(({ id }) => id),
    );
  });
  return steps.some(({ tool, status }) => tool === expensiveModel.name && status === 'completed');
}

const askToSpend = ({ model, limits, teamMaxCostUsd }: RunConfig): Decision => ({
  kind: 'calls',
  text: '',
  calls: [{ callId: '', tool: expensiveModel.name, input: { model, max_cost_usd: teamMaxCostUsd ?? limits.maxCostUsd } }],
  tokensUsed: 0,
  costUsd: 0,
});
