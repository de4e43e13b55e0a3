-- Events written with their cause and published afterwards (transactional outbox). Published rows are deleted.
create table outbox (
  position bigint generated always as identity primary key,
  id text not null unique,
  tenant_id text not null,
  topic text not null,
  type text not null,
  data jsonb not null,
  created_at timestamptz not null default now()
);
select make_tenant_table('outbox');

-- Who wants which events, over all processes: the writer of an event makes one job for each subscriber that matches.
create table event_subscriptions (
  subscriber text not null,
  type text not null,
  primary key (subscriber, type)
);
grant select on event_subscriptions to parley_app;
grant select, insert, delete on event_subscriptions to parley_system;

create table jobs (
  id text primary key,
  tenant_id text not null,
  queue text not null,
  key text,
  payload jsonb not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'completed', 'failed', 'cancelled')),
  attempt integer not null default 0,
  max_attempts integer not null,
  run_at timestamptz not null,
  lease_token text,
  lease_until timestamptz,
  cancel_requested boolean not null default false,
  progress double precision not null default 0,
  note text,
  last_error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
select make_tenant_table('jobs');
create unique index jobs_unfinished_key on jobs (queue, tenant_id, key) where key is not null and state in ('queued', 'running');
create index jobs_due on jobs (queue, run_at) where state = 'queued';
create index jobs_leases on jobs (lease_until) where state = 'running';
create index jobs_finished on jobs (finished_at) where finished_at is not null;

create table cron_entries (
  tenant_id text not null,
  queue text not null,
  key text not null,
  cron text not null,
  timezone text not null,
  payload jsonb not null,
  enabled boolean not null,
  catch_up text not null check (catch_up in ('once', 'skip')),
  next_run_at timestamptz,
  primary key (tenant_id, queue, key)
);
select make_tenant_table('cron_entries');
create index cron_entries_due on cron_entries (next_run_at) where enabled;

-- The answer is text and not jsonb: a replay is the same bytes, and jsonb would reorder keys.
create table idempotency_keys (
  tenant_id text not null,
  key text not null,
  hash text not null,
  token text not null,
  status integer,
  body text,
  claimed_until timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, key)
);
select make_tenant_table('idempotency_keys');
create index idempotency_keys_expiry on idempotency_keys (expires_at);

-- user_id is '' for the tenant as a whole. reserved is the sum of the open reservations.
create table budgets (
  tenant_id text not null,
  user_id text not null,
  name text not null,
  period text not null,
  spent numeric(24, 9) not null default 0,
  reserved numeric(24, 9) not null default 0,
  primary key (tenant_id, user_id, name, period)
);
select make_tenant_table('budgets');

create table budget_reservations (
  id text primary key,
  tenant_id text not null,
  user_id text not null,
  name text not null,
  period text not null,
  amount numeric(24, 9) not null,
  expires_at timestamptz not null
);
select make_tenant_table('budget_reservations');
