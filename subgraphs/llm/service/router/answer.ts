import type {
  LanguageModelV3Content,
  LanguageModelV3FinishReason,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from '@ai-sdk/provider';

import type { CachedAnswer } from '../cache/answer-cache';
import type { PartReader } from '../providers/part-reader';
import type { Attempt, TokenCount } from '../types';

/** What every answer of the router says about itself. */
export interface AnswerFacts {
  readonly decisionId: string;
  readonly provider: string;
  readonly model: string;
  readonly cache: 'off' | 'miss' | 'exact' | 'semantic';
  /** For the caller: a budget that is nearly spent, a text that was cut. */
  readonly warnings: readonly string[];
}

export interface Answer extends AnswerFacts {
  readonly content: readonly LanguageModelV3Content[];
  readonly text: string;
  readonly finishReason: LanguageModelV3FinishReason;
  readonly tokens: TokenCount;
  /** null where no price of the model is known. */
  readonly costUsd: number | null;
  readonly latencyMs: number;
  readonly attempts: readonly Attempt[];
}

export interface StreamedAnswer extends AnswerFacts {
  /** Ends with a `finish` part, or with an `error` part that holds the reason and the text so far. */
  readonly parts: PartReader;
}

export const textOf = (content: readonly LanguageModelV3Content[]): string =>
  content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');

export const usageOf = ({ prompt, completion }: TokenCount): LanguageModelV3Usage => ({
  inputTokens: { total: prompt, noCache: prompt, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: completion, text: completion, reasoning: undefined },
});

/** A cached answer as the stream that it once was, in one group. */
export function replay(answer: CachedAnswer): PartReader {
  let parts: readonly LanguageModelV3StreamPart[] | null = [...partsOf(answer)];
  const take = (): typeof parts => {
    const all = parts;
    parts = null;
    return all;
  };
  return { next: () => Promise.resolve(take()), cancel: () => void take() };
}

function* partsOf({ content, finishReason, promptTokens, completionTokens }: CachedAnswer): Generator<LanguageModelV3StreamPart> {
  yield { type: 'stream-start', warnings: [] };
  for (const [index, part] of content.entries()) {
    const id = String(index);
    if (part.type === 'text') {
      yield { type: 'text-start', id };
      yield { type: 'text-delta', id, delta: part.text };
      yield { type: 'text-end', id };
    } else if (part.type === 'tool-call') {
      yield { type: 'tool-input-start', id: part.toolCallId, toolName: part.toolName };
      yield { type: 'tool-input-delta', id: part.toolCallId, delta: part.input };
      yield { type: 'tool-input-end', id: part.toolCallId };
      yield part;
    }
  }
  const usage = usageOf({ prompt: promptTokens, completion: completionTokens, total: promptTokens + completionTokens });
  yield { type: 'finish', finishReason, usage };
}
