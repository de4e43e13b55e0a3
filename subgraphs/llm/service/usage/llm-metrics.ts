import type { Metrics } from '#platform/telemetry';

import type { ProviderKind } from '../types';

export interface CallMeasurement {
  readonly kind: ProviderKind;
  readonly outcome: 'answered' | 'cached' | 'failed' | 'interrupted' | 'cancelled';
  readonly seconds: number;
  readonly firstTokenSeconds: number | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
}

const tokenBuckets = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144];
const secondBuckets = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/** OpenTelemetry's names for the kinds of provider (GenAI semantic conventions, `gen_ai.provider.name`). */
export const genAiName: Readonly<Record<ProviderKind, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'gcp.gemini',
  bedrock: 'aws.bedrock',
  azure: 'azure.ai.openai',
  openai_compatible: 'openai_compatible',
  local: 'llama.cpp',
  builtin: 'parley',
};

export interface LlmMetrics {
  record(call: CallMeasurement): void;
  dropped(entries: number): void;
}

/** Labels are provider kinds only: names of providers and models are chosen by tenants, and would have no bound. */
export function createLlmMetrics(metrics: Metrics): LlmMetrics {
  const calls = metrics.counter('parley_llm_calls_total', 'Attempts at models and answers from the cache.', ['provider', 'outcome']);
  const cost = metrics.counter('parley_llm_cost_usd_total', 'Money spent on models, USD.', ['provider']);
  const lost = metrics.counter('parley_llm_call_log_dropped_total', 'Entries of the call log that could not be kept.');
  const duration = metrics.histogram('gen_ai_client_operation_duration_seconds', 'GenAI operation duration.', {
    labels: ['gen_ai_provider_name', 'gen_ai_operation_name', 'error_type'],
    buckets: secondBuckets,
  });
  const firstToken = metrics.histogram('gen_ai_server_time_to_first_token_seconds', 'Time to the first token of a stream.', {
    labels: ['gen_ai_provider_name'],
    buckets: secondBuckets,
  });
  const tokens = metrics.histogram('gen_ai_client_token_usage', 'Tokens of a call.', {
    labels: ['gen_ai_provider_name', 'gen_ai_token_type'],
    buckets: tokenBuckets,
  });
  return {
    record({ kind, outcome, seconds, firstTokenSeconds, promptTokens, completionTokens, costUsd }) {
      const provider = genAiName[kind];
      calls.inc({ provider, outcome });
      if (costUsd > 0) cost.inc({ provider }, costUsd);
      duration.observe(
        {
          gen_ai_provider_name: provider,
          gen_ai_operation_name: 'chat',
          error_type: outcome === 'answered' || outcome === 'cached' ? '' : outcome,
        },
        seconds,
      );
      if (firstTokenSeconds !== null) firstToken.observe({ gen_ai_provider_name: provider }, firstTokenSeconds);
      if (promptTokens > 0) tokens.observe({ gen_ai_provider_name: provider, gen_ai_token_type: 'input' }, promptTokens);
      if (completionTokens > 0) tokens.observe({ gen_ai_provider_name: provider, gen_ai_token_type: 'output' }, completionTokens);
    },
    dropped: (entries) => lost.inc(entries),
  };
}
