-- When the online store is filled by itself: {cron, timezone}, and who asked for it.
alter table ml_feature_sets add column schedule jsonb;
alter table ml_feature_sets add column schedule_owner jsonb;
-- Why the last scheduled fill failed; null once one succeeded.
alter table ml_feature_sets add column materialise_error text;
