import type { LanguageModelV3, LanguageModelV3CallOptions, LanguageModelV3StreamPart } from '@ai-sdk/provider';

import type { CallClock } from '../resilience/call-clock';
import { AttemptFailed, toAttemptFailed } from '../resilience/failure';

export interface OpenedStream {
  /** Everything up to and including the first token. */
  readonly head: readonly LanguageModelV3StreamPart[];
  readonly rest: ReadableStreamDefaultReader<LanguageModelV3StreamPart>;
  readonly firstTokenMs: number;
}

const isToken = (part: LanguageModelV3StreamPart): boolean =>
  (part.type === 'text-delta' && part.delta.length > 0) ||
  (part.type === 'reasoning-delta' && part.delta.length > 0) ||
  part.type === 'tool-input-start' ||
  part.type === 'tool-call' ||
  part.type === 'file' ||
  part.type === 'source';

/** Calls the model and reads to its first token: up to here the call may be repeated elsewhere, because nobody has seen anything of it. */
export async function openStream(model: LanguageModelV3, options: LanguageModelV3CallOptions, clock: CallClock): Promise<OpenedStream> {
  const begun = performance.now();
  const { stream } = await model.doStream({ ...options, abortSignal: clock.signal });
  const rest = stream.getReader();
  const head: LanguageModelV3StreamPart[] = [];
  try {
    for (;;) {
      const { done, value } = await rest.read();
      if (done) throw new AttemptFailed('invalid_output', { hint: 'the stream ended without a token' });
      if (value.type === 'error') throw toAttemptFailed(value.error);
      head.push(value);
      // An empty answer is one only where the provider says why it stopped.
      if (value.type === 'finish' && !isDeliberate(value.finishReason))
        throw new AttemptFailed('invalid_output', { hint: 'the answer was empty' });
      if (value.type === 'finish' || isToken(value)) {
        clock.streaming();
        return { head, rest, firstTokenMs: performance.now() - begun };
      }
    }
  } catch (error) {
    rest.cancel().catch(() => undefined);
    throw error;
  }
}

const isDeliberate = ({ unified }: { readonly unified: string }): boolean =>
  unified === 'length' || unified === 'content-filter' || unified === 'stop';
