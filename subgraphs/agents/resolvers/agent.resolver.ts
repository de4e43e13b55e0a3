import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';

import { PageArgs, readPage, Rest, toConnection, type Connection, type RequestContext } from '#platform/graphql';

import { Agent, AgentCatalogue, AgentConnection, AgentTeam, AgentTeamConnection, AgentVersion } from '../schema/agent.type';
import { AgentInput, CreateAgentInput, CreateAgentTeamInput, UpdateAgentInput } from '../schema/inputs';
import type { AgentProfile, AgentRole, AgentType, Team, TeamMode } from '../service/agent';
import type { AgentService } from '../service/agent.service';

const tags = ['Agents'];
const wholePage = { limit: 100, offset: 0, after: null };

const valuesOf = ({ name, description, type, role, ...config }: CreateAgentInput) => ({
  name,
  description,
  type: type as AgentType | undefined,
  role: role as AgentRole | undefined,
  // Left-out settings take their defaults in the service.
  config: Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined && value !== null)),
});

@Resolver(() => Agent)
export class AgentResolver {
  constructor(private readonly service: AgentService) {}

  @Rest({ method: 'GET', path: '/agents', tags, depth: 5 })
  @Query(() => AgentCatalogue, { description: 'Types of agents with their configurations, own agents, and tools.' })
  async agentCatalogue(@Ctx() { caller }: RequestContext): Promise<AgentCatalogue> {
    const { builtIn, tools } = this.service.catalogue(caller);
    return { types: [...builtIn], tools: [...tools], agents: [...(await this.service.list(caller, wholePage))].slice(0, wholePage.limit) };
  }

  @Query(() => AgentConnection, { description: "The tenant's own agents, newest first." })
  async agents(@Args(() => PageArgs) pageArgs: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<AgentProfile>> {
    const scope = `agents:${caller.tenantId}`;
    const page = readPage(pageArgs, scope);
    return toConnection({ items: await this.service.list(caller, page), page, scope, keyOf: ({ id }) => [id] });
  }

  @Rest({ method: 'GET', path: '/agents/:agent_id', tags })
  @Query(() => Agent, { description: 'One agent.' })
  agent(
    @Arg('agentId', () => ID, { description: 'The agent.' }) agentId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<AgentProfile> {
    return this.service.get(caller, agentId);
  }

  @Rest({ method: 'POST', path: '/agents', status: 201, tags })
  @Mutation(() => Agent, { description: 'Makes an agent.' })
  createAgent(
    @Arg('input', () => CreateAgentInput, { description: 'The agent.' }) input: CreateAgentInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<AgentProfile> {
    return this.service.create(caller, valuesOf(input));
  }

  @Rest({ method: 'PUT', path: '/agents/:agent_id', tags })
  @Mutation(() => Agent, { description: 'Replaces an agent; the old state stays as a version, and runs that have begun keep it.' })
  updateAgent(
    @Arg('input', () => UpdateAgentInput, { description: 'As it shall be.' }) input: UpdateAgentInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<AgentProfile> {
    const { agentId, expectedVersion, ...values } = input;
    return this.service.update(caller, { agentId, expectedVersion, ...valuesOf(values) });
  }

  @Rest({ method: 'DELETE', path: '/agents/:agent_id', tags })
  @Mutation(() => Agent, { description: 'Deletes an agent; its runs stay.' })
  deleteAgent(
    @Arg('input', () => AgentInput, { description: 'Which.' }) { agentId }: AgentInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<AgentProfile> {
    return this.service.delete(caller, agentId);
  }

  @Rest({ method: 'GET', path: '/agents/teams', tags })
  @Query(() => AgentTeamConnection, { description: 'Teams of agents, newest first.' })
  async agentTeams(@Args(() => PageArgs) pageArgs: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<Team>> {
    const scope = `agent-teams:${caller.tenantId}`;
    const page = readPage(pageArgs, scope);
    return toConnection({ items: await this.service.teams(caller, page), page, scope, keyOf: ({ id }) => [id] });
  }

  @Rest({ method: 'POST', path: '/agents/teams', status: 201, tags })
  @Mutation(() => AgentTeam, { description: 'Makes a team of agents.' })
  createAgentTeam(
    @Arg('input', () => CreateAgentTeamInput, { description: 'The team.' }) input: CreateAgentTeamInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Team> {
    return this.service.createTeam(caller, { ...input, mode: input.mode as TeamMode });
  }

  @FieldResolver(() => ID, { description: 'The same as `id`, under the name that REST clients use.' })
  agentId(@Root() { id }: AgentProfile): string {
    return id;
  }

  @FieldResolver(() => [AgentVersion], { description: 'Its states so far, newest first; at most 100.' })
  async versions(@Root() { id, isBuiltIn }: AgentProfile, @Ctx() { caller }: RequestContext): Promise<AgentVersion[]> {
    if (isBuiltIn) return [];
    const rows = await this.service.versions(caller, id);
    return rows.map((row) => ({ version: row.version, snapshot: row.snapshot, changedBy: row.changed_by, createdAt: row.created_at }));
  }
}
