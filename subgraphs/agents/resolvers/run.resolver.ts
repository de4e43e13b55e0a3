import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';

import { errors } from '#platform/errors';
import { readPage, Rest, toConnection, type Connection, type RequestContext } from '#platform/graphql';

import { Agent } from '../schema/agent.type';
import { AgentRunEventsArgs, AgentRunsArgs } from '../schema/run.args';
import { AgentRunInput, ProcessMessageInput, StartAgentRunInput, StartTeamRunInput } from '../schema/inputs';
import { AgentRun, AgentRunConnection, AgentRunEvents } from '../schema/run.type';
import { LlmUsage, Session } from '../schema/stubs';
import type { AgentService } from '../service/agent.service';
import type { RunService } from '../service/run.service';
import type { AgentRun as RunValue } from '../service/runs/run';
import type { StreamService } from '../service/stream.service';

import { loadAgent } from './references';

const tags = ['Agents'];

@Resolver(() => AgentRun)
export class RunResolver {
  constructor(
    private readonly runs: RunService,
    private readonly agents: AgentService,
    private readonly streams: StreamService,
  ) {}

  @Rest({ method: 'POST', path: '/agents/process', tags })
  @Mutation(() => AgentRun, { description: 'Gives a message to an agent and waits until it has ended or needs an approval.' })
  processMessage(
    @Arg('input', () => ProcessMessageInput, { description: 'The message.' }) { agentConfig, ...input }: ProcessMessageInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<RunValue> {
    return this.runs.process(caller, { ...input, overrides: agentConfig }, signal);
  }

  @Rest({ method: 'POST', path: '/agents/runs', status: 202, tags })
  @Mutation(() => AgentRun, { description: 'Begins a run and returns at once; it goes on though this process should end.' })
  startAgentRun(
    @Arg('input', () => StartAgentRunInput, { description: 'The run.' }) { agentConfig, ...input }: StartAgentRunInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<RunValue> {
    return this.runs.start(caller, { ...input, overrides: agentConfig });
  }

  @Rest({ method: 'POST', path: '/agents/teams/:id/runs', status: 202, tags })
  @Mutation(() => AgentRun, { description: 'Begins a run of a team and returns at once.' })
  startTeamRun(
    @Arg('input', () => StartTeamRunInput, { description: 'The run.' }) { id, ...input }: StartTeamRunInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<RunValue> {
    return this.runs.startTeam(caller, { teamId: id, ...input });
  }

  @Rest({ method: 'GET', path: '/agents/runs', tags, depth: 4 })
  @Query(() => AgentRunConnection, { description: 'Your runs, newest first.' })
  async agentRuns(
    @Args(() => AgentRunsArgs) { sessionId, status, ...pageArgs }: AgentRunsArgs,
    @Ctx() { caller }: RequestContext,
  ): Promise<Connection<RunValue>> {
    const scope = `agent-runs:${caller.tenantId}:${caller.userId}`;
    const page = readPage(pageArgs, scope);
    const items = await this.runs.list(caller, { sessionId: sessionId ?? null, status: status ?? null, page });
    return toConnection({ items, page, scope, keyOf: ({ createdAt, id }) => [createdAt.toISOString(), id] });
  }

  @Rest({ method: 'GET', path: '/agents/runs/:run_id', tags, depth: 3 })
  @Query(() => AgentRun, { description: 'One run.' })
  agentRun(@Arg('runId', () => ID, { description: 'The run.' }) runId: string, @Ctx() { caller }: RequestContext): Promise<RunValue> {
    return this.runs.get(caller, runId);
  }

  @Rest({ method: 'POST', path: '/agents/runs/:run_id/cancel', tags, depth: 3 })
  @Mutation(() => AgentRun, { description: 'Cancels a run, its members included; calls that were made stay made.' })
  cancelAgentRun(
    @Arg('input', () => AgentRunInput, { description: 'Which.' }) { runId }: AgentRunInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<RunValue> {
    return this.runs.cancel(caller, runId);
  }

  @Rest({ method: 'GET', path: '/agents/runs/:run_id/events', tags })
  @Query(() => AgentRunEvents, { description: 'Events of a run that are kept, for clients that ask again and again.' })
  async agentRunEvents(
    @Args(() => AgentRunEventsArgs) { runId, after, limit }: AgentRunEventsArgs,
    @Ctx() { caller }: RequestContext,
  ): Promise<AgentRunEvents> {
    const most = limit ?? 100;
    if (most < 1 || most > 1_000) throw errors.INVALID_REQUEST({ what: 'limit', hint: 'ask for 1 to 1,000' }, { field: 'limit' });
    return { events: await this.streams.read(caller, { runId, after: after ?? 0, limit: most }) };
  }

  @FieldResolver(() => ID, { description: 'The same as `id`, under the name that REST clients use.' })
  runId(@Root() { id }: RunValue): string {
    return id;
  }

  @FieldResolver(() => Agent, { nullable: true, description: 'The agent; null for a team, or where it has been deleted.' })
  agent(@Root() { agentId }: RunValue, @Ctx() context: RequestContext): Promise<unknown> {
    return agentId ? loadAgent(this.agents, context, agentId) : Promise.resolve(null);
  }

  @FieldResolver(() => Session, { nullable: true, description: 'The conversation, where the session is one.' })
  session(@Root() { sessionId }: RunValue): Session | null {
    return sessionId.startsWith('sess-') ? { id: sessionId } : null;
  }

  @FieldResolver(() => LlmUsage, {
    nullable: true,
    description:
      'What the calls of language models by this run came to, those of a team by all its members; null where none was asked. A member shows what its whole team used.',
  })
  usage(@Root() { id, parentId }: RunValue): LlmUsage {
    return { id: parentId ?? id };
  }
}
