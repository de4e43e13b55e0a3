import type { LanguageModelV3Content, LanguageModelV3FinishReason } from '@ai-sdk/provider';

import type { LlmAnswer } from '../schema/answer.type';
import type { UpdateLlmConfigInput } from '../schema/config.input';
import type { LlmConfig } from '../schema/config.type';
import type { RoutingCandidate, RoutingDecision } from '../schema/decision.type';
import type { LlmModelPerformance, LlmProviderHealth, LlmUsage } from '../schema/usage.type';
import type { ConfigChange } from '../service/config/config-change';
import type { ConfigView } from '../service/config/config.service';
import type { Decision } from '../service/decision.service';
import type { Answer } from '../service/router/answer';
import type { Verdict } from '../service/strategy/facts';
import type { PerformanceRow, ProviderHealth, SubjectUsageRow, UsageReport } from '../service/usage/usage.service';

/** OpenAI's word for why an answer ended. */
export const finishReasonOf = ({ unified }: LanguageModelV3FinishReason): string => unified.replace('-', '_');

/** Tool calls in OpenAI's shape. */
export const toolCallsOf = (
  content: readonly LanguageModelV3Content[],
): { id: string; type: 'function'; function: { name: string; arguments: string } }[] =>
  content.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ id: part.toolCallId, type: 'function' as const, function: { name: part.toolName, arguments: part.input } }]
      : [],
  );

export function toAnswer(answer: Answer): LlmAnswer {
  const toolCalls = toolCallsOf(answer.content);
  return {
    content: answer.text,
    toolCalls: toolCalls.length > 0 ? toolCalls : null,
    finishReason: finishReasonOf(answer.finishReason),
    provider: answer.provider,
    model: answer.model,
    tokensUsed: answer.tokens,
    latencyMs: answer.latencyMs,
    costEstimateUsd: answer.costUsd,
    routingDecisionId: answer.decisionId,
    attempts: answer.attempts,
    cacheHit: answer.cache === 'exact' || answer.cache === 'semantic',
    warnings: answer.warnings,
  };
}

export const toCandidate = ({ facts, eligible, score, rank, reasons }: Verdict): RoutingCandidate => ({
  provider: facts.provider,
  model: facts.model,
  eligible,
  score,
  rank,
  reasons,
  facts,
});

export const toDecision = ({ candidates, ...decision }: Decision): RoutingDecision => ({
  ...decision,
  candidates: candidates.map(toCandidate),
});

export function toConfig({ budget, withKey, ...config }: ConfigView): LlmConfig {
  return {
    version: config.version,
    defaultStrategy: config.defaultStrategy,
    providers: config.providers.map(({ origin, ...provider }) => ({
      ...provider,
      baseUrl: origin === 'deployment' ? null : provider.baseUrl,
      hasKey: origin === 'tenant' && withKey.has(provider.name),
      isShared: origin === 'deployment',
    })),
    fallbackChain: config.fallbackChain,
    budgetLimitUsd: budget.monthlyUsd,
    dailyTokenLimit: budget.dailyTokens,
    userBudgetLimitUsd: budget.userMonthlyUsd,
    userDailyTokenLimit: budget.userDailyTokens,
    cache: config.cache,
    timeouts: config.timeouts,
    maxRetries: config.maxRetries,
    updatedAt: config.updatedAt,
  };
}

export function toChange({
  budgetLimitUsd,
  dailyTokenLimit,
  userBudgetLimitUsd,
  userDailyTokenLimit,
  ...change
}: UpdateLlmConfigInput): ConfigChange {
  const budget = {
    monthlyUsd: budgetLimitUsd,
    dailyTokens: dailyTokenLimit,
    userMonthlyUsd: userBudgetLimitUsd,
    userDailyTokens: userDailyTokenLimit,
  };
  // The schema's enums allow exactly the values of the service's unions.
  return { ...(change as ConfigChange), budget };
}

export const toUsage = (id: string, row: SubjectUsageRow): LlmUsage => ({
  id,
  requests: row.requests,
  promptTokens: row.prompt_tokens,
  completionTokens: row.completion_tokens,
  totalTokens: row.prompt_tokens + row.completion_tokens,
  costUsd: row.cost_usd,
  models: row.models,
});

export const toTenantUsage = (id: string, report: UsageReport): LlmUsage => ({
  id,
  requests: report.requests,
  promptTokens: report.promptTokens,
  completionTokens: report.completionTokens,
  totalTokens: report.promptTokens + report.completionTokens,
  costUsd: report.costUsd,
  models: [...new Set(report.byModel.map(({ model }) => model))],
});

/** A tenth of a millisecond is more than a latency is good for. */
const tenth = <Value extends number | null>(value: Value): Value => (value === null ? value : Math.round(value * 10) / 10) as Value;

export const toPerformance = (row: PerformanceRow): LlmModelPerformance => ({
  provider: row.provider,
  model: row.model,
  attempts: row.attempts,
  errorRate: row.attempts === 0 ? 0 : row.failed / row.attempts,
  latencyP50Ms: tenth(row.p50),
  latencyP95Ms: tenth(row.p95),
  latencyP99Ms: tenth(row.p99),
  firstTokenP50Ms: tenth(row.first_token_p50),
  firstTokenP95Ms: tenth(row.first_token_p95),
  tokensPerSecond: tenth(row.tokens_per_second),
});

export const toHealth = ({ target, status, reasons, recent }: ProviderHealth): LlmProviderHealth => {
  const { breaker, waitMs, errorRate, firstTokenMs } = target.guard.facts;
  return {
    provider: target.provider.name,
    kind: target.provider.kind,
    model: target.model,
    status,
    reasons,
    breaker,
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
    errorRate,
    firstTokenMs: tenth(firstTokenMs),
    recentAttempts: recent?.attempts ?? 0,
  };
};
