create table llm_configs (
  tenant_id text primary key,
  version integer not null,
  settings jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null default now()
);
select make_tenant_table('llm_configs');

-- Sealed with the deployment's key; bound to tenant and provider, so a row moved elsewhere does not open.
create table llm_provider_keys (
  tenant_id text not null,
  provider text not null,
  sealed text not null,
  primary key (tenant_id, provider)
);
select make_tenant_table('llm_provider_keys');

create table llm_decisions (
  tenant_id text not null,
  id text not null,
  user_id text not null,
  strategy text not null,
  provider text,
  model text,
  status text not null,
  request jsonb not null,
  candidates jsonb not null,
  attempts jsonb not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create index llm_decisions_newest on llm_decisions (tenant_id, created_at desc, id desc);
select make_tenant_table('llm_decisions');

-- One row for each attempt at a provider, and one for each answer from the cache. `is_last`: the row that answered the request, or the
-- attempt after which it failed; requests are counted by it.
create table llm_calls (
  tenant_id text not null,
  id text not null,
  decision_id text not null,
  user_id text not null,
  usage_id text,
  purpose text not null,
  provider text not null,
  model text not null,
  streamed boolean not null,
  status text not null check (status in ('answered', 'cached', 'failed', 'interrupted', 'cancelled')),
  reason text,
  cache text not null check (cache in ('off', 'miss', 'exact', 'semantic')),
  prompt_tokens integer not null default 0,
  completion_tokens integer not null default 0,
  cost_usd numeric(24, 9) not null default 0,
  saved_usd numeric(24, 9) not null default 0,
  saved_ms double precision not null default 0,
  latency_ms double precision not null,
  first_token_ms double precision,
  is_last boolean not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create index llm_calls_newest on llm_calls (tenant_id, created_at);
create index llm_calls_by_usage on llm_calls (tenant_id, usage_id) where usage_id is not null;
select make_tenant_table('llm_calls');

create table llm_cache (
  tenant_id text not null,
  key text not null,
  -- Everything but the wording of the last question: model, parameters, tools, earlier messages.
  scope text not null,
  provider text not null,
  model text not null,
  question text not null,
  embedding real[],
  answer jsonb not null,
  tags text[] not null default '{}',
  prompt_tokens integer not null,
  completion_tokens integer not null,
  cost_usd numeric(24, 9) not null,
  latency_ms double precision not null,
  hits integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, key)
);
create index llm_cache_by_expiry on llm_cache (tenant_id, expires_at);
create index llm_cache_by_scope on llm_cache (tenant_id, scope);
select make_tenant_table('llm_cache');

-- A warning is given once for each budget and period, over all processes: whoever inserts the row publishes it.
create table llm_budget_warnings (
  tenant_id text not null,
  user_id text not null,
  budget text not null,
  period text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, user_id, budget, period)
);
select make_tenant_table('llm_budget_warnings');
