alter table ml_feature_sets add column latest_event_at timestamptz;
alter table ml_feature_sets add column entity_count integer;
