-- A dashboard is one document: every change writes the whole of it and the version before is kept, so that nothing is half-changed.
create table dash_dashboards (
  tenant_id text not null,
  id text not null,
  version integer not null,
  name text not null,
  visibility text not null,
  tags text[] not null default '{}',
  owner_id text not null,
  document jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (tenant_id, id)
);
create index dash_dashboards_by_time on dash_dashboards (tenant_id, updated_at desc, id desc);
select make_tenant_table('dash_dashboards');

create table dash_widgets (
  tenant_id text not null,
  id text not null,
  dashboard_id text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, dashboard_id) references dash_dashboards (tenant_id, id) on delete cascade
);
create index dash_widgets_by_dashboard on dash_widgets (tenant_id, dashboard_id);
select make_tenant_table('dash_widgets');

create table dash_versions (
  tenant_id text not null,
  dashboard_id text not null,
  version integer not null,
  document jsonb not null,
  change text not null,
  changed_by text not null,
  changed_at timestamptz not null default now(),
  primary key (tenant_id, dashboard_id, version),
  foreign key (tenant_id, dashboard_id) references dash_dashboards (tenant_id, id) on delete cascade
);
select make_tenant_table('dash_versions');

create table dash_shares (
  tenant_id text not null,
  dashboard_id text not null,
  subject_type text not null,
  subject_id text not null,
  permission text not null,
  primary key (tenant_id, dashboard_id, subject_type, subject_id),
  foreign key (tenant_id, dashboard_id) references dash_dashboards (tenant_id, id) on delete cascade
);
create index dash_shares_by_subject on dash_shares (tenant_id, subject_type, subject_id);
select make_tenant_table('dash_shares');

create table dash_links (
  tenant_id text not null,
  id text not null,
  dashboard_id text not null,
  sharer jsonb not null,
  filters jsonb not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, dashboard_id) references dash_dashboards (tenant_id, id) on delete cascade
);
select make_tenant_table('dash_links');

create table dash_alerts (
  tenant_id text not null,
  id text not null,
  name text not null,
  definition jsonb not null,
  owner jsonb not null,
  enabled boolean not null,
  muted_until timestamptz,
  last_value double precision,
  last_state text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
select make_tenant_table('dash_alerts');

create table dash_schedules (
  tenant_id text not null,
  id text not null,
  dashboard_id text not null,
  definition jsonb not null,
  owner jsonb not null,
  enabled boolean not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, dashboard_id) references dash_dashboards (tenant_id, id) on delete cascade
);
select make_tenant_table('dash_schedules');

-- What alerts and schedules did. `due_key` is unique, so that a repeated job finds its delivery done.
create table dash_runs (
  tenant_id text not null,
  id text not null,
  subject_id text not null,
  due_key text not null,
  state text not null,
  value double precision,
  message text not null,
  deliveries jsonb not null,
  ran_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, subject_id, due_key)
);
create index dash_runs_by_subject on dash_runs (tenant_id, subject_id, ran_at desc, id desc);
select make_tenant_table('dash_runs');
