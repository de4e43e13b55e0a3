import { json, type Tx } from '#platform/db';
import { errors, toPublicError } from '#platform/errors';
import { appendToOutbox } from '#platform/events';

import type { AgentTables, RunRow, StepRow } from '../../store/rows';
import { domainEvents, emit, type EmittedEvent } from '../events';
import { checkOutput } from '../guardrails/guard';
import type { Decision } from '../planning/planner';

import { exchangeText } from '../memory';

import { LostRun, type RunDeps } from './deps';
import { activeMs, hold, keepFindings, type Holder, type Session, type Spent, type StoredOutput } from './session';

/** Lets go of a run that waits for a person. False where a decision arrived meanwhile. */
export async function park(deps: RunDeps, session: Session): Promise<boolean> {
  const { run } = session;
  return hold(deps, session, {
    // The row is locked by this update, so a decision comes before it and is seen below, or after it and finds nobody at work.
    set: { status: 'waiting_approval', active_ms: activeMs(session) },
    async also(tx, now) {
      const steps = await deps.runs.steps(tx, { tenantId: run.tenant_id, id: run.id });
      if (steps.some(({ status }) => status === 'approved')) return false;
      if (!steps.some(({ status }) => status === 'waiting')) return false;
      await deps.runs.update(tx, { tenantId: run.tenant_id, id: run.id, executor: session.executor }, { executor: null });
      await emit(tx, now, [['status', { state: 'waiting_approval' }]]);
      return true;
    },
  });
}

/** The last decision, the answer and its events: all or nothing. */
export async function finish(
  deps: RunDeps,
  session: Session,
  {
    decision,
    steps,
    spent,
  }: { readonly decision: Decision & { kind: 'final' }; readonly steps: readonly StepRow[]; readonly spent: Spent },
): Promise<void> {
  const { guardrails, run } = session;
  const { text, findings, blockedBy } = checkOutput(guardrails, decision.content.replaceAll('\u0000', ''));
  if (blockedBy)
    throw errors.FORBIDDEN(
      { hint: `the answer was held back by the guardrail ${blockedBy.guardrail}` },
      { details: { guardrail: blockedBy.guardrail } },
    );
  await hold(deps, session, {
    set: {
      status: 'completed',
      content: text,
      iterations: spent.iterations,
      tokens_used: spent.tokens,
      cost_usd: spent.costUsd,
      finished_at: new Date(),
      active_ms: activeMs(session),
    },
    async also(tx, now) {
      await deps.runs.insertSteps(tx, [
        {
          tenant_id: run.tenant_id,
          run_id: run.id,
          number: steps.length + 1,
          kind: 'model',
          call_id: null,
          tool: null,
          input: null,
          output: json({ text, costUsd: decision.costUsd } satisfies StoredOutput),
          status: 'completed',
          tokens_used: decision.tokensUsed,
          finished_at: new Date(),
        },
      ]);
      if (!now.parent_id) await rememberExchange(deps, tx, now);
      await keepFindings(deps, tx, { run: now, findings });
      await emit(tx, now, [
        ['text', { content: text, is_final: true }],
        ['status', { state: 'complete' }],
      ]);
      await announceEnd(tx, now);
    },
  });
}

/** Ends a run with the reason that everyone may see. Nothing is written where somebody else holds it. */
export async function fail(deps: RunDeps, holder: Holder, cause: unknown): Promise<void> {
  const { code, message, retryable, details } = toPublicError(cause);
  try {
    await hold(deps, holder, {
      set: { status: 'failed', error: json({ code, message, retryable, details }), finished_at: new Date(), active_ms: activeMs(holder) },
      async also(tx, now) {
        await emit(tx, now, [['error', { code, message, retryable }]]);
        await announceEnd(tx, now);
      },
    });
  } catch (error) {
    if (!(error instanceof LostRun)) throw error;
  }
}

/** The last event of a run, and the word to other domains. */
export async function announceEnd(tx: Tx<AgentTables>, run: RunRow): Promise<void> {
  const end: EmittedEvent = [
    'stream_end',
    { message_id: run.id, run_id: run.id, status: run.status, execution_time_ms: Math.round(run.active_ms), tokens_used: run.tokens_used },
  ];
  await emit(tx, run, [end]);
  if (run.parent_id) return;
  await appendToOutbox(tx, {
    tenantId: run.tenant_id,
    type: domainEvents.runEnded,
    data: {
      runId: run.id,
      status: run.status,
      userId: run.user_id,
      sessionId: run.session_id,
      tokensUsed: run.tokens_used,
      costUsd: run.cost_usd,
    },
  });
}

const mostRemembered = 4_000;

/** What was said in a session is part of its memory, and can be deleted there. */
export async function rememberExchange(deps: RunDeps, tx: Tx<AgentTables>, run: RunRow): Promise<void> {
  await deps.settings.remember(tx, {
    tenant_id: run.tenant_id,
    id: `mem-${run.id}`,
    user_id: run.user_id,
    session_id: run.session_id,
    run_id: run.id,
    content: exchangeText(run.input, run.content.slice(0, mostRemembered)),
  });
}
