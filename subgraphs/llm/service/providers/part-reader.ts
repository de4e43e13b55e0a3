import type { LanguageModelV3, LanguageModelV3CallOptions, LanguageModelV3StreamPart } from '@ai-sdk/provider';

/**
 * A streamed answer in the groups in which it arrives. What one network packet brings is passed on in one step: a promise, a queue and a
 * timer for each word would cost more than everything else that is done with it.
 */
export interface PartReader {
  /** All parts that have arrived, at least one; null at the end. Rejects where the answer breaks off. */
  next(): Promise<readonly LanguageModelV3StreamPart[] | null>;
  /** The answer is no longer wanted. */
  cancel(): void;
}

/** A model as the router calls it. */
export interface RouterModel extends LanguageModelV3 {
  /** What `doStream` does, for models that can give their parts in groups. */
  doRead?(options: LanguageModelV3CallOptions): Promise<PartReader>;
}

/** The model's answer in groups, of one part each where the model has no others. */
export async function readParts(model: RouterModel, options: LanguageModelV3CallOptions): Promise<PartReader> {
  if (model.doRead) return model.doRead(options);
  const reader = (await model.doStream(options)).stream.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? null : [value];
    },
    cancel: () => void reader.cancel().catch(() => undefined),
  };
}

/** For consumers that know streams only. Parts are read when they are asked for. */
export const streamOf = (reader: PartReader): ReadableStream<LanguageModelV3StreamPart> =>
  new ReadableStream<LanguageModelV3StreamPart>(
    {
      async pull(controller) {
        const parts = await reader.next();
        if (!parts) return controller.close();
        for (const part of parts) controller.enqueue(part);
      },
      cancel: () => reader.cancel(),
    },
    { highWaterMark: 0 },
  );
