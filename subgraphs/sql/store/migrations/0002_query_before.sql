-- The query that a follow-up edited: "undo" walks back along it.
alter table sql_queries add column previous_id text;
