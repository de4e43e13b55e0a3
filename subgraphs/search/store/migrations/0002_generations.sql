-- Whose vectors answer for a tenant, and whose are being filled beside them.
create table search_generations (
  tenant_id text not null,
  model text not null,
  dimension integer not null,
  state text not null check (state in ('serving', 'filling', 'retired')),
  since timestamptz not null default now(),
  primary key (tenant_id, model)
);
create unique index search_generations_serving on search_generations (tenant_id) where state = 'serving';
select make_tenant_table('search_generations');

-- Everything that is searchable, known from its first event on. Who indexes a thing raises its revision first and looks again
-- afterwards: where it was raised meanwhile, what was read may be old.
create table search_things (
  tenant_id text not null,
  kind text not null check (kind in ('source', 'conversation', 'dashboard', 'document')),
  owner_id text not null,
  revision bigint not null default 1,
  primary key (tenant_id, kind, owner_id)
);
select make_tenant_table('search_things');

-- One row per thing, collection and model. `embedded` is false where the model was gone and only the words were kept.
alter table search_indexed drop constraint search_indexed_pkey;
alter table search_indexed add primary key (tenant_id, collection, owner_id, model);
alter table search_indexed add column embedded boolean not null default true;

set local role parley_system;
insert into search_generations (tenant_id, model, dimension, state)
  select distinct on (tenant_id) tenant_id, model, 512, 'serving' from search_indexed order by tenant_id, indexed_at desc;
insert into search_things (tenant_id, kind, owner_id)
  select distinct tenant_id,
    case collection when 'knowledge' then 'document' when 'conversations' then 'conversation' when 'dashboards' then 'dashboard' else 'source' end,
    owner_id
  from search_indexed;
reset role;
