create table search_documents (
  tenant_id text not null,
  id text not null,
  title text not null,
  format text not null,
  content text not null,
  content_hash text not null,
  tags text[] not null default '{}',
  status text not null,
  problem text,
  part_count integer not null default 0,
  created_by text not null,
  created_at timestamptz not null default now(),
  indexed_at timestamptz,
  primary key (tenant_id, id)
);
create index search_documents_by_time on search_documents (tenant_id, created_at desc, id desc);
select make_tenant_table('search_documents');

-- What was indexed, for progress and for rebuilding: one row per thing.
create table search_indexed (
  tenant_id text not null,
  collection text not null,
  owner_id text not null,
  entry_count integer not null,
  model text not null,
  indexed_at timestamptz not null default now(),
  primary key (tenant_id, collection, owner_id)
);
select make_tenant_table('search_indexed');
