import { z } from 'zod';

import { hasRole, type Caller } from '#platform/auth';
import { json, newId, type Database, type Log, type Tx } from '#platform/db';
import { AppError, errors, isErrorCode } from '#platform/errors';
import type { Page } from '#platform/graphql';
import type { JobQueue } from '#platform/jobs';

import type { ApprovalStore } from '../store/approval.store';
import type { AgentTables, RunRow } from '../store/rows';

import { defaultAgentId, toTeam, type AgentProfile } from './agent';
import { findAgent } from './directory';
import { emit } from './events';
import { checkInput, type Finding } from './guardrails/guard';
import { settingsFrom, type GuardrailSettings } from './guardrails/settings';
import { configOf, teamLimitsOf, type RunOverrides, type TeamLimits } from './overrides';
import { policy } from './policy';
import { announceEnd } from './runs/ending';
import { executeRun } from './runs/executor';
import type { RunDeps } from './runs/deps';
import { isEnded, memberConfigOf, runConfigSchema, toRun, type AgentRun, type RunConfig } from './runs/run';
import { keepFindings } from './runs/session';

export const runQueue = 'agents.run';

export interface StartRun {
  readonly message: string;
  readonly sessionId?: string | null;
  readonly agentId?: string | null;
  readonly messageId?: string | null;
  readonly overrides?: RunOverrides | null;
}

export interface RunServiceDeps extends RunDeps {
  readonly db: Database<AgentTables>;
  readonly approvals: ApprovalStore;
  readonly jobs: JobQueue;
  readonly logger: Log;
  /** Runs at once in this process. */
  readonly concurrency: number;
  readonly leaseMs: number;
}

const maxMessage = 20_000;
const dayMs = 86_400_000;

const jobPayload = z.object({ runId: z.string() });

export class RunService {
  private readonly waiters = new Map<string, Set<() => void>>();

  constructor(private readonly deps: RunServiceDeps) {
    deps.jobs.work(
      runQueue,
      async (job, { signal }) => {
        const { runId } = jobPayload.parse(job.payload);
        await executeRun(deps, { tenantId: job.tenantId, runId, signal });
        this.wake(runId);
      },
      {
        concurrency: deps.concurrency,
        leaseMs: deps.leaseMs,
        onFailed: (job, error) => this.giveUp(job.tenantId, jobPayload.parse(job.payload).runId, error),
      },
    );
  }

  /** Stores a run and gives it to whichever process is free. */
  async start(caller: Caller, input: StartRun): Promise<AgentRun> {
    policy.require(caller, 'agent:run');
    return this.deps.db.inTenant(caller.tenantId, async (tx) => {
      const agent = await findAgent(this.deps.agents, tx, { tenantId: caller.tenantId, id: input.agentId ?? defaultAgentId });
      const config = configOf(agent, input.overrides ?? {}, this.deps.tools);
      return this.begin(tx, caller, {
        ...input,
        sessionId: input.sessionId ?? ownSession(agent.id),
        agentId: agent.id,
        teamId: null,
        config,
      });
    });
  }

  async startTeam(
    caller: Caller,
    {
      teamId,
      message,
      sessionId,
      limits,
    }: {
      readonly teamId: string;
      readonly message: string;
      readonly sessionId?: string | null;
      /** Less than the members may use together. */
      readonly limits?: TeamLimits | null;
    },
  ): Promise<AgentRun> {
    policy.require(caller, 'agent:run');
    const { tenantId } = caller;
    return this.deps.db.inTenant(tenantId, async (tx) => {
      const row = await this.deps.agents.findTeam(tx, { tenantId, id: teamId });
      if (!row) throw errors.NOT_FOUND({ kind: 'team' });
      const team = toTeam(row);
      const members: AgentProfile[] = [];
      for (const id of team.agentIds) members.push(await findAgent(this.deps.agents, tx, { tenantId, id }));
      const config: RunConfig = runConfigSchema.parse({
        ...memberConfigOf(members[0]!),
        limits: teamLimitsOf(members, limits ?? {}),
        agentName: team.name,
        team: { mode: team.mode, members: members.map(memberConfigOf) },
      });
      return this.begin(tx, caller, {
        message,
        sessionId: sessionId ?? ownSession(teamId),
        agentId: null,
        teamId,
        messageId: null,
        config,
      });
    });
  }

  /** Runs and waits until the run is over or needs a person. A failed run is thrown with its code. */
  async process(caller: Caller, input: StartRun, signal: AbortSignal): Promise<AgentRun> {
    const { id } = await this.start(caller, input);
    const run = await this.settle(caller, id, signal);
    if (run.status !== 'failed') return run;
    const { code, message } = run.error ?? { code: 'INTERNAL_ERROR' as const, message: 'The run failed.' };
    throw new AppError(isErrorCode(code) ? code : 'INTERNAL_ERROR', message, { details: { run_id: id } });
  }

  /** The run once it has ended or waits for a person. */
  async settle(caller: Caller, id: string, signal: AbortSignal): Promise<AgentRun> {
    for (;;) {
      const wait = this.waitFor(id, signal);
      const run = await this.get(caller, id);
      if (isEnded(run.status) || run.status === 'waiting_approval') {
        wait.stop();
        return run;
      }
      await wait.done;
      signal.throwIfAborted();
    }
  }

  async get(caller: Caller, id: string): Promise<AgentRun> {
    const [run] = await this.getMany(caller, [id]);
    if (!run) throw errors.NOT_FOUND({ kind: 'agent run' });
    return run;
  }

  /** In the order of the ids; null for one that is not there or not the caller's to see. */
  async getMany(caller: Caller, ids: readonly string[]): Promise<readonly (AgentRun | null)[]> {
    policy.require(caller, 'agent:read');
    const runs = await this.deps.db.inTenant(caller.tenantId, async (tx) =>
      this.assemble(tx, await this.deps.runs.findByIds(tx, caller.tenantId, [...new Set(ids)])),
    );
    const byId = new Map(runs.filter((run) => maySee(caller, run.userId)).map((run) => [run.id, run]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** The run that produced each message; null where none did. */
  async ofMessages(caller: Caller, messageIds: readonly string[]): Promise<readonly (AgentRun | null)[]> {
    policy.require(caller, 'agent:read');
    const runs = await this.deps.db.inTenant(caller.tenantId, async (tx) =>
      this.assemble(tx, await this.deps.runs.findByMessages(tx, caller.tenantId, [...new Set(messageIds)])),
    );
    const byMessage = new Map(runs.filter((run) => maySee(caller, run.userId)).map((run) => [run.messageId, run]));
    return messageIds.map((id) => byMessage.get(id) ?? null);
  }

  async list(
    caller: Caller,
    { sessionId, status, page }: { readonly sessionId: string | null; readonly status: string | null; readonly page: Page },
  ): Promise<readonly AgentRun[]> {
    policy.require(caller, 'agent:read');
    return this.deps.db.inTenant(caller.tenantId, async (tx) =>
      this.assemble(tx, await this.deps.runs.list(tx, { tenantId: caller.tenantId, userId: caller.userId, sessionId, status }, page)),
    );
  }

  async cancel(caller: Caller, id: string): Promise<AgentRun> {
    policy.require(caller, 'agent:run');
    const { tenantId } = caller;
    const jobId = await this.deps.db.inTenant(tenantId, async (tx) => {
      const row = await this.deps.runs.find(tx, { tenantId, id });
      if (!row || !maySee(caller, row.user_id)) throw errors.NOT_FOUND({ kind: 'agent run' });
      if (isEnded(row.status)) throw errors.CONFLICT({ what: `The run is ${row.status}`, hint: 'only one that goes on can be cancelled' });
      const family = await this.deps.runs.descendants(tx, { tenantId, id: row.root_id });
      for (const member of family.length > 0 ? family : [row]) {
        const ended = await this.deps.runs.end(tx, { tenantId, id: member.id }, { status: 'cancelled' });
        if (ended) await announceEnd(tx, ended);
      }
      await this.deps.approvals.expireOfRun(
        tx,
        tenantId,
        family.map((member) => member.id),
      );
      return family.find((member) => member.id === row.root_id)?.job_id ?? row.job_id;
    });
    if (jobId) await this.deps.jobs.cancel(tenantId, jobId);
    this.wake(id);
    return this.get(caller, id);
  }

  /** Puts a run back to work. In the transaction of the change that makes it possible. */
  async enqueue(tx: Tx<AgentTables>, tenantId: string, runId: string): Promise<void> {
    const jobId = await this.deps.jobs.enqueue(tx as never, { queue: runQueue, tenantId, payload: { runId } });
    await this.deps.runs.setJob(tx, { tenantId, id: runId }, jobId);
  }

  private async begin(
    tx: Tx<AgentTables>,
    caller: Caller,
    {
      message,
      sessionId,
      agentId,
      teamId,
      messageId,
      config,
    }: {
      readonly message: string;
      readonly sessionId: string;
      readonly agentId: string | null;
      readonly teamId: string | null;
      readonly messageId?: string | null;
      readonly config: RunConfig;
    },
  ): Promise<AgentRun> {
    const { tenantId, userId, roles, tier, scopes, attributes } = caller;
    const settings = settingsFrom(await this.deps.settings.guardrails(tx, tenantId));
    await this.withinQuota(tx, caller, settings);
    const { text, findings, blockedBy } = checkInput(settings, checkedMessage(message));
    if (blockedBy) throw refusal(blockedBy);
    const id = newId('run');
    const isSuspicious = findings.some(({ guardrail }) => guardrail === 'prompt_injection');
    const row = await this.deps.runs.insert(tx, {
      tenant_id: tenantId,
      id,
      root_id: id,
      parent_id: null,
      team_id: teamId,
      agent_id: agentId,
      session_id: checkedSession(sessionId),
      message_id: messageId ?? null,
      user_id: userId,
      caller: json({ tenantId, userId, roles, tier, scopes, attributes }),
      config: json({ ...config, isSuspicious }),
      input: text,
      error: null,
      job_id: null,
      executor: null,
      finished_at: null,
    });
    await keepFindings(this.deps, tx, { run: row, findings });
    await this.enqueue(tx, tenantId, id);
    return toRun(row, { steps: [], approvals: [], members: [] });
  }

  private async withinQuota(
    tx: Tx<AgentTables>,
    { tenantId, userId }: Caller,
    { rate_limiter: rate, budget_guard: budget }: GuardrailSettings,
  ): Promise<void> {
    if (rate.enabled && (await this.deps.runs.countSince(tx, { tenantId, userId, withinMs: 60_000 })) >= rate.runs_per_minute) {
      throw errors.RATE_LIMITED({ seconds: 60 }, { details: { guardrail: 'rate_limiter', maximum: rate.runs_per_minute } });
    }
    if (!budget.enabled) return;
    const { tokens, costUsd } = await this.deps.runs.spentSince(tx, { tenantId, withinMs: dayMs });
    if (tokens >= budget.tokens_per_day)
      throw errors.BUDGET_EXCEEDED(
        { hint: `${budget.tokens_per_day} tokens of the last 24 hours are used` },
        { details: { guardrail: 'budget_guard' } },
      );
    if (costUsd >= budget.usd_per_day)
      throw errors.BUDGET_EXCEEDED(
        { hint: `${budget.usd_per_day} US dollars of the last 24 hours are spent` },
        { details: { guardrail: 'budget_guard' } },
      );
  }

  private async assemble(tx: Tx<AgentTables>, rows: readonly RunRow[]): Promise<readonly AgentRun[]> {
    if (rows.length === 0) return [];
    const [{ tenant_id: tenantId }] = rows as [RunRow];
    const ids = rows.map(({ id }) => id);
    const steps = await this.deps.runs.stepsOf(tx, tenantId, ids);
    const teams = rows.filter(({ team_id: team, parent_id: parent }) => team !== null && parent === null).map(({ id }) => id);
    const members = await this.deps.runs.membersOf(tx, tenantId, teams);
    const approvals = await this.deps.approvals.ofRuns(tx, tenantId, [...ids, ...members.map(({ id }) => id)]);
    return rows.map((row) => {
      const own = members.filter(({ parent_id: parent }) => parent === row.id);
      const family = new Set([row.id, ...own.map(({ id }) => id)]);
      return toRun(row, {
        steps: steps.filter(({ run_id: id }) => id === row.id),
        approvals: approvals.filter(({ run_id: id }) => family.has(id)),
        members: own,
      });
    });
  }

  /** The queue has tried often enough: the run ends with what everyone may see. */
  private async giveUp(tenantId: string, runId: string, error: unknown): Promise<void> {
    this.deps.logger.error({ event: 'agents.run_given_up', runId, err: error }, 'an agent run was given up');
    await this.deps.db.inTenant(tenantId, async (tx) => {
      const failure = { code: 'INTERNAL_ERROR', message: 'Something went wrong on our side.', retryable: false };
      const ended = await this.deps.runs.end(tx, { tenantId, id: runId }, { status: 'failed', error: json(failure) });
      if (!ended) return;
      await emit(tx, ended, [['error', failure]]);
      await announceEnd(tx, ended);
    });
    this.wake(runId);
  }

  private wake(runId: string): void {
    for (const wake of [...(this.waiters.get(runId) ?? [])]) wake();
  }

  /** Wakes when this process has worked on the run; another one's work is seen within a second. */
  private waitFor(runId: string, signal: AbortSignal): { readonly done: Promise<void>; stop(): void } {
    const waiting = this.waiters.get(runId) ?? new Set();
    this.waiters.set(runId, waiting);
    let wake = (): void => undefined;
    const done = new Promise<void>((resolve) => (wake = resolve));
    const timer = setTimeout(wake, 1_000);
    const stop = (): void => {
      clearTimeout(timer);
      waiting.delete(wake);
      if (waiting.size === 0) this.waiters.delete(runId);
      signal.removeEventListener('abort', wake);
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    return { done: done.finally(stop), stop };
  }
}

const maySee = (caller: Caller, userId: string): boolean => caller.userId === userId || hasRole(caller, 'admin');

/** Without a session of its own a person has one with each agent. */
export const ownSession = (agentId: string): string => `with-${agentId}`;

function checkedMessage(message: string): string {
  const trimmed = message.replaceAll('\u0000', '').trim();
  if (trimmed === '' || trimmed.length > maxMessage)
    throw errors.INVALID_REQUEST({ what: 'message', hint: `write 1 to ${maxMessage} characters` }, { field: 'message' });
  return trimmed;
}

function checkedSession(id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/.test(id))
    throw errors.INVALID_REQUEST(
      { what: 'session_id', hint: 'use 1 to 200 letters, digits, dots, dashes, colons or underscores' },
      { field: 'session_id' },
    );
  return id;
}

const refusal = ({ guardrail, detail }: Finding): AppError =>
  errors.INVALID_REQUEST(
    { what: 'message', hint: `the guardrail ${guardrail} refused it (${detail})` },
    { field: 'message', details: { guardrail } },
  );
