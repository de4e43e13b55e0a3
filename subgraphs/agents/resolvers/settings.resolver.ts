import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';

import { PageArgs, readPage, Rest, toConnection, type Connection, type RequestContext } from '#platform/graphql';

import { DeleteAgentMemoryInput, UpdateGuardrailInput } from '../schema/inputs';
import { AgentMemory, AgentMemoryConnection, ForgottenMemory, Guardrail, GuardrailList } from '../schema/settings.type';
import type { GuardrailName } from '../service/guardrails/settings';
import type { Guardrail as GuardrailValue, SettingsService } from '../service/settings.service';

const tags = ['Agents'];

@Resolver()
export class SettingsResolver {
  constructor(private readonly settings: SettingsService) {}

  @Rest({ method: 'GET', path: '/agents/guardrails', tags })
  @Query(() => GuardrailList, { description: 'The guardrails of the tenant with their settings.' })
  async guardrails(@Ctx() { caller }: RequestContext): Promise<GuardrailList> {
    return { guardrails: await this.settings.guardrails(caller) };
  }

  @Rest({ method: 'PUT', path: '/agents/guardrails/:name', tags })
  @Mutation(() => Guardrail, { description: 'Turns a guardrail on or off, or changes its settings. For admins.' })
  updateGuardrail(
    @Arg('input', () => UpdateGuardrailInput, { description: 'What to change.' }) { name, enabled, thresholds }: UpdateGuardrailInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<GuardrailValue> {
    return this.settings.updateGuardrail(caller, { name: name as GuardrailName, enabled, thresholds });
  }

  @Rest({ method: 'GET', path: '/agents/memory', tags })
  @Query(() => AgentMemoryConnection, { description: 'What agents keep about you, newest first.' })
  async agentMemory(
    @Args(() => PageArgs) pageArgs: PageArgs,
    @Arg('sessionId', () => ID, { nullable: true, description: 'Only what belongs to this session.' }) sessionId: string | null,
    @Ctx() { caller }: RequestContext,
  ): Promise<Connection<AgentMemory>> {
    const scope = `agent-memory:${caller.tenantId}:${caller.userId}`;
    const page = readPage(pageArgs, scope);
    const rows = await this.settings.memory(caller, { sessionId: sessionId ?? null, page });
    const items = rows.map((row) => ({
      id: row.id,
      sessionId: row.session_id,
      content: row.content,
      runId: row.run_id,
      createdAt: row.created_at,
    }));
    return toConnection({ items, page, scope, keyOf: ({ id }) => [id] });
  }

  @Rest({ method: 'DELETE', path: '/agents/memory', tags })
  @Mutation(() => ForgottenMemory, { description: 'Deletes what agents keep about you: an entry, a session, or everything.' })
  async deleteAgentMemory(
    @Arg('input', () => DeleteAgentMemoryInput, { description: 'What.' }) { memoryId, sessionId }: DeleteAgentMemoryInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<ForgottenMemory> {
    return { deleted: await this.settings.forget(caller, { memoryId: memoryId ?? null, sessionId: sessionId ?? null }) };
  }
}
