import { json, newId, type Tx } from '#platform/db';

import type { AgentTables, RunRow, StepRow } from '../../store/rows';
import { emit } from '../events';
import type { Finding } from '../guardrails/guard';
import type { Decision, PlannedCall } from '../planning/planner';
import { waitsForApproval, type AnyTool } from '../tools';

import type { RunDeps } from './deps';
import { activeMs, decisionsOf, hold, keepFindings, storable, type Session, type Spent, type StoredOutput } from './session';

/** Writes a decision with its calls. A call that needs a person waits; one that breaks a rule is refused here and told to the planner. */
export async function record(
  deps: RunDeps,
  session: Session,
  {
    decision,
    steps,
    spent,
  }: { readonly decision: Decision & { kind: 'calls' }; readonly steps: readonly StepRow[]; readonly spent: Spent },
): Promise<void> {
  const { run } = session;
  const base = { tenant_id: run.tenant_id, run_id: run.id };
  const first = steps.length + 1;
  // Providers repeat their ids; ours are unique within the run.
  const calls = decision.calls.map((call, place) => ({ ...call, callId: `call-${first + 1 + place}` }));
  const checked = await Promise.all(calls.map((call) => checkCall(deps, session, call)));
  const findings = checked.flatMap(({ finding }) => finding ?? []);
  await hold(deps, session, {
    set: {
      status: 'executing',
      iterations: spent.iterations,
      reasoning: [...decisionsOf(steps).map(({ text }) => text), decision.text].filter(Boolean).join('\n'),
      tokens_used: spent.tokens,
      cost_usd: spent.costUsd,
      active_ms: activeMs(session),
    },
    async also(tx, now) {
      await deps.runs.insertSteps(tx, [
        {
          ...base,
          number: first,
          kind: 'model',
          call_id: null,
          tool: null,
          input: null,
          output: json({ text: decision.text, costUsd: decision.costUsd } satisfies StoredOutput),
          status: 'completed',
          tokens_used: decision.tokensUsed,
          finished_at: new Date(),
        },
        ...checked.map(({ call, refusal, waits }, place) => ({
          ...base,
          number: first + 1 + place,
          kind: 'tool',
          call_id: call.callId,
          tool: call.tool.slice(0, 200),
          input: json(storable(call.input)),
          output: refusal ? json({ summary: refusal } satisfies StoredOutput) : null,
          status: refusal ? 'failed' : waits ? 'waiting' : 'approved',
          finished_at: refusal ? new Date() : null,
        })),
      ]);
      for (const [place, { call, refusal, waits, tool }] of checked.entries()) {
        await emit(tx, now, [['tool_call', { call_id: call.callId, tool: call.tool, input: storable(call.input) }]]);
        if (refusal) await emit(tx, now, [['tool_result', { call_id: call.callId, tool: call.tool, status: 'failed', error: refusal }]]);
        if (!refusal && waits)
          await askApproval(deps, tx, { run: now, number: first + 1 + place, tool: tool!, input: storable(call.input) });
      }
      await keepFindings(deps, tx, { run: now, findings });
    },
  });
}

interface CheckedCall {
  readonly call: PlannedCall;
  readonly tool: AnyTool | null;
  readonly refusal: string | null;
  readonly waits: boolean;
  readonly finding: Finding | null;
}

async function checkCall(
  deps: RunDeps,
  { toolbox, caller, config, guardrails, signal, learnt }: Session,
  call: PlannedCall,
): Promise<CheckedCall> {
  const tool = toolbox.find(call.tool);
  const refused = (refusal: string, guardrail: Finding['guardrail']): CheckedCall => ({
    call,
    tool,
    refusal,
    waits: false,
    finding: { guardrail, stage: 'action', decision: 'blocked', detail: refusal.slice(0, 300) },
  });
  if (!tool)
    return refused(
      `There is no tool ${call.tool}; there are ${toolbox.tools.map(({ name }) => name).join(', ') || 'none'}.`,
      'action_validation',
    );
  // Schemas are checked always: a tool that gets what it does not expect is a fault and not a policy. The guardrail records it.
  const parsed = tool.schema.safeParse(call.input);
  if (!parsed.success)
    return refused(
      `The arguments of ${tool.name} are not valid: ${parsed.error.issues
        .slice(0, 3)
        .map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`)
        .join('; ')}.`,
      'action_validation',
    );
  const statements = guardrails.sql_safety.enabled ? statementsIn(call.input) : [];
  for (const { sql, sourceId } of statements) {
    const { allowed, reason } = await deps.data.checkSql(caller, { sql, sourceId: sourceId ?? config.sourceId, signal });
    if (!allowed) return refused(`The statement was refused: ${reason ?? 'only one that reads may run'}.`, 'sql_safety');
  }
  return { call, tool, refusal: null, waits: waitsForApproval(tool) || (learnt.isSuspicious && tool.effect !== 'read'), finding: null };
}

/** Every statement in a call, wherever it stands. */
function statementsIn(input: unknown): readonly { readonly sql: string; readonly sourceId: string | null }[] {
  if (Array.isArray(input)) return input.flatMap(statementsIn);
  if (typeof input !== 'object' || input === null) return [];
  const { sql, source_id: source } = input as { sql?: unknown; source_id?: unknown };
  const own = typeof sql === 'string' ? [{ sql, sourceId: typeof source === 'string' ? source : null }] : [];
  return [...own, ...Object.values(input).flatMap((value) => (typeof value === 'object' ? statementsIn(value) : []))];
}

async function askApproval(
  deps: RunDeps,
  tx: Tx<AgentTables>,
  { run, number, tool, input }: { readonly run: RunRow; readonly number: number; readonly tool: AnyTool; readonly input: unknown },
): Promise<void> {
  const reason =
    tool.effect === 'write'
      ? `${tool.name} changes something`
      : tool.effect === 'external'
        ? `${tool.name} leaves the service`
        : `${tool.name} was flagged`;
  const approval = await deps.approvals.insert(tx, {
    tenant_id: run.tenant_id,
    id: newId('appr'),
    run_id: run.id,
    step_number: number,
    tool: tool.name,
    input: json(input),
    reason,
    requested_by: run.user_id,
    reviewer_id: null,
    notes: null,
    expires_at: new Date(Date.now() + deps.approvalTtlMs),
    decided_at: null,
  });
  await emit(tx, run, [
    ['approval_required', { approval_id: approval.id, tool: tool.name, input, reason, expires_at: approval.expires_at.toISOString() }],
  ]);
}
