import type { ColumnType, Generated, Selectable } from 'kysely';

/** jsonb is read as a value and written through `json()` of #platform/db. */
type Json = ColumnType<unknown, unknown, unknown>;

export interface AgentTable {
  tenant_id: string;
  id: string;
  name: string;
  description: string;
  type: string;
  role: string;
  config: Json;
  version: Generated<number>;
  created_by: string;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  deleted_at: Date | null;
}

export interface AgentVersionTable {
  tenant_id: string;
  agent_id: string;
  version: number;
  snapshot: Json;
  changed_by: string;
  created_at: Generated<Date>;
}

export interface TeamTable {
  tenant_id: string;
  id: string;
  name: string;
  description: string;
  mode: string;
  members: Json;
  created_by: string;
  created_at: Generated<Date>;
}

export interface RunTable {
  tenant_id: string;
  id: string;
  root_id: string;
  parent_id: string | null;
  team_id: string | null;
  agent_id: string | null;
  session_id: string;
  message_id: string | null;
  user_id: string;
  caller: Json;
  config: Json;
  input: string;
  status: Generated<string>;
  content: Generated<string>;
  reasoning: Generated<string>;
  error: Json;
  job_id: string | null;
  executor: string | null;
  active_ms: Generated<number>;
  tokens_used: Generated<number>;
  cost_usd: Generated<number>;
  iterations: Generated<number>;
  created_at: Generated<Date>;
  finished_at: Date | null;
}

export interface StepTable {
  tenant_id: string;
  run_id: string;
  number: number;
  kind: string;
  call_id: string | null;
  tool: string | null;
  input: Json;
  output: Json;
  status: string;
  tokens_used: Generated<number>;
  created_at: Generated<Date>;
  finished_at: Date | null;
}

export interface ApprovalTable {
  tenant_id: string;
  id: string;
  run_id: string;
  step_number: number;
  tool: string;
  input: Json;
  reason: string;
  status: Generated<string>;
  requested_by: string;
  reviewer_id: string | null;
  notes: string | null;
  expires_at: Date;
  created_at: Generated<Date>;
  decided_at: Date | null;
}

export interface GuardrailTable {
  tenant_id: string;
  name: string;
  enabled: boolean;
  thresholds: Json;
  updated_by: string;
  updated_at: Generated<Date>;
}

export interface FindingTable {
  tenant_id: string;
  id: string;
  run_id: string;
  guardrail: string;
  stage: string;
  decision: string;
  detail: string;
  created_at: Generated<Date>;
}

export interface MemoryTable {
  tenant_id: string;
  id: string;
  user_id: string;
  session_id: string | null;
  content: string;
  run_id: string | null;
  created_at: Generated<Date>;
}

export interface AgentTables {
  agents: AgentTable;
  agent_versions: AgentVersionTable;
  agent_teams: TeamTable;
  agent_runs: RunTable;
  agent_steps: StepTable;
  agent_approvals: ApprovalTable;
  agent_guardrails: GuardrailTable;
  agent_findings: FindingTable;
  agent_memory: MemoryTable;
}

export type AgentRow = Selectable<AgentTable>;
export type AgentVersionRow = Selectable<AgentVersionTable>;
export type TeamRow = Selectable<TeamTable>;
export type RunRow = Selectable<RunTable>;
export type StepRow = Selectable<StepTable>;
export type ApprovalRow = Selectable<ApprovalTable>;
export type GuardrailRow = Selectable<GuardrailTable>;
export type FindingRow = Selectable<FindingTable>;
export type MemoryRow = Selectable<MemoryTable>;
