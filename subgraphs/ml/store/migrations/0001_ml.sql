create table ml_jobs (
  tenant_id text not null,
  id text not null,
  model_name text not null,
  kind text not null default 'train',
  sweep_id text,
  request jsonb not null,
  owner jsonb not null,
  status text not null,
  progress double precision not null default 0,
  log jsonb not null default '[]',
  result jsonb,
  metrics jsonb,
  error text,
  model_id text,
  version integer,
  queue_job_id text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  primary key (tenant_id, id)
);
create index ml_jobs_by_time on ml_jobs (tenant_id, created_at desc, id desc);
create index ml_jobs_by_sweep on ml_jobs (tenant_id, sweep_id);
select make_tenant_table('ml_jobs');

create table ml_models (
  tenant_id text not null,
  id text not null,
  name text not null,
  task text not null,
  tags text[] not null default '{}',
  aliases jsonb not null default '{}',
  deployment jsonb,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select make_tenant_table('ml_models');

create table ml_versions (
  tenant_id text not null,
  model_id text not null,
  version integer not null,
  stage text not null default 'none',
  requested_stage text,
  requested_by text,
  algorithm text not null,
  document jsonb not null,
  metrics jsonb not null,
  details jsonb not null,
  lineage jsonb not null,
  baseline jsonb not null,
  job_id text,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, model_id, version),
  foreign key (tenant_id, model_id) references ml_models (tenant_id, id) on delete cascade
);
select make_tenant_table('ml_versions');

create table ml_predictions (
  tenant_id text not null,
  id text not null,
  model_id text not null,
  version integer not null,
  role text not null,
  features jsonb not null,
  prediction jsonb not null,
  latency_ms double precision not null,
  made_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index ml_predictions_by_model on ml_predictions (tenant_id, model_id, made_at desc);
select make_tenant_table('ml_predictions');

create table ml_feature_sets (
  tenant_id text not null,
  id text not null,
  name text not null,
  source_id text not null,
  definition jsonb not null,
  materialised_at timestamptz,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select make_tenant_table('ml_feature_sets');

create table ml_feature_rows (
  tenant_id text not null,
  feature_set_id text not null,
  entity_key text not null,
  features jsonb not null,
  event_time timestamptz not null,
  primary key (tenant_id, feature_set_id, entity_key),
  foreign key (tenant_id, feature_set_id) references ml_feature_sets (tenant_id, id) on delete cascade
);
select make_tenant_table('ml_feature_rows');

create table ml_experiments (
  tenant_id text not null,
  id text not null,
  name text not null,
  description text,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select make_tenant_table('ml_experiments');

create table ml_experiment_runs (
  tenant_id text not null,
  id text not null,
  experiment_id text not null,
  name text not null,
  parameters jsonb not null,
  metrics jsonb not null,
  tags jsonb not null,
  artifacts jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, experiment_id) references ml_experiments (tenant_id, id) on delete cascade
);
create index ml_experiment_runs_by_experiment on ml_experiment_runs (tenant_id, experiment_id, created_at desc);
select make_tenant_table('ml_experiment_runs');
