import type { LanguageModelV3CallOptions } from '@ai-sdk/provider';

export const strategies = ['cost_optimized', 'latency_optimized', 'quality_optimized', 'round_robin', 'fallback'] as const;
export type Strategy = (typeof strategies)[number];

export const providerKinds = ['openai', 'anthropic', 'google', 'bedrock', 'azure', 'openai_compatible', 'local', 'builtin'] as const;
export type ProviderKind = (typeof providerKinds)[number];

/** What a tenant knows better than our tables: a negotiated price, a private model's window, its own ranking. */
export interface ModelOverride {
  readonly model: string;
  readonly inputUsdPerMillion?: number;
  readonly outputUsdPerMillion?: number;
  /** 0 to 100. */
  readonly quality?: number;
  readonly contextTokens?: number;
  readonly tools?: boolean;
  readonly json?: boolean;
}

export interface ProviderSettings {
  /** Unique in the tenant's configuration; what decisions and usage are grouped by. */
  readonly name: string;
  readonly kind: ProviderKind;
  readonly enabled: boolean;
  /** Smaller is tried first by `fallback` and breaks ties elsewhere. */
  readonly priority: number;
  readonly models: readonly string[];
  readonly baseUrl: string | null;
  /** AWS region for Bedrock, API version for Azure. */
  readonly region: string | null;
  readonly apiVersion: string | null;
  readonly rateLimitRpm: number | null;
  /** Largest answer asked of this provider, in tokens. */
  readonly maxTokens: number | null;
  /** Calls at once to one model of this provider, in one process. */
  readonly maxConcurrent: number;
  readonly overrides: readonly ModelOverride[];
  /** `deployment`: given by the operator for all tenants, so its address is trusted and its breaker shared. */
  readonly origin: 'tenant' | 'deployment';
}

export interface BudgetSettings {
  readonly monthlyUsd: number | null;
  readonly dailyTokens: number | null;
  readonly userMonthlyUsd: number | null;
  readonly userDailyTokens: number | null;
}

export interface CacheSettings {
  readonly mode: 'off' | 'exact' | 'semantic';
  readonly ttlSeconds: number;
  /** Cosine similarity from which another wording counts as the same question. */
  readonly threshold: number;
  /** Requests above this temperature ask for variety and are not cached; an unset temperature is cached. */
  readonly maxTemperature: number;
}

export interface TimeoutSettings {
  readonly firstTokenMs: number;
  /** Between two parts of a stream. */
  readonly idleMs: number;
  readonly totalMs: number;
}

export interface LlmSettings {
  /** 0 where nothing was ever stored. */
  readonly version: number;
  readonly defaultStrategy: Strategy;
  readonly providers: readonly ProviderSettings[];
  /** `provider` or `provider/model`, in the order that `fallback` tries them. */
  readonly fallbackChain: readonly string[];
  readonly budget: BudgetSettings;
  readonly cache: CacheSettings;
  readonly timeouts: TimeoutSettings;
  /** Further tries of one model before the first token. */
  readonly maxRetries: number;
}

/** One request to the router, whichever door it came through. */
export interface RouteCall {
  readonly options: LanguageModelV3CallOptions;
  readonly stream: boolean;
  readonly strategy?: Strategy;
  /** `provider/model`, a model that several providers may offer, or nothing: any. */
  readonly model?: string;
  /** @default 'auto' */
  readonly cache?: 'auto' | 'off';
  /** Tables and labels that the answer depends on; `invalidate` drops cached answers by them. */
  readonly tags?: readonly string[];
  /** What the call is for, in a word: `route`, `openai`, `sql`, `chat`, `agent`. Groups usage. */
  readonly purpose: string;
  /** The message or run that this call belongs to: the id of its `LlmUsage`. */
  readonly usageId?: string;
}

/** Why an attempt failed, in the words of `LLM_UNAVAILABLE`'s details. */
export const failureReasons = [
  'timeout',
  'rate_limited',
  'server_error',
  'connection',
  'invalid_output',
  'unauthorized',
  'bad_request',
  'address_refused',
  'not_loaded',
  'breaker_open',
  'overloaded',
  'interrupted',
  'not_eligible',
] as const;
export type FailureReason = (typeof failureReasons)[number];

export interface Attempt {
  readonly provider: string;
  readonly model: string;
  readonly outcome: 'answered' | 'failed' | 'interrupted' | 'cancelled';
  readonly reason: FailureReason | null;
  readonly latencyMs: number;
  /** HTTP status of the provider, where there was one. */
  readonly status: number | null;
}

export interface TokenCount {
  readonly prompt: number;
  readonly completion: number;
  readonly total: number;
}
