import type { Caller } from '#platform/auth';
import { newId, type Tx } from '#platform/db';

import type { AgentTables, RunRow, StepRow } from '../../store/rows';
import { emit, type EmittedEvent } from '../events';
import type { Finding } from '../guardrails/guard';
import type { GuardrailSettings } from '../guardrails/settings';
import type { PastCall, PastDecision } from '../planning/planner';

import { LostRun, type RunDeps } from './deps';
import type { RunConfig } from './run';
import type { Toolbox } from './toolbox';

/** One execution of a run by one process. */
export interface Session {
  readonly run: RunRow;
  readonly executor: string;
  readonly config: RunConfig;
  readonly caller: Caller;
  readonly guardrails: GuardrailSettings;
  readonly toolbox: Toolbox;
  readonly memory: readonly string[];
  readonly history: readonly { readonly input: string; readonly content: string }[];
  /** What this execution has learnt and the next will read from the run's settings. */
  readonly learnt: {
    /** Something that a tool returned gave orders: from then on every effect needs a person. */
    isSuspicious: boolean;
    /** The model gave out before anything was done. */
    planner: RunConfig['planner'];
  };
  /** Aborts on cancellation, shutdown and when the run's time is over. */
  readonly signal: AbortSignal;
  readonly startedAt: number;
}

export type Holder = Pick<Session, 'run' | 'executor' | 'startedAt'>;

/** Writes as the holder of the run; throws LostRun where it no longer is. */
export async function hold<Result>(
  deps: RunDeps,
  session: Pick<Session, 'run' | 'executor'>,
  change: { readonly set: Parameters<RunDeps['runs']['update']>[2]; readonly also?: (tx: Tx<AgentTables>, run: RunRow) => Promise<Result> },
): Promise<Result> {
  const { run, executor } = session;
  return deps.db.inTenant(run.tenant_id, async (tx) => {
    const updated = await deps.runs.update(tx, { tenantId: run.tenant_id, id: run.id, executor }, change.set);
    if (!updated) throw new LostRun();
    return (await change.also?.(tx, updated)) as Result;
  });
}

export const activeMs = ({ run, startedAt }: Holder): number => run.active_ms + performance.now() - startedAt;

export async function keepFindings(
  deps: RunDeps,
  tx: Tx<AgentTables>,
  { run, findings }: { readonly run: RunRow; readonly findings: readonly Finding[] },
): Promise<void> {
  await deps.runs.insertFindings(
    tx,
    findings.map(({ guardrail, stage, decision, detail }) => ({
      tenant_id: run.tenant_id,
      id: newId('find'),
      run_id: run.id,
      guardrail,
      stage,
      decision,
      detail,
    })),
  );
  await emit(
    tx,
    run,
    findings.map(({ guardrail, stage, decision, detail }): EmittedEvent => [
      'warning',
      { reason: 'guardrail', guardrail, stage, decision, detail },
    ]),
  );
}

/** What a step keeps: of a call its output, of a decision its words and price. */
export interface StoredOutput {
  readonly output?: unknown;
  readonly summary?: string;
  readonly text?: string;
  readonly costUsd?: number;
}

export interface Spent {
  readonly iterations: number;
  readonly tokens: number;
  readonly costUsd: number;
}

export const spentIn = (steps: readonly StepRow[]): Spent => {
  const decisions = steps.filter(({ kind }) => kind === 'model');
  return {
    iterations: decisions.length,
    // Questions to the data may ask a model, too.
    tokens: steps.reduce((sum, step) => sum + step.tokens_used, 0),
    costUsd: decisions.reduce((sum, step) => sum + ((step.output as StoredOutput | null)?.costUsd ?? 0), 0),
  };
};

/** The decisions so far with the calls that followed each. */
export function decisionsOf(steps: readonly StepRow[]): readonly PastDecision[] {
  const decisions: { text: string; calls: PastCall[] }[] = [];
  for (const step of steps) {
    if (step.kind === 'model') decisions.push({ text: (step.output as { text?: string } | null)?.text ?? '', calls: [] });
    if (step.kind === 'tool') decisions.at(-1)?.calls.push(pastCall(step));
  }
  return decisions;
}

const pastCall = (step: StepRow): PastCall => {
  const { output = null, summary = '' } = (step.output ?? {}) as StoredOutput;
  return { callId: step.call_id!, tool: step.tool!, input: step.input, status: step.status, output, summary };
};

/** jsonb holds no NUL and no undefined. */
export const storable = (value: unknown): unknown =>
  JSON.parse((JSON.stringify(value ?? null) ?? 'null').replaceAll('\\u0000', '')) as unknown;
