create table agents (
  tenant_id text not null,
  id text not null,
  name text not null,
  description text not null default '',
  type text not null check (type in ('conversational', 'specialist', 'supervisor', 'worker')),
  role text not null check (role in ('analyst', 'coordinator', 'executor', 'reviewer')),
  config jsonb not null,
  version integer not null default 1,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (tenant_id, id)
);
select make_tenant_table('agents');

create table agent_versions (
  tenant_id text not null,
  agent_id text not null,
  version integer not null,
  snapshot jsonb not null,
  changed_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, agent_id, version)
);
select make_tenant_table('agent_versions');

create table agent_teams (
  tenant_id text not null,
  id text not null,
  name text not null,
  description text not null default '',
  mode text not null check (mode in ('sequential', 'parallel', 'hierarchical')),
  members jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
select make_tenant_table('agent_teams');

create table agent_runs (
  tenant_id text not null,
  id text not null,
  root_id text not null,
  parent_id text,
  team_id text,
  agent_id text,
  session_id text not null,
  message_id text,
  user_id text not null,
  -- On whose behalf the run acts, also after it was resumed by another process.
  caller jsonb not null,
  config jsonb not null,
  input text not null,
  status text not null default 'idle'
    check (status in ('idle', 'thinking', 'executing', 'waiting_approval', 'completed', 'failed', 'cancelled')),
  content text not null default '',
  reasoning text not null default '',
  error jsonb,
  job_id text,
  -- Changes with each process that takes the run; a process that holds an older one can no longer write.
  executor text,
  active_ms double precision not null default 0,
  tokens_used integer not null default 0,
  cost_usd double precision not null default 0,
  iterations integer not null default 0,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant_id, id)
);
create index agent_runs_by_user on agent_runs (tenant_id, user_id, created_at desc, id desc);
create index agent_runs_by_session on agent_runs (tenant_id, user_id, session_id, created_at desc);
create index agent_runs_by_message on agent_runs (tenant_id, message_id) where message_id is not null;
select make_tenant_table('agent_runs');

-- One row for each decision of a model and each call of a tool. A call is written as running before it is made: after a crash the row
-- tells that its effect may have happened.
create table agent_steps (
  tenant_id text not null,
  run_id text not null,
  number integer not null,
  kind text not null check (kind in ('model', 'tool', 'child')),
  call_id text,
  tool text,
  input jsonb,
  output jsonb,
  status text not null check (status in ('running', 'waiting', 'approved', 'completed', 'failed', 'rejected', 'unknown')),
  tokens_used integer not null default 0,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant_id, run_id, number),
  foreign key (tenant_id, run_id) references agent_runs (tenant_id, id) on delete cascade
);
select make_tenant_table('agent_steps');

create table agent_approvals (
  tenant_id text not null,
  id text not null,
  run_id text not null,
  step_number integer not null,
  tool text not null,
  input jsonb not null,
  reason text not null,
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'expired')),
  requested_by text not null,
  reviewer_id text,
  notes text,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  decided_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, run_id) references agent_runs (tenant_id, id) on delete cascade
);
create index agent_approvals_by_status on agent_approvals (tenant_id, status, created_at desc, id desc);
create index agent_approvals_due on agent_approvals (expires_at) where status = 'pending';
select make_tenant_table('agent_approvals');

create table agent_guardrails (
  tenant_id text not null,
  name text not null,
  enabled boolean not null,
  thresholds jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, name)
);
select make_tenant_table('agent_guardrails');

-- What guardrails found, without the text that they found it in.
create table agent_findings (
  tenant_id text not null,
  id text not null,
  run_id text not null,
  guardrail text not null,
  stage text not null check (stage in ('input', 'action', 'output')),
  decision text not null,
  detail text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index agent_findings_by_run on agent_findings (tenant_id, run_id);
select make_tenant_table('agent_findings');

create table agent_memory (
  tenant_id text not null,
  id text not null,
  user_id text not null,
  session_id text,
  content text not null,
  run_id text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index agent_memory_by_user on agent_memory (tenant_id, user_id, session_id, created_at);
select make_tenant_table('agent_memory');
