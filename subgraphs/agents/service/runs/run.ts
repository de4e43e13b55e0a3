import { z } from 'zod';

import { roles, tiers, type Caller } from '#platform/auth';
import type { ErrorCode } from '#platform/errors';

import type { ApprovalRow, RunRow, StepRow } from '../../store/rows';
import { agentConfigSchema, agentRoles, agentTypes, teamModes, type AgentProfile } from '../agent';

export const runStatuses = ['idle', 'thinking', 'executing', 'waiting_approval', 'completed', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof runStatuses)[number];
export const isEnded = (status: string): boolean => status === 'completed' || status === 'failed' || status === 'cancelled';

const memberConfigSchema = agentConfigSchema.extend({
  agentId: z.string(),
  agentName: z.string(),
  agentVersion: z.number(),
  type: z.enum(agentTypes),
  role: z.enum(agentRoles),
});
export type MemberConfig = z.infer<typeof memberConfigSchema>;

/** The settings of a run, fixed when it began: a later change of the agent does not reach it. */
export const runConfigSchema = memberConfigSchema.extend({
  /** A team's are for all its members together, and so larger than those of one agent. */
  limits: z.strictObject({ maxIterations: z.number(), timeoutSeconds: z.number(), maxTokens: z.number(), maxCostUsd: z.number() }),
  /** Set when a model gave out and the built-in planner went on. */
  planner: z.enum(['auto', 'builtin']).default('auto'),
  /** Set where the run is that of a team. */
  team: z
    .strictObject({ mode: z.enum(teamModes), members: z.array(memberConfigSchema) })
    .nullable()
    .default(null),
  /** Of a member: what its whole team may spend, in US dollars. */
  teamMaxCostUsd: z.number().positive().nullable().default(null),
  /** What other members of the team have found so far. */
  context: z.string().default(''),
  /** True where the input was flagged as giving orders. */
  isSuspicious: z.boolean().default(false),
});
export type RunConfig = z.infer<typeof runConfigSchema>;

export const memberConfigOf = ({ id, name, version, type, role, config }: AgentProfile): MemberConfig => ({
  ...config,
  agentId: id,
  agentName: name,
  agentVersion: version,
  type,
  role,
});

const callerSchema = z.object({
  tenantId: z.string(),
  userId: z.string(),
  roles: z.array(z.enum(roles)),
  tier: z.enum(tiers),
  scopes: z.array(z.string()).optional(),
  attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
});

/** Whose permissions the run has. */
export const callerOf = (row: RunRow): Caller => callerSchema.parse(row.caller);

export interface RunError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

export interface ToolCall {
  readonly id: string;
  readonly tool: string;
  readonly input: unknown;
}

export interface ToolOutcome {
  readonly callId: string;
  readonly tool: string;
  readonly status: string;
  readonly output: unknown;
}

export interface Approval {
  readonly id: string;
  readonly runId: string;
  readonly tool: string;
  readonly input: unknown;
  readonly reason: string;
  readonly status: 'pending' | 'approved' | 'rejected' | 'expired';
  readonly requestedBy: string;
  readonly reviewerId: string | null;
  readonly notes: string | null;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly decidedAt: Date | null;
}

export interface TeamMemberRun {
  readonly runId: string;
  readonly agentId: string | null;
  readonly agentName: string;
  readonly status: RunStatus;
  readonly content: string;
  readonly tokensUsed: number;
  readonly costUsd: number;
  readonly iterations: number;
}

export interface AgentRun {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly agentId: string | null;
  readonly teamId: string | null;
  readonly parentId: string | null;
  readonly sessionId: string;
  readonly messageId: string | null;
  readonly input: string;
  readonly status: RunStatus;
  readonly content: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly toolResults: readonly ToolOutcome[];
  readonly requiresApproval: boolean;
  readonly approvalId: string | null;
  readonly error: RunError | null;
  /** Runs of the members of a team, in the order in which they began. */
  readonly members: readonly TeamMemberRun[];
  readonly tokensUsed: number;
  readonly costUsd: number;
  readonly iterations: number;
  readonly executionTimeMs: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

export const toApproval = (row: ApprovalRow): Approval => ({
  id: row.id,
  runId: row.run_id,
  tool: row.tool,
  input: row.input,
  reason: row.reason,
  status: row.status as Approval['status'],
  requestedBy: row.requested_by,
  reviewerId: row.reviewer_id,
  notes: row.notes,
  expiresAt: row.expires_at,
  createdAt: row.created_at,
  decidedAt: row.decided_at,
});

export interface RunParts {
  readonly steps: readonly StepRow[];
  /** Its own and those of its members. */
  readonly approvals: readonly ApprovalRow[];
  readonly members: readonly RunRow[];
}

const toMember = (row: RunRow): TeamMemberRun => ({
  runId: row.id,
  agentId: row.agent_id,
  agentName: runConfigSchema.parse(row.config).agentName,
  status: row.status as RunStatus,
  content: row.content,
  tokensUsed: row.tokens_used,
  costUsd: row.cost_usd,
  iterations: row.iterations,
});

const waitingText = ({ id, reason }: ApprovalRow): string => `A person must agree before this goes on: ${reason} (approval ${id}).`;

export function toRun(row: RunRow, { steps, approvals, members }: RunParts): AgentRun {
  const tools = steps.filter(({ kind }) => kind === 'tool');
  const pending = approvals.find(({ status }) => status === 'pending');
  return {
    id: row.id,
    tenantId: row.tenant_id,
    userId: row.user_id,
    agentId: row.agent_id,
    teamId: row.team_id,
    parentId: row.parent_id,
    sessionId: row.session_id,
    messageId: row.message_id,
    input: row.input,
    status: row.status as RunStatus,
    content: row.status === 'waiting_approval' && pending ? waitingText(pending) : row.content,
    reasoning: row.reasoning,
    toolCalls: tools.map((step) => ({ id: step.call_id!, tool: step.tool!, input: step.input })),
    toolResults: tools
      .filter(({ output }) => output !== null)
      .map((step) => ({ callId: step.call_id!, tool: step.tool!, status: step.status, output: step.output })),
    requiresApproval: row.status === 'waiting_approval',
    approvalId: pending?.id ?? null,
    error: row.error as RunError | null,
    members: members.map(toMember),
    tokensUsed: row.tokens_used,
    costUsd: row.cost_usd,
    iterations: row.iterations,
    executionTimeMs: Math.round(row.active_ms * 10) / 10,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
