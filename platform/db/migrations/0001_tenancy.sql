-- The application acts as one of two roles that own nothing, log in nowhere and cannot bypass row-level security:
-- parley_app sees the rows of app.tenant_id, parley_system those of all tenants (relay, queue, schedulers, commands).
do $$
begin
  if not exists (select from pg_roles where rolname = 'parley_app') then
    create role parley_app nologin nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'parley_system') then
    create role parley_system nologin nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
  -- A superuser is a member of every role; anyone else who migrates may also run.
  if not pg_has_role(current_user, 'parley_app', 'member') then
    execute format('grant parley_app to %I', current_user);
  end if;
  if not pg_has_role(current_user, 'parley_system', 'member') then
    execute format('grant parley_system to %I', current_user);
  end if;
end
$$;

grant usage on schema public to parley_app, parley_system;

-- Makes a table with a tenant_id a tenant table: row-level security, forced (for its owner too), and the grants. Every migration that
-- creates such a table calls it once: select make_tenant_table('dashboards');
-- A later migration that must touch rows does so between `set local role parley_system` and `reset role`.
create function make_tenant_table(table_name text) returns void
language plpgsql
set search_path from current
as $$
declare
  target regclass := to_regclass(format('public.%I', table_name));
  sequence_name text;
begin
  if target is null then
    raise exception 'make_tenant_table: there is no table %', table_name;
  end if;
  if not exists (
    select from pg_attribute where attrelid = target and attname = 'tenant_id' and attnotnull and atttypid = 'text'::regtype
  ) then
    raise exception 'make_tenant_table: % needs a column "tenant_id text not null"', table_name;
  end if;
  -- Each query filters by tenant first, so an index has to begin with it; most primary keys do.
  if not exists (
    select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = target and a.attname = 'tenant_id' and i.indpred is null
  ) then
    execute format('create index on %s (tenant_id)', target);
  end if;
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  -- An absent setting is null or, after an earlier transaction of the session, empty: no row matches either.
  execute format(
    'create policy tenant_rows on %s to parley_app
       using (tenant_id = nullif(current_setting(''app.tenant_id'', true), ''''))
       with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), ''''))', target);
  execute format('create policy system_rows on %s to parley_system using (true) with check (true)', target);
  execute format('grant select, insert, update, delete on %s to parley_app, parley_system', target);
  for sequence_name in
    select d.objid::regclass::text from pg_depend d join pg_class c on c.oid = d.objid and c.relkind = 'S'
    where d.refobjid = target and d.deptype in ('a', 'i')
  loop
    execute format('grant usage on sequence %s to parley_app, parley_system', sequence_name);
  end loop;
end
$$;

create table tenants (
  id text primary key,
  tier text not null default 'free' check (tier in ('free', 'standard', 'enterprise')),
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null default now()
);
alter table tenants enable row level security;
alter table tenants force row level security;
create policy own_record on tenants for select to parley_app using (id = nullif(current_setting('app.tenant_id', true), ''));
create policy system_rows on tenants to parley_system using (true) with check (true);
grant select on tenants to parley_app;
grant select, insert, update, delete on tenants to parley_system;
