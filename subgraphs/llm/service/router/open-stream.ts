import type { LanguageModelV3CallOptions, LanguageModelV3StreamPart } from '@ai-sdk/provider';

import { readParts, type PartReader, type RouterModel } from '../providers/part-reader';
import type { CallClock } from '../resilience/call-clock';
import { AttemptFailed, toAttemptFailed } from '../resilience/failure';

export interface OpenedStream {
  /** Everything up to the first token, and what came together with it. */
  readonly head: readonly LanguageModelV3StreamPart[];
  readonly rest: PartReader;
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
export async function openStream(model: RouterModel, options: LanguageModelV3CallOptions, clock: CallClock): Promise<OpenedStream> {
  const begun = performance.now();
  const rest = await readParts(model, Object.assign({}, options, { abortSignal: clock.signal }));
  const head: LanguageModelV3StreamPart[] = [];
  try {
    for (;;) {
      const parts = await rest.next();
      if (!parts) throw new AttemptFailed('invalid_output', { hint: 'the stream ended without a token' });
      head.push(...parts);
      if (!parts.some(beginsAnswer)) continue;
      clock.streaming();
      return { head, rest, firstTokenMs: performance.now() - begun };
    }
  } catch (error) {
    rest.cancel();
    throw error;
  }
}

/** True for what must be passed on. Throws for an end without a token. */
function beginsAnswer(part: LanguageModelV3StreamPart): boolean {
  if (part.type === 'error') throw toAttemptFailed(part.error);
  // An empty answer is one only where the provider says why it stopped.
  if (part.type === 'finish' && !isDeliberate(part.finishReason))
    throw new AttemptFailed('invalid_output', { hint: 'the answer was empty' });
  return part.type === 'finish' || isToken(part);
}

const isDeliberate = ({ unified }: { readonly unified: string }): boolean =>
  unified === 'length' || unified === 'content-filter' || unified === 'stop';
