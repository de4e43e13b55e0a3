import type {
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3FinishReason,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from '@ai-sdk/provider';

import type { PartReader } from '../providers/part-reader';
import type { CallClock } from '../resilience/call-clock';
import { AttemptFailed, CallerAborted, toAttemptFailed } from '../resilience/failure';
import type { OpenedStream } from './open-stream';
import { checkJson, checkToolCall } from './output-check';
import { OutputWatch } from './output-limits';

/** How a stream ended. */
export type StreamEnd =
  | {
      readonly how: 'finished';
      readonly usage: LanguageModelV3Usage;
      readonly finishReason: LanguageModelV3FinishReason;
      readonly cut: string | null;
    }
  | { readonly how: 'interrupted'; readonly failure: AttemptFailed }
  | { readonly how: 'cancelled' };

export interface Streamed {
  readonly text: string;
  readonly content: readonly LanguageModelV3Content[];
}

export interface RelayOptions {
  readonly opened: OpenedStream;
  readonly clock: CallClock;
  readonly options: LanguageModelV3CallOptions;
  /** Called once, whatever happens. For an interruption it gives the error that ends the stream, as its last part. */
  readonly onEnd: (end: StreamEnd, streamed: Streamed) => Error | null;
}

const noUsage: LanguageModelV3Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/**
 * Passes a provider's parts on as they arrive, at the reader's pace and without a buffer. What the provider does not finish ends with an
 * `error` part: a broken answer never looks like a short one.
 */
export function relay({ opened, clock, options, onEnd }: RelayOptions): PartReader {
  const { rest } = opened;
  const watch = new OutputWatch(options.maxOutputTokens);
  const content: LanguageModelV3Content[] = [];
  let text = '';
  let textId: string | null = null;
  let ended = false;
  /** Passed on at the next read. */
  let ready: LanguageModelV3StreamPart[] = [];
  let aborted: { readonly reason: unknown } | null = null;

  const end = (how: StreamEnd): Error | null => {
    if (ended) return null;
    ended = true;
    if (how.how !== 'finished' || how.cut) {
      rest.cancel();
      clock.abort();
    }
    return onEnd(how, { text, content: text ? [{ type: 'text', text }, ...content] : content });
  };

  const finish = (part: Extract<LanguageModelV3StreamPart, { type: 'finish' }>, cut: string | null): void => {
    end({ how: 'finished', usage: part.usage, finishReason: part.finishReason, cut });
    ready.push(part);
  };

  const interrupt = (thrown: unknown): void => {
    const explained = clock.explain(thrown);
    if (explained instanceof CallerAborted) {
      end({ how: 'cancelled' });
      aborted = { reason: explained.cause ?? explained };
      return;
    }
    const failed = toAttemptFailed(explained);
    // A socket that closes after the first token is an answer broken off, whatever closed it.
    const failure = failed.reason === 'connection' ? new AttemptFailed('interrupted', failed.facts) : failed;
    const error = end({ how: 'interrupted', failure });
    if (error) ready.push({ type: 'error', error });
  };

  const pass = (part: LanguageModelV3StreamPart): void => {
    switch (part.type) {
      case 'error':
        throw part.error;
      case 'tool-call':
        checkToolCall(part, options);
        content.push(part);
        break;
      case 'text-start':
        textId = part.id;
        break;
      case 'text-delta': {
        text += part.delta;
        const cut = watch.add(part.delta);
        if (!cut) break;
        ready.push(part);
        if (textId !== null) ready.push({ type: 'text-end', id: textId });
        return finish({ type: 'finish', usage: noUsage, finishReason: { unified: 'length', raw: cut } }, cut);
      }
      case 'finish':
        // The SDK reports a body that just ends as "other", without a word of the provider.
        if (part.finishReason.unified === 'other' && part.finishReason.raw === undefined)
          throw new AttemptFailed('interrupted', { hint: 'the stream ended without a finish' });
        if (part.finishReason.unified === 'error') throw new AttemptFailed('interrupted');
        if (part.finishReason.unified === 'stop') checkJson(text, options);
        return finish(part, null);
      default:
    }
    ready.push(part);
  };

  const passAll = (parts: readonly LanguageModelV3StreamPart[]): void => {
    try {
      for (const part of parts) if (!ended) pass(part);
    } catch (error) {
      interrupt(error);
    }
  };

  let isReading = false;
  const read = async (): Promise<void> => {
    isReading = true;
    clock.waiting(true);
    try {
      const parts = await rest.next();
      if (parts) passAll(parts);
      else throw new AttemptFailed('interrupted', { hint: 'the stream ended without a finish' });
    } catch (error) {
      interrupt(error);
    } finally {
      clock.waiting(false);
      isReading = false;
    }
  };

  // A reader that neither reads nor cancels would keep its place for ever: when the time is up the call ends, and the reader is told
  // when it comes back.
  const onAbort = (): void => {
    if (!ended && !isReading) interrupt(new AttemptFailed('timeout'));
  };
  clock.signal.addEventListener('abort', onAbort, { once: true });
  // What came with the first token is counted, whether or not anybody reads it.
  passAll(opened.head);

  return {
    async next() {
      if (ready.length === 0 && !ended) await read();
      if (ready.length > 0) {
        const parts = ready;
        ready = [];
        return parts;
      }
      if (aborted) throw aborted.reason;
      return null;
    },
    cancel: () => void end({ how: 'cancelled' }),
  };
}
