import type { ColumnType, Generated } from 'kysely';

/** Written through `json()` of the kernel, read as a value. */
type Json = ColumnType<unknown, unknown, unknown>;
/** One that may be left out of an insert. */
type OptionalJson = ColumnType<unknown, unknown | undefined, unknown>;

export interface JobRow {
  tenant_id: string;
  id: string;
  model_name: string;
  kind: Generated<string>;
  sweep_id: string | null;
  request: Json;
  owner: Json;
  status: string;
  progress: Generated<number>;
  log: Json;
  result: Json;
  metrics: Json;
  error: string | null;
  model_id: string | null;
  version: number | null;
  queue_job_id: string | null;
  /** Null where nothing tells. */
  estimated_seconds: number | null;
  created_at: Generated<Date>;
  started_at: Date | null;
  ended_at: Date | null;
}

export interface ModelRow {
  tenant_id: string;
  id: string;
  name: string;
  task: string;
  tags: string[];
  aliases: Json;
  deployment: Json;
  created_by: string;
  created_at: Generated<Date>;
}

export interface VersionRow {
  tenant_id: string;
  model_id: string;
  version: number;
  stage: Generated<string>;
  requested_stage: string | null;
  requested_by: string | null;
  algorithm: string;
  document: Json;
  metrics: Json;
  details: Json;
  lineage: Json;
  baseline: Json;
  job_id: string | null;
  created_by: string;
  created_at: Generated<Date>;
}

export interface PredictionRow {
  tenant_id: string;
  id: string;
  model_id: string;
  version: number;
  role: string;
  features: Json;
  prediction: Json;
  latency_ms: number;
  made_at: Generated<Date>;
}

export interface FeatureSetRow {
  tenant_id: string;
  id: string;
  name: string;
  source_id: string;
  definition: Json;
  materialised_at: Date | null;
  /** Of the features online; null while there are none. */
  latest_event_at: Date | null;
  entity_count: number | null;
  schedule: Json;
  schedule_owner: Json;
  materialise_error: string | null;
  created_by: string;
  created_at: Generated<Date>;
}

export interface FeatureRow {
  tenant_id: string;
  feature_set_id: string;
  entity_key: string;
  features: Json;
  event_time: Date;
}

export interface ExperimentRow {
  tenant_id: string;
  id: string;
  name: string;
  description: string | null;
  created_by: string;
  created_at: Generated<Date>;
}

export interface ExperimentRunRow {
  tenant_id: string;
  id: string;
  experiment_id: string;
  name: string;
  parameters: Json;
  metrics: Json;
  /** 95 % of metrics: {metric: {low, high}}. */
  intervals: OptionalJson;
  tags: Json;
  artifacts: Json;
  created_by: string;
  created_at: Generated<Date>;
}

export interface MlTables {
  ml_jobs: JobRow;
  ml_models: ModelRow;
  ml_versions: VersionRow;
  ml_predictions: PredictionRow;
  ml_feature_sets: FeatureSetRow;
  ml_feature_rows: FeatureRow;
  ml_experiments: ExperimentRow;
  ml_experiment_runs: ExperimentRunRow;
}
