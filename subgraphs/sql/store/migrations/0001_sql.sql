create table sql_sources (
  tenant_id text not null,
  id text not null,
  name text not null,
  kind text not null,
  status text not null default 'ready',
  problem text,
  connection jsonb not null default '{}',
  credentials text,
  file text,
  catalog jsonb not null,
  data_version text not null,
  model jsonb,
  created_by text not null,
  created_at timestamptz not null default now(),
  refreshed_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
select make_tenant_table('sql_sources');

create table sql_queries (
  tenant_id text not null,
  id text not null,
  source_id text not null,
  user_id text not null,
  session_id text,
  question text,
  sql text not null,
  dialect text not null,
  plan jsonb,
  engine text,
  confidence double precision,
  status text not null,
  row_count integer,
  execution_time_ms double precision,
  error_code text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index sql_queries_by_user on sql_queries (tenant_id, user_id, created_at desc, id desc);
select make_tenant_table('sql_queries');

create table sql_verified_queries (
  tenant_id text not null,
  id text not null,
  source_id text not null,
  question text not null,
  sql text not null,
  status text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index sql_verified_queries_by_source on sql_verified_queries (tenant_id, source_id, created_at desc);
select make_tenant_table('sql_verified_queries');
