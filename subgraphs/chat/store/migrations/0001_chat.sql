create table chat_sessions (
  tenant_id text not null,
  id text not null,
  user_id text not null,
  title text not null,
  source_id text,
  status text not null default 'active' check (status in ('active', 'expired', 'closed', 'archived')),
  message_count integer not null default 0,
  last_ordinal integer not null default 0,
  branched_from text,
  -- One turn at a time: the turn that holds the session, until when, and whether somebody asked it to stop.
  active_run_id text,
  lease_until timestamptz,
  cancel_requested boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_activity_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index chat_sessions_by_user on chat_sessions (tenant_id, user_id, last_activity_at desc, id desc);
create index chat_sessions_leased on chat_sessions (lease_until) where active_run_id is not null;
select make_tenant_table('chat_sessions');

create table chat_messages (
  tenant_id text not null,
  id text not null,
  session_id text not null,
  ordinal integer not null,
  role text not null check (role in ('user', 'assistant')),
  status text not null check (status in ('completed', 'running', 'failed', 'cancelled', 'undone')),
  content text not null default '',
  intent text,
  run_id text,
  query_id text,
  request jsonb,
  answer jsonb,
  error jsonb,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, session_id, ordinal),
  foreign key (tenant_id, session_id) references chat_sessions (tenant_id, id) on delete cascade
);
select make_tenant_table('chat_messages');

create table chat_feedback (
  tenant_id text not null,
  id text not null,
  session_id text not null,
  message_id text not null,
  user_id text not null,
  kind text not null check (kind in ('thumbs_up', 'thumbs_down', 'rating', 'correction')),
  rating integer check (rating between 1 and 5),
  corrected_sql text,
  comment text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, message_id) references chat_messages (tenant_id, id) on delete cascade
);
create index chat_feedback_by_message on chat_feedback (tenant_id, message_id);
select make_tenant_table('chat_feedback');
