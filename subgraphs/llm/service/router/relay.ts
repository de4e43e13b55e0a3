import type {
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3FinishReason,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from '@ai-sdk/provider';

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
 * Passes a provider's stream on part by part, at the reader's pace and without a buffer. What the provider does not finish ends with an
 * `error` part: a broken answer never looks like a short one.
 */
export function relay({ opened, clock, options, onEnd }: RelayOptions): ReadableStream<LanguageModelV3StreamPart> {
  const { rest } = opened;
  const watch = new OutputWatch(options.maxOutputTokens);
  const content: LanguageModelV3Content[] = [];
  let text = '';
  let head: readonly LanguageModelV3StreamPart[] | null = opened.head;
  let ended = false;
  let textId: string | null = null;

  const end = (how: StreamEnd): Error | null => {
    if (ended) return null;
    ended = true;
    if (how.how !== 'finished' || how.cut) {
      rest.cancel().catch(() => undefined);
      clock.abort();
    }
    return onEnd(how, { text, content: text ? [{ type: 'text', text }, ...content] : content });
  };

  // A reader that neither reads nor cancels would keep its place for ever: when the time is up the call ends, and the reader is told
  // when it comes back.
  let isReading = false;
  let missed: { readonly error: Error | null; readonly aborted?: unknown } | null = null;
  const onAbort = (): void => {
    if (ended || isReading) return;
    const explained = clock.explain(new AttemptFailed('timeout'));
    if (explained instanceof CallerAborted) {
      end({ how: 'cancelled' });
      missed = { error: null, aborted: explained.cause ?? explained };
    } else missed = { error: end({ how: 'interrupted', failure: toAttemptFailed(explained) }) };
  };
  clock.signal.addEventListener('abort', onAbort, { once: true });

  const interrupt = (controller: ReadableStreamDefaultController<LanguageModelV3StreamPart>, thrown: unknown): void => {
    const explained = clock.explain(thrown);
    if (explained instanceof CallerAborted) {
      end({ how: 'cancelled' });
      controller.error(explained.cause ?? explained);
      return;
    }
    const failed = toAttemptFailed(explained);
    // A socket that closes after the first token is an answer broken off, whatever closed it.
    const failure = failed.reason === 'connection' ? new AttemptFailed('interrupted', failed.facts) : failed;
    const error = end({ how: 'interrupted', failure });
    if (error) controller.enqueue({ type: 'error', error });
    controller.close();
  };

  /** True where the stream has ended with this part. */
  const pass = (part: LanguageModelV3StreamPart, controller: ReadableStreamDefaultController<LanguageModelV3StreamPart>): boolean => {
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
        controller.enqueue(part);
        if (textId !== null) controller.enqueue({ type: 'text-end', id: textId });
        finish(controller, { usage: noUsage, finishReason: { unified: 'length', raw: cut }, cut });
        return true;
      }
      case 'finish':
        // The SDK reports a body that just ends as "other", without a word of the provider.
        if (part.finishReason.unified === 'other' && part.finishReason.raw === undefined)
          throw new AttemptFailed('interrupted', { hint: 'the stream ended without a finish' });
        if (part.finishReason.unified === 'error') throw new AttemptFailed('interrupted');
        if (part.finishReason.unified === 'stop') checkJson(text, options);
        finish(controller, { usage: part.usage, finishReason: part.finishReason, cut: null }, part);
        return true;
      default:
    }
    controller.enqueue(part);
    return false;
  };

  const finish = (
    controller: ReadableStreamDefaultController<LanguageModelV3StreamPart>,
    outcome: Omit<Extract<StreamEnd, { how: 'finished' }>, 'how'>,
    part: LanguageModelV3StreamPart = { type: 'finish', usage: outcome.usage, finishReason: outcome.finishReason },
  ): void => {
    end({ how: 'finished', ...outcome });
    controller.enqueue(part);
    controller.close();
  };

  return new ReadableStream<LanguageModelV3StreamPart>(
    {
      async pull(controller) {
        if (missed?.aborted !== undefined) return controller.error(missed.aborted);
        if (missed?.error) {
          controller.enqueue({ type: 'error', error: missed.error });
          return controller.close();
        }
        isReading = true;
        try {
          if (head) {
            const parts = head;
            head = null;
            for (const part of parts) if (pass(part, controller)) return;
            return;
          }
          clock.waiting(true);
          const { done, value } = await rest.read();
          clock.waiting(false);
          if (done) throw new AttemptFailed('interrupted', { hint: 'the stream ended without a finish' });
          pass(value, controller);
        } catch (error) {
          interrupt(controller, error);
        } finally {
          isReading = false;
        }
      },
      cancel() {
        end({ how: 'cancelled' });
      },
    },
    { highWaterMark: 0 },
  );
}
