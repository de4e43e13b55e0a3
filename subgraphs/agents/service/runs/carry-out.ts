import { json } from '#platform/db';
import { AppError, toPublicError } from '#platform/errors';

import type { StepRow } from '../../store/rows';
import { emit, type EmittedEvent } from '../events';
import { checkToolResult, type Finding } from '../guardrails/guard';

import type { RunDeps } from './deps';
import { activeMs, hold, keepFindings, storable, type Session, type StoredOutput } from './session';

const mostOutputBytes = 200_000;

/** Makes one call, or calls it unknown where it was interrupted. What became of it is stored before the run goes on. */
export async function carryOut(deps: RunDeps, session: Session, step: StepRow): Promise<void> {
  const { run, toolbox, caller, config, guardrails, signal, learnt } = session;
  const at = { tenantId: run.tenant_id, runId: run.id, number: step.number };
  const tool = toolbox.find(step.tool!);
  let tokensUsed = 0;
  const end = async (
    status: 'completed' | 'failed' | 'unknown',
    stored: StoredOutput,
    findings: readonly Finding[] = [],
  ): Promise<void> => {
    const event: EmittedEvent = [
      'tool_result',
      {
        call_id: step.call_id,
        tool: step.tool,
        status,
        ...(status === 'completed' ? { output: stored.output } : { error: stored.summary }),
      },
    ];
    await hold(deps, session, {
      set: {
        status: 'executing',
        active_ms: activeMs(session),
        ...(learnt.isSuspicious === config.isSuspicious ? {} : { config: json({ ...config, ...learnt }) }),
      },
      async also(tx, now) {
        await deps.runs.updateStep(tx, at, { status, output: stored, tokensUsed });
        await emit(tx, now, [event]);
        await keepFindings(deps, tx, { run: now, findings });
      },
    });
  };
  if (!tool) return end('failed', { summary: `${step.tool} is not there any more.` });
  // Somebody began this call and did not live to tell its end. Making it again could do its effect twice.
  if (step.status === 'running' && tool.effect !== 'read')
    return end('unknown', { summary: 'The call was interrupted and its effect is not known. It is not repeated.' });
  await hold(deps, session, {
    set: { status: 'executing' },
    async also(tx, now) {
      if (step.status === 'approved') await deps.runs.updateStep(tx, at, { status: 'running' });
      await emit(tx, now, [['status', { state: 'executing', tool: tool.name }]]);
    },
  });
  let result: StoredOutput;
  try {
    const made = await untilAborted(
      tool.run(tool.schema.parse(step.input), {
        caller,
        sessionId: run.session_id,
        runId: run.id,
        usageId: run.root_id,
        sourceId: config.sourceId,
        signal,
        idempotencyKey: `${run.id}:${step.number}`,
      }),
      signal,
    );
    tokensUsed = made.tokensUsed ?? 0;
    result = { output: bounded(storable(made.output)), summary: made.summary.slice(0, 4_000) };
  } catch (thrown) {
    signal.throwIfAborted();
    const { message } = toPublicError(thrown);
    if (!(thrown instanceof AppError))
      deps.logger.warn({ event: 'agents.tool_failed', tool: tool.name, runId: run.id, err: thrown }, 'a tool failed');
    return end('failed', { summary: message });
  }
  const findings = checkToolResult(guardrails, JSON.stringify(result));
  if (findings.length > 0) learnt.isSuspicious = true;
  await end('completed', result, findings);
}

/** A tool that does not listen to its signal must not hold the run. */
function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

const bounded = (output: unknown): unknown => {
  const text = JSON.stringify(output);
  return text.length <= mostOutputBytes ? output : { truncated: true, text: text.slice(0, mostOutputBytes) };
};
