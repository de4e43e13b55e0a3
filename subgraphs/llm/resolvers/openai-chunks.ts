import type { LanguageModelV3StreamPart, LanguageModelV3Usage } from '@ai-sdk/provider';

import type { Answer, AnswerFacts } from '../service/router/answer';

import { finishReasonOf, toolCallsOf } from './present';

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

const usage = (prompt: number, completion: number): Usage => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
});
const now = (): number => Math.floor(Date.now() / 1_000);
const nameOf = ({ provider, model }: AnswerFacts): string => `${provider}/${model}`;

/** A whole answer as `chat.completion`. */
export function toCompletion(answer: Answer): object {
  const toolCalls = toolCallsOf(answer.content);
  return {
    id: `chatcmpl-${answer.decisionId}`,
    object: 'chat.completion',
    created: now(),
    model: nameOf(answer),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: toolCalls.length > 0 && answer.text === '' ? null : answer.text,
          refusal: null,
          ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
        },
        logprobs: null,
        finish_reason: finishReasonOf(answer.finishReason),
      },
    ],
    usage: usage(answer.tokens.prompt, answer.tokens.completion),
  };
}

const event = (json: string): string => `data: ${json}\n\n`;

/** Turns the parts of a stream into events of `chat.completion.chunk` objects, one by one as they come. */
export class ChunkWriter {
  private readonly base: { readonly id: string; readonly object: string; readonly created: number; readonly model: string };
  /** Before and after a piece of text: all chunks but the first are alike around it. */
  private readonly frame: readonly [string, string];
  private readonly tools = new Map<string, number>();
  private hasRole = false;

  constructor(
    facts: AnswerFacts,
    private readonly includeUsage: boolean,
  ) {
    this.base = { id: `chatcmpl-${facts.decisionId}`, object: 'chat.completion.chunk', created: now(), model: nameOf(facts) };
    const [before = '', after = ''] = JSON.stringify(this.choice({ content: '' })).split('""');
    this.frame = [before, after];
  }

  /** Ready to be sent; empty where OpenAI has no word for the part. */
  of(part: LanguageModelV3StreamPart): string {
    if (part.type === 'text-delta' && this.hasRole && part.delta) return event(this.frame[0] + JSON.stringify(part.delta) + this.frame[1]);
    return this.chunks(part)
      .map((chunk) => event(JSON.stringify(chunk)))
      .join('');
  }

  private chunks(part: LanguageModelV3StreamPart): readonly object[] {
    switch (part.type) {
      case 'text-delta':
        return part.delta ? [this.chunk({ content: part.delta })] : [];
      case 'reasoning-delta':
        return part.delta ? [this.chunk({ reasoning_content: part.delta })] : [];
      case 'tool-input-start':
        this.tools.set(part.id, this.tools.size);
        return [
          this.chunk({
            tool_calls: [
              { index: this.tools.get(part.id), id: part.id, type: 'function', function: { name: part.toolName, arguments: '' } },
            ],
          }),
        ];
      case 'tool-input-delta':
        return [this.chunk({ tool_calls: [{ index: this.tools.get(part.id) ?? 0, function: { arguments: part.delta } }] })];
      case 'tool-call': {
        // Streamed before, piece by piece; providers that do not stream arguments give the call only here.
        if (this.tools.has(part.toolCallId)) return [];
        this.tools.set(part.toolCallId, this.tools.size);
        const call = {
          index: this.tools.get(part.toolCallId),
          id: part.toolCallId,
          type: 'function',
          function: { name: part.toolName, arguments: part.input },
        };
        return [this.chunk({ tool_calls: [call] })];
      }
      case 'finish':
        return [this.chunk({}, finishReasonOf(part.finishReason)), ...(this.includeUsage ? [this.usage(part.usage)] : [])];
      default:
        return [];
    }
  }

  private chunk(delta: object, finishReason: string | null = null): object {
    const role = this.hasRole ? {} : { role: 'assistant' };
    this.hasRole = true;
    return this.choice(Object.assign(role, delta), finishReason);
  }

  private choice(delta: object, finishReason: string | null = null): object {
    return Object.assign({}, this.base, {
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      ...(this.includeUsage ? { usage: null } : {}),
    });
  }

  private usage({ inputTokens, outputTokens }: LanguageModelV3Usage): object {
    return Object.assign({}, this.base, { choices: [], usage: usage(inputTokens.total ?? 0, outputTokens.total ?? 0) });
  }
}
