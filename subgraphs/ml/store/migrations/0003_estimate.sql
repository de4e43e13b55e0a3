alter table ml_jobs add column estimated_seconds double precision;
