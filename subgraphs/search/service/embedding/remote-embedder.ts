import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany } from 'ai';

import { errors } from '#platform/errors';

import { wrongLength } from './threaded-embedder';
import { normalise, type Embedder } from './types';

export interface RemoteEmbedderOptions {
  /** Base URL; `/embeddings` is added. */
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string;
  readonly dimension: number;
  /** Longest wait for one batch. @default 30_000 ms */
  readonly timeoutMs?: number;
}

/** Texts of one request; providers refuse a few thousand. */
const batchSize = 96;

const prefix = 'embeddings/';

export const remoteModelId = (model: string): string => `${prefix}${model}`;

/** The provider's name of a model of ours; null for one that is no provider's. */
export const remoteModelName = (id: string): string | null => (id.startsWith(prefix) ? id.slice(prefix.length) : null);

/** Any provider's `/embeddings`, as OpenAI speaks it. */
export function createRemoteEmbedder({ url, model, apiKey, dimension, timeoutMs = 30_000 }: RemoteEmbedderOptions): Embedder {
  const provider = createOpenAICompatible({ name: 'embeddings', baseURL: url, ...(apiKey ? { apiKey } : {}) });
  const embeddingModel = provider.embeddingModel(model);
  return {
    model: remoteModelId(model),
    dimension,
    async embed(texts, signal) {
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += batchSize) {
        // An empty text is an error at most providers.
        const values = texts.slice(from, from + batchSize).map((text) => text.trim() || '-');
        const timeout = AbortSignal.timeout(timeoutMs);
        try {
          const abortSignal = signal ? AbortSignal.any([signal, timeout]) : timeout;
          const { embeddings } = await embedMany({ model: embeddingModel, values, maxRetries: 1, abortSignal });
          if (embeddings.length !== values.length) throw new Error('the model answered with another number of vectors');
          const problem = wrongLength(embeddings, dimension);
          if (problem) throw new Error(problem);
          vectors.push(...embeddings.map(normalise));
        } catch (cause) {
          signal?.throwIfAborted();
          throw errors.SERVICE_UNAVAILABLE({}, { cause });
        }
      }
      return vectors;
    },
    close: () => Promise.resolve(),
  };
}
