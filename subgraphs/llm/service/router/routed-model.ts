import type { LanguageModelV3, SharedV3ProviderMetadata } from '@ai-sdk/provider';

import type { Caller } from '#platform/auth';

import { streamOf, type PartReader } from '../providers/part-reader';
import type { RouteCall } from '../types';
import { usageOf, type AnswerFacts } from './answer';
import type { LlmRouter } from './llm-router';

/** What a domain says about the calls it will make with one model. */
export type ModelOptions = Partial<Pick<RouteCall, 'strategy' | 'model' | 'cache' | 'tags' | 'purpose' | 'usageId'>>;

const metadata = ({ decisionId, provider, model, cache }: AnswerFacts): SharedV3ProviderMetadata => ({
  parley: { decisionId, provider, model, cacheHit: cache === 'exact' || cache === 'semantic' },
});

/** The router in the shape that the AI SDK calls: budget, cache, fallback and records included. `providerMetadata.parley` says what was decided. */
export function routedModel(router: LlmRouter, caller: Caller, options: ModelOptions): LanguageModelV3 {
  const shared = { purpose: 'internal', ...options };
  return {
    specificationVersion: 'v3',
    provider: 'parley',
    modelId: options.model ?? 'auto',
    // Links are the provider's to open: the SDK would otherwise fetch them from inside our network.
    supportedUrls: { '*/*': [/^https?:\/\//] },
    async doGenerate(call) {
      const answer = await router.generate(caller, { options: call, stream: false, ...shared });
      const { content, finishReason, tokens, model } = answer;
      return {
        content: [...content],
        finishReason,
        usage: usageOf(tokens),
        warnings: [],
        providerMetadata: metadata(answer),
        response: { modelId: model },
      };
    },
    async doStream(call) {
      const answer = await router.stream(caller, { options: call, stream: true, ...shared });
      const { parts } = answer;
      const about = metadata(answer);
      const told: PartReader = {
        next: async () =>
          (await parts.next())?.map((part) =>
            part.type === 'finish' ? Object.assign({}, part, { providerMetadata: { ...part.providerMetadata, ...about } }) : part,
          ) ?? null,
        cancel: () => parts.cancel(),
      };
      return { stream: streamOf(told) };
    },
  };
}
