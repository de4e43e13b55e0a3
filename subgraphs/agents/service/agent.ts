import { z } from 'zod';

import type { AgentRow, TeamRow } from '../store/rows';

export const agentTypes = ['conversational', 'specialist', 'supervisor', 'worker'] as const;
export const agentRoles = ['analyst', 'coordinator', 'executor', 'reviewer'] as const;
export type AgentType = (typeof agentTypes)[number];
export type AgentRole = (typeof agentRoles)[number];

export const limitsSchema = z.strictObject({
  maxIterations: z.number().int().min(1).max(50).default(10),
  timeoutSeconds: z.number().int().min(1).max(3_600).default(300),
  maxTokens: z.number().int().min(1).max(5_000_000).default(100_000),
  maxCostUsd: z.number().positive().max(1_000).default(1),
});

export const mcpServerSchema = z.strictObject({
  /** Becomes part of the tools' names. */
  name: z.string().regex(/^[a-z][a-z0-9_]{0,19}$/, 'use 1 to 20 small letters, digits and underscores'),
  url: z.url({ protocol: /^https?$/ }),
  /** Whether each call waits for a person. */
  approval: z.enum(['always', 'never']).default('always'),
});

export const agentConfigSchema = z.strictObject({
  systemPrompt: z.string().max(20_000).default(''),
  /** Names of tools; empty means all that only read. */
  tools: z.array(z.string().max(80)).max(50).default([]),
  provider: z.string().max(80).nullable().default(null),
  model: z.string().max(200).nullable().default(null),
  temperature: z.number().min(0).max(2).nullable().default(null),
  sourceId: z.string().max(100).nullable().default(null),
  limits: limitsSchema.default(() => limitsSchema.parse({})),
  mcpServers: z.array(mcpServerSchema).max(10).default([]),
});

export type AgentConfig = z.infer<typeof agentConfigSchema>;
export type AgentLimits = z.infer<typeof limitsSchema>;
export type McpServer = z.infer<typeof mcpServerSchema>;

export interface AgentProfile {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly type: AgentType;
  readonly role: AgentRole;
  readonly config: AgentConfig;
  readonly version: number;
  readonly isBuiltIn: boolean;
  readonly createdBy: string | null;
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
}

export const toAgent = (row: AgentRow): AgentProfile => ({
  id: row.id,
  name: row.name,
  description: row.description,
  type: row.type as AgentType,
  role: row.role as AgentRole,
  config: agentConfigSchema.parse(row.config),
  version: row.version,
  isBuiltIn: false,
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const builtIn = (
  id: string,
  rest: Pick<AgentProfile, 'name' | 'description' | 'type' | 'role'> & { readonly tools: readonly string[]; readonly systemPrompt: string },
): AgentProfile => ({
  id,
  name: rest.name,
  description: rest.description,
  type: rest.type,
  role: rest.role,
  config: agentConfigSchema.parse({ tools: rest.tools, systemPrompt: rest.systemPrompt }),
  version: 1,
  isBuiltIn: true,
  createdBy: null,
  createdAt: null,
  updatedAt: null,
});

/** One ready agent of each type; every tenant has them. */
export const builtInAgents: readonly AgentProfile[] = [
  builtIn('agent-assistant', {
    name: 'Assistant',
    description: 'Answers questions about data and documents, draws charts, builds dashboards.',
    type: 'conversational',
    role: 'analyst',
    tools: [
      'ask_data',
      'run_sql',
      'search',
      'make_chart',
      'list_dashboards',
      'create_dashboard',
      'predict',
      'forecast',
      'train_model',
      'http_request',
      'remember',
    ],
    systemPrompt: 'Answer questions about data with the tools given. Say which numbers come from which query.',
  }),
  builtIn('agent-analyst', {
    name: 'Analyst',
    description: 'Answers questions about data and draws charts; changes nothing.',
    type: 'specialist',
    role: 'analyst',
    tools: ['ask_data', 'run_sql', 'make_chart'],
    systemPrompt: 'Answer with data. Use ask_data first and run_sql only where it cannot answer.',
  }),
  builtIn('agent-supervisor', {
    name: 'Supervisor',
    description: 'Splits a task over the members of a team and puts their results together.',
    type: 'supervisor',
    role: 'coordinator',
    tools: [],
    systemPrompt: 'Put the results of the members together into one answer. Add nothing that they did not find.',
  }),
  builtIn('agent-worker', {
    name: 'Worker',
    description: 'Carries out one task of a plan.',
    type: 'worker',
    role: 'executor',
    tools: ['ask_data', 'run_sql', 'search', 'make_chart', 'create_dashboard'],
    systemPrompt: 'Carry out the task with the tools given.',
  }),
];

export const defaultAgentId = 'agent-assistant';

export const teamModes = ['sequential', 'parallel', 'hierarchical'] as const;
export type TeamMode = (typeof teamModes)[number];

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly mode: TeamMode;
  /** Agents in order. In a hierarchical team the first leads the others. */
  readonly agentIds: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Date;
}

export const toTeam = (row: TeamRow): Team => ({
  id: row.id,
  name: row.name,
  description: row.description,
  mode: row.mode as TeamMode,
  agentIds: z.array(z.string()).parse(row.members),
  createdBy: row.created_by,
  createdAt: row.created_at,
});
