import type { ColumnType, Generated } from 'kysely';

/** Written through `json()` of the kernel, read as a value. */
type Json = ColumnType<unknown, unknown, unknown>;

export interface SourceRow {
  tenant_id: string;
  id: string;
  name: string;
  kind: string;
  status: string;
  problem: string | null;
  connection: Json;
  credentials: string | null;
  file: string | null;
  catalog: Json;
  data_version: string;
  model: Json;
  created_by: string;
  created_at: Generated<Date>;
  refreshed_at: Generated<Date>;
}

export interface QueryRow {
  tenant_id: string;
  id: string;
  source_id: string;
  user_id: string;
  session_id: string | null;
  previous_id: string | null;
  question: string | null;
  sql: string;
  dialect: string;
  plan: Json;
  engine: string | null;
  confidence: number | null;
  status: string;
  row_count: number | null;
  execution_time_ms: number | null;
  error_code: string | null;
  created_at: Generated<Date>;
}

export interface VerifiedQueryRow {
  tenant_id: string;
  id: string;
  source_id: string;
  question: string;
  sql: string;
  status: string;
  created_by: string;
  created_at: Generated<Date>;
}

export interface SqlTables {
  sql_sources: SourceRow;
  sql_queries: QueryRow;
  sql_verified_queries: VerifiedQueryRow;
}
