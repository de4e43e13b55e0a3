import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, newId, type Database } from '#platform/db';
import { errors, nearestName } from '#platform/errors';
import type { Page } from '#platform/graphql';

import type { AgentStore } from '../store/agent.store';
import type { AgentTables, AgentVersionRow } from '../store/rows';

import {
  agentConfigSchema,
  agentRoles,
  agentTypes,
  builtInAgents,
  teamModes,
  toAgent,
  toTeam,
  type AgentConfig,
  type AgentProfile,
  type AgentRole,
  type AgentType,
  type Team,
  type TeamMode,
} from './agent';
import { findAgent } from './directory';
import { wireName } from './field-name';
import { policy } from './policy';
import type { AnyTool } from './tools';

export interface AgentInput {
  readonly name: string;
  readonly description?: string | null;
  readonly type?: AgentType | null;
  readonly role?: AgentRole | null;
  readonly config?: unknown;
}

export interface TeamInput {
  readonly name: string;
  readonly description?: string | null;
  readonly mode: TeamMode;
  readonly agentIds: readonly string[];
}

export interface AgentServiceDeps {
  readonly db: Database<AgentTables>;
  readonly agents: AgentStore;
  readonly tools: readonly AnyTool[];
}

const nameSchema = z.string().trim().min(1).max(200);
const descriptionSchema = z.string().max(2_000);

export class AgentService {
  constructor(private readonly deps: AgentServiceDeps) {}

  /** What every tenant has: one agent of each type, and the tools that agents may use. */
  catalogue(caller: Caller): { readonly builtIn: readonly AgentProfile[]; readonly tools: readonly AnyTool[] } {
    policy.require(caller, 'agent:read');
    return { builtIn: builtInAgents, tools: this.deps.tools };
  }

  async list(caller: Caller, page: Page): Promise<readonly AgentProfile[]> {
    policy.require(caller, 'agent:read');
    return this.deps.db.inTenant(caller.tenantId, async (tx) => (await this.deps.agents.list(tx, caller.tenantId, page)).map(toAgent));
  }

  async get(caller: Caller, id: string): Promise<AgentProfile> {
    policy.require(caller, 'agent:read');
    return this.deps.db.inTenant(caller.tenantId, (tx) => findAgent(this.deps.agents, tx, { tenantId: caller.tenantId, id }));
  }

  async getMany(caller: Caller, ids: readonly string[]): Promise<readonly (AgentProfile | null)[]> {
    policy.require(caller, 'agent:read');
    const rows = await this.deps.db.inTenant(caller.tenantId, (tx) => this.deps.agents.findByIds(tx, caller.tenantId, [...new Set(ids)]));
    const byId = new Map([...builtInAgents, ...rows.map(toAgent)].map((agent) => [agent.id, agent]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async create(caller: Caller, input: AgentInput): Promise<AgentProfile> {
    policy.require(caller, 'agent:write');
    const values = this.checked(input);
    return this.deps.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.deps.agents.insert(tx, {
        tenant_id: caller.tenantId,
        id: newId('agent'),
        ...values,
        config: json(values.config),
        created_by: caller.userId,
        deleted_at: null,
      });
      await this.keepVersion(tx, caller, toAgent(row));
      return toAgent(row);
    });
  }

  /** Replaces an agent as a whole. A lost race on the version is CONFLICT. */
  async update(
    caller: Caller,
    { agentId, expectedVersion, ...input }: AgentInput & { readonly agentId: string; readonly expectedVersion?: number | null },
  ): Promise<AgentProfile> {
    policy.require(caller, 'agent:write');
    const values = this.checked(input);
    return this.deps.db.inTenant(caller.tenantId, async (tx) => {
      const key = { tenantId: caller.tenantId, id: agentId };
      refuseBuiltIn(agentId);
      const current = await findAgent(this.deps.agents, tx, key);
      const row = await this.deps.agents.update(tx, key, {
        ...values,
        config: json(values.config),
        expectedVersion: expectedVersion ?? current.version,
      });
      if (!row)
        throw errors.CONFLICT(
          { what: 'The agent has changed meanwhile', hint: `read it again (now version ${current.version}) and repeat the change` },
          { details: { version: current.version } },
        );
      await this.keepVersion(tx, caller, toAgent(row));
      return toAgent(row);
    });
  }

  async delete(caller: Caller, agentId: string): Promise<AgentProfile> {
    policy.require(caller, 'agent:write');
    refuseBuiltIn(agentId);
    return this.deps.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.deps.agents.softDelete(tx, { tenantId: caller.tenantId, id: agentId });
      if (!row) throw errors.NOT_FOUND({ kind: 'agent' });
      return toAgent(row);
    });
  }

  /** Also of an agent that has been deleted; empty for one that is not the tenant's. */
  async versions(caller: Caller, agentId: string): Promise<readonly AgentVersionRow[]> {
    policy.require(caller, 'agent:read');
    const rows = await this.deps.db.inTenant(caller.tenantId, (tx) =>
      this.deps.agents.listVersions(tx, { tenantId: caller.tenantId, id: agentId }),
    );
    return rows.map((row) => ({ ...row, snapshot: inSnakeCase(row.snapshot) }));
  }

  async createTeam(caller: Caller, { name, description, mode, agentIds }: TeamInput): Promise<Team> {
    policy.require(caller, 'agent:write');
    const values = parsed(
      z.strictObject({
        name: nameSchema,
        description: descriptionSchema,
        mode: z.enum(teamModes),
        agentIds: z
          .array(z.string())
          .min(mode === 'hierarchical' ? 2 : 1)
          .max(10),
      }),
      { name, description: description ?? '', mode, agentIds },
    );
    return this.deps.db.inTenant(caller.tenantId, async (tx) => {
      for (const id of values.agentIds) await findAgent(this.deps.agents, tx, { tenantId: caller.tenantId, id });
      return toTeam(
        await this.deps.agents.insertTeam(tx, {
          tenant_id: caller.tenantId,
          id: newId('team'),
          name: values.name,
          description: values.description,
          mode: values.mode,
          members: json(values.agentIds),
          created_by: caller.userId,
        }),
      );
    });
  }

  async teams(caller: Caller, page: Page): Promise<readonly Team[]> {
    policy.require(caller, 'agent:read');
    return this.deps.db.inTenant(caller.tenantId, async (tx) => (await this.deps.agents.listTeams(tx, caller.tenantId, page)).map(toTeam));
  }

  private checked({ name, description, type, role, config }: AgentInput): {
    name: string;
    description: string;
    type: AgentType;
    role: AgentRole;
    config: AgentConfig;
  } {
    const values = parsed(
      z.strictObject({
        name: nameSchema,
        description: descriptionSchema,
        type: z.enum(agentTypes),
        role: z.enum(agentRoles),
        config: agentConfigSchema,
      }),
      { name, description: description ?? '', type: type ?? 'conversational', role: role ?? 'analyst', config: config ?? {} },
    );
    const known = this.deps.tools.map((tool) => tool.name);
    const unknown = values.config.tools.find((tool) => !known.includes(tool));
    if (unknown)
      throw errors.INVALID_REQUEST(
        { what: 'tools', hint: `there is no tool ${unknown}; did you mean ${nearestName(unknown, known) ?? known.join(', ')}` },
        { field: 'tools' },
      );
    return values;
  }

  private keepVersion(tx: Parameters<AgentStore['insertVersion']>[0], caller: Caller, agent: AgentProfile): Promise<void> {
    const { name, description, type, role, config } = agent;
    return this.deps.agents.insertVersion(tx, {
      tenant_id: caller.tenantId,
      agent_id: agent.id,
      version: agent.version,
      snapshot: json({ name, description, type, role, config }),
      changed_by: caller.userId,
    });
  }
}

function refuseBuiltIn(id: string): void {
  if (builtInAgents.some((agent) => agent.id === id))
    throw errors.CONFLICT({ what: 'Built-in agents cannot be changed', hint: 'create an agent of your own' });
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = wireName(issue!.path);
  throw errors.INVALID_REQUEST({ what: field || 'input', hint: issue!.message }, { field });
}

/** A snapshot travels as JSON at every door, so its keys are in snake_case like event data. */
const inSnakeCase = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [wireName([key]) || key, inSnakeCase(inner)]));
};
