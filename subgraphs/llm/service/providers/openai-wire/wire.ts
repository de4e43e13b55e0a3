import {
  InvalidResponseDataError,
  type LanguageModelV3FinishReason,
  type LanguageModelV3Source,
  type LanguageModelV3Usage,
} from '@ai-sdk/provider';

/** What is read of OpenAI's chat wire, as it may arrive: every provider leaves some of it out. */
export interface WireMessage {
  /** Mistral's reasoning models send a list of typed pieces. */
  readonly content?: string | readonly WirePiece[] | null;
  readonly reasoning_content?: string | null;
  readonly reasoning?: string | null;
  /** In place of content where the model refuses; some servers send `false` for none. */
  readonly refusal?: unknown;
  readonly tool_calls?: readonly unknown[] | null;
  readonly annotations?: readonly WireAnnotation[] | null;
}

interface WirePiece {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: readonly { readonly type: string; readonly text?: string }[];
}

interface WireAnnotation {
  readonly type?: string;
  readonly url_citation?: { readonly url: string; readonly title?: string };
}

export interface WireUsage {
  readonly prompt_tokens?: number | null;
  readonly completion_tokens?: number | null;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
}

export interface WireChunk {
  readonly error?: unknown;
  readonly choices?: readonly ({ readonly delta?: WireMessage | null; readonly finish_reason?: string | null } | undefined)[] | null;
  readonly usage?: WireUsage | null;
}

export interface WireCompletion {
  readonly choices?: readonly ({ readonly message?: WireMessage | null; readonly finish_reason?: string | null } | undefined)[] | null;
  readonly usage?: WireUsage | null;
}

export interface WireText {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

export const unreadable = (data: unknown, message: string): Error => new InvalidResponseDataError({ data, message });

/** A message's reasoning, text and refusal, in this order. Throws where they are of another shape, or where tools are called that nobody offered. */
export function textsOf(message: WireMessage): readonly WireText[] {
  const texts: WireText[] = [];
  const add = (type: WireText['type'], text: unknown): void => {
    if (text === undefined || text === null || text === '') return;
    if (typeof text !== 'string') throw unreadable(message, 'a text of the answer is no text');
    texts.push({ type, text });
  };
  add('reasoning', message.reasoning_content ?? message.reasoning);
  if (Array.isArray(message.content)) {
    for (const piece of message.content as readonly WirePiece[]) {
      if (piece.type === 'text') add('text', piece.text);
      else if (piece.type === 'thinking') for (const thought of piece.thinking ?? []) add('reasoning', thought.text);
    }
  } else add('text', message.content);
  if (typeof message.refusal === 'string') add('text', message.refusal);
  if (message.tool_calls && message.tool_calls.length > 0) throw unreadable(message, 'the model called a tool, and was given none');
  return texts;
}

export const sourcesOf = ({ annotations }: WireMessage): readonly LanguageModelV3Source[] =>
  (annotations ?? []).flatMap(({ url_citation: cited }, index) =>
    cited ? [{ type: 'source', sourceType: 'url', id: String(index), url: cited.url, ...(cited.title ? { title: cited.title } : {}) }] : [],
  );

const reasons: Readonly<Record<string, LanguageModelV3FinishReason['unified']>> = {
  stop: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
};

export const finishOf = (raw: string | null | undefined, wasRefused: boolean): LanguageModelV3FinishReason => ({
  unified: wasRefused && raw === 'stop' ? 'content-filter' : (reasons[raw ?? ''] ?? 'other'),
  raw: raw ?? undefined,
});

export function usageFrom(usage: WireUsage | null | undefined): LanguageModelV3Usage {
  if (!usage) {
    return {
      inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    };
  }
  const [prompt, completion] = [usage.prompt_tokens ?? 0, usage.completion_tokens ?? 0];
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    inputTokens: { total: prompt, noCache: prompt - cached, cacheRead: cached, cacheWrite: undefined },
    outputTokens: { total: completion, text: Math.max(0, completion - reasoning), reasoning },
  };
}
