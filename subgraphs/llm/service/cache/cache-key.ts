import { createHash } from 'node:crypto';

import type { LanguageModelV3CallOptions } from '@ai-sdk/provider';

import { lastQuestion } from '../providers/builtin-model';

export interface CacheKey {
  /** The whole request. */
  readonly key: string;
  /** The whole request but for the wording of the last question: within one scope, similar wordings may share an answer. */
  readonly scope: string;
  /** Empty where the last message is not a plain question, and only the exact request counts. */
  readonly question: string;
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url');

/**
 * The identity of a request for the cache. The tenant is not in it: it is the first column of the table and of every index here, so two
 * tenants never meet whatever they ask. Built-in answers depend on the data and on who asks, and are not cached at all.
 */
export function cacheKey(provider: string, model: string, options: LanguageModelV3CallOptions): CacheKey {
  const {
    prompt,
    maxOutputTokens,
    temperature,
    stopSequences,
    topP,
    topK,
    presencePenalty,
    frequencyPenalty,
    responseFormat,
    seed,
    tools,
    toolChoice,
  } = options;
  const parameters = {
    maxOutputTokens,
    temperature,
    stopSequences,
    topP,
    topK,
    presencePenalty,
    frequencyPenalty,
    responseFormat,
    seed,
    tools,
    toolChoice,
  };
  const last = prompt.at(-1);
  const isQuestion = last?.role === 'user' && last.content.every((part) => part.type === 'text');
  const earlier = isQuestion ? prompt.slice(0, -1) : prompt;
  const scope = digest([provider, model, parameters, earlier]);
  const question = isQuestion ? lastQuestion(prompt) : '';
  return { scope, question, key: digest([scope, isQuestion ? last.content.map((part) => (part.type === 'text' ? part.text : '')) : null]) };
}
