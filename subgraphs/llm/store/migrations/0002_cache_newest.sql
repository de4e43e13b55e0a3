-- A process reads what others have cached newest first, a page at a time.
create index llm_cache_newest on llm_cache (tenant_id, created_at, key);
