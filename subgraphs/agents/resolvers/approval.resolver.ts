import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';

import { PageArgs, readPage, Rest, toConnection, type Connection, type RequestContext } from '#platform/graphql';

import { ApprovalStatus } from '../schema/enums';
import { DecideApprovalInput } from '../schema/inputs';
import { AgentRun, Approval, ApprovalConnection } from '../schema/run.type';
import type { ApprovalService } from '../service/approval.service';
import type { RunService } from '../service/run.service';
import type { Approval as ApprovalValue } from '../service/runs/run';

import { loadRun } from './references';

const tags = ['Agents'];

@Resolver(() => Approval)
export class ApprovalResolver {
  constructor(
    private readonly service: ApprovalService,
    private readonly runs: RunService,
  ) {}

  @Rest({ method: 'GET', path: '/agents/approvals', tags })
  @Query(() => ApprovalConnection, {
    description: 'Steps that wait or waited for a person, newest first. Who may not decide sees those of their own runs.',
  })
  async approvals(
    @Args(() => PageArgs) pageArgs: PageArgs,
    @Arg('status', () => ApprovalStatus, { nullable: true, description: 'Only those in this state.' }) status: string | null,
    @Ctx() { caller }: RequestContext,
  ): Promise<Connection<ApprovalValue>> {
    return this.page(caller, pageArgs, status ?? null);
  }

  @Rest({ method: 'GET', path: '/agents/approvals/pending', tags })
  @Query(() => ApprovalConnection, { description: 'Steps that wait for a person, newest first.' })
  pendingApprovals(@Args(() => PageArgs) pageArgs: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<ApprovalValue>> {
    return this.page(caller, pageArgs, 'pending');
  }

  @Rest({ method: 'POST', path: '/agents/approvals/:id/approve', tags })
  @Mutation(() => Approval, { description: 'Lets a step happen; the run goes on from there.' })
  approveStep(
    @Arg('input', () => DecideApprovalInput, { description: 'The decision.' }) { id, notes, reviewerId }: DecideApprovalInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<ApprovalValue> {
    return this.service.approve(caller, { approvalId: id, notes, reviewerId });
  }

  @Rest({ method: 'POST', path: '/agents/approvals/:id/reject', tags })
  @Mutation(() => Approval, { description: 'Refuses a step; the run goes on without it.' })
  rejectStep(
    @Arg('input', () => DecideApprovalInput, { description: 'The decision.' }) { id, notes, reviewerId }: DecideApprovalInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<ApprovalValue> {
    return this.service.reject(caller, { approvalId: id, notes, reviewerId });
  }

  @FieldResolver(() => AgentRun, { nullable: true, description: 'The run.' })
  run(@Root() { runId }: ApprovalValue, @Ctx() context: RequestContext): Promise<unknown> {
    return loadRun(this.runs, context, runId);
  }

  @FieldResolver(() => ID, { description: 'The same as `id`, under the name that REST clients use.' })
  approvalId(@Root() { id }: ApprovalValue): string {
    return id;
  }

  private async page(caller: RequestContext['caller'], pageArgs: PageArgs, status: string | null): Promise<Connection<ApprovalValue>> {
    const scope = `approvals:${caller.tenantId}:${status ?? 'all'}`;
    const page = readPage(pageArgs, scope);
    return toConnection({
      items: await this.service.list(caller, { status, page }),
      page,
      scope,
      keyOf: ({ createdAt, id }) => [createdAt.toISOString(), id],
    });
  }
}
