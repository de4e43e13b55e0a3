import type { Caller } from '#platform/auth';
import { json, type Database } from '#platform/db';
import { errors } from '#platform/errors';
import type { Page } from '#platform/graphql';

import type { ApprovalStore } from '../store/approval.store';
import type { AgentTables } from '../store/rows';
import type { RunStore } from '../store/run.store';

import { emit } from './events';
import { policy } from './policy';
import type { RunService } from './run.service';
import { announceEnd } from './runs/ending';
import { isEnded, toApproval, type Approval } from './runs/run';

export interface ApprovalServiceDeps {
  readonly db: Database<AgentTables>;
  readonly approvals: ApprovalStore;
  readonly runs: RunStore;
  readonly runService: RunService;
}

export interface ApprovalDecision {
  readonly approvalId: string;
  readonly notes?: string | null;
  /** Who decides; the caller, and nobody in their place. */
  readonly reviewerId?: string | null;
}

export class ApprovalService {
  constructor(private readonly deps: ApprovalServiceDeps) {}

  async list(caller: Caller, { status, page }: { readonly status: string | null; readonly page: Page }): Promise<readonly Approval[]> {
    policy.require(caller, 'approval:read');
    // Who may not decide sees their own.
    const requestedBy = policy.may(caller, 'approval:decide') ? null : caller.userId;
    return this.deps.db.inTenant(caller.tenantId, async (tx) =>
      (await this.deps.approvals.list(tx, { tenantId: caller.tenantId, status, requestedBy }, page)).map(toApproval),
    );
  }

  async getMany(caller: Caller, ids: readonly string[]): Promise<readonly (Approval | null)[]> {
    policy.require(caller, 'approval:read');
    const rows = await this.deps.db.inTenant(caller.tenantId, (tx) =>
      this.deps.approvals.findByIds(tx, caller.tenantId, [...new Set(ids)]),
    );
    const byId = new Map(
      rows
        .filter((row) => row.requested_by === caller.userId || policy.may(caller, 'approval:decide'))
        .map((row) => [row.id, toApproval(row)]),
    );
    return ids.map((id) => byId.get(id) ?? null);
  }

  approve(caller: Caller, decision: ApprovalDecision): Promise<Approval> {
    return this.decide(caller, 'approved', decision);
  }

  reject(caller: Caller, decision: ApprovalDecision): Promise<Approval> {
    return this.decide(caller, 'rejected', decision);
  }

  /** Decides once; the run goes on from where it stopped, on whichever process takes it. */
  private async decide(
    caller: Caller,
    status: 'approved' | 'rejected',
    { approvalId, notes, reviewerId }: ApprovalDecision,
  ): Promise<Approval> {
    policy.require(caller, 'approval:decide');
    if (reviewerId && reviewerId !== caller.userId)
      throw errors.FORBIDDEN({ hint: 'reviewer_id must be your own user id, or left out' }, { field: 'reviewer_id' });
    const { tenantId } = caller;
    return this.deps.db.inTenant(tenantId, async (tx) => {
      const known = await this.deps.approvals.find(tx, { tenantId, id: approvalId });
      if (!known) throw errors.NOT_FOUND({ kind: 'approval' });
      const decided = await this.deps.approvals.decide(
        tx,
        { tenantId, id: approvalId },
        { status, reviewerId: caller.userId, notes: notes?.slice(0, 2_000) ?? null },
      );
      if (!decided)
        throw errors.CONFLICT(
          { what: `This approval is ${known.status === 'pending' ? 'expired' : known.status}`, hint: 'each is decided once' },
          { details: { status: known.status } },
        );
      await this.deps.runs.updateStep(
        tx,
        { tenantId, runId: decided.run_id, number: decided.step_number },
        status === 'approved' ? { status: 'approved' } : { status: 'rejected', output: { summary: notes ?? '' } },
      );
      const run = (await this.deps.runs.find(tx, { tenantId, id: decided.run_id }))!;
      await emit(tx, run, [['approval_resolved', { approval_id: approvalId, status, reviewer_id: caller.userId, notes: notes ?? null }]]);
      await this.deps.runs.lock(tx, { tenantId, id: run.root_id });
      await this.deps.runs.resume(tx, tenantId, [run.id, run.root_id]);
      const root = (await this.deps.runs.find(tx, { tenantId, id: run.root_id }))!;
      // Somebody at work sees the decision before letting go of the run; otherwise nobody is, and the run is queued.
      if (root.executor === null && !isEnded(root.status)) await this.deps.runService.enqueue(tx, tenantId, root.id);
      return toApproval(decided);
    });
  }

  /** Ends approvals whose time is over, and their runs, in all tenants. Returns how many. */
  async expireOverdue(): Promise<number> {
    const overdue = await this.deps.db.asSystem((tx) => this.deps.approvals.findOverdue(tx, 100));
    let expired = 0;
    for (const { tenant_id: tenantId, id, run_id: runId } of overdue) {
      await this.deps.db.inTenant(tenantId, async (tx) => {
        if (!(await this.deps.approvals.expire(tx, { tenantId, id }))) return;
        expired += 1;
        const run = await this.deps.runs.find(tx, { tenantId, id: runId });
        if (!run) return;
        await emit(tx, run, [['approval_resolved', { approval_id: id, status: 'expired' }]]);
        const failure = { code: 'TIMEOUT', message: 'Nobody approved the next step in time.', retryable: true };
        for (const each of new Set([run.id, run.root_id])) {
          const ended = await this.deps.runs.end(tx, { tenantId, id: each }, { status: 'failed', error: json(failure) });
          if (!ended) continue;
          await emit(tx, ended, [['error', failure]]);
          await announceEnd(tx, ended);
        }
      });
    }
    return expired;
  }
}
