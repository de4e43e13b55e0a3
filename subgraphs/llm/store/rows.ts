import type { ColumnType } from 'kysely';

/** Written through `json()` of the kernel, read as a value. */
type Json = ColumnType<unknown, unknown, unknown>;

/** Numerics are strings on both databases. */
type Money = ColumnType<string, string | number, string | number>;

type Written<Value> = ColumnType<Value, Value | undefined, Value>;

export interface ConfigRow {
  tenant_id: string;
  version: number;
  settings: Json;
  updated_by: string;
  updated_at: Date;
}

export interface ProviderKeyRow {
  tenant_id: string;
  provider: string;
  sealed: string;
}

export interface DecisionRow {
  tenant_id: string;
  id: string;
  user_id: string;
  strategy: string;
  provider: string | null;
  model: string | null;
  status: string;
  request: Json;
  candidates: Json;
  attempts: Json;
  created_at: Date;
}

export interface CallRow {
  tenant_id: string;
  id: string;
  decision_id: string;
  user_id: string;
  usage_id: string | null;
  purpose: string;
  provider: string;
  model: string;
  streamed: boolean;
  status: 'answered' | 'cached' | 'failed' | 'interrupted' | 'cancelled';
  reason: string | null;
  cache: 'off' | 'miss' | 'exact' | 'semantic';
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd: Money;
  saved_usd: Money;
  saved_ms: number;
  latency_ms: number;
  first_token_ms: number | null;
  is_last: boolean;
  created_at: Date;
}

export interface CacheRow {
  tenant_id: string;
  key: string;
  scope: string;
  provider: string;
  model: string;
  question: string;
  embedding: number[] | null;
  answer: Json;
  tags: string[];
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd: Money;
  latency_ms: number;
  hits: Written<number>;
  created_at: Date;
  expires_at: Date;
}

export interface BudgetWarningRow {
  tenant_id: string;
  user_id: string;
  budget: string;
  period: string;
  created_at: Written<Date>;
}

export interface LlmTables {
  llm_budget_warnings: BudgetWarningRow;
  llm_configs: ConfigRow;
  llm_provider_keys: ProviderKeyRow;
  llm_decisions: DecisionRow;
  llm_calls: CallRow;
  llm_cache: CacheRow;
}
