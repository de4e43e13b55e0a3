-- Of a run's metrics, 95 %: {metric: {low, high}}; empty where none were measured.
alter table ml_experiment_runs add column intervals jsonb not null default '{}';
