import type { BudgetSettings, CacheSettings, LlmSettings, ProviderSettings, TimeoutSettings } from '../types';

export const defaultTimeouts: TimeoutSettings = { firstTokenMs: 20_000, idleMs: 15_000, totalMs: 120_000 };
export const defaultCache: CacheSettings = { mode: 'exact', ttlSeconds: 3_600, threshold: 0.95, maxTemperature: 0.5 };
export const noBudget: BudgetSettings = { monthlyUsd: null, dailyTokens: null, userMonthlyUsd: null, userDailyTokens: null };

export const builtinProvider: ProviderSettings = {
  name: 'builtin',
  kind: 'builtin',
  enabled: true,
  priority: 1_000,
  models: ['parley-builtin'],
  baseUrl: null,
  region: null,
  apiVersion: null,
  rateLimitRpm: null,
  maxTokens: null,
  maxConcurrent: 32,
  overrides: [],
  origin: 'deployment',
};

/** What holds for a tenant that has configured nothing: the operator's providers, and the built-in engine. */
export const initialSettings = (deployment: readonly ProviderSettings[]): LlmSettings => ({
  version: 0,
  defaultStrategy: 'quality_optimized',
  providers: [...deployment, builtinProvider],
  fallbackChain: [],
  budget: noBudget,
  cache: defaultCache,
  timeouts: defaultTimeouts,
  maxRetries: 1,
});
