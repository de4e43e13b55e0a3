import { embedMany, type EmbeddingModel } from 'ai';

import { errors } from '#platform/errors';

import { normalise, type Embedder } from './types';

export interface RemoteEmbedderOptions {
  readonly embeddingModel: Exclude<EmbeddingModel, string>;
  readonly dimension: number;
}

/** Any provider's `/embeddings`, through the AI SDK. */
export function createRemoteEmbedder({ embeddingModel, dimension }: RemoteEmbedderOptions): Embedder {
  return {
    model: `${embeddingModel.provider}/${embeddingModel.modelId}`,
    dimension,
    async embed(texts, signal) {
      try {
        const { embeddings } = await embedMany({
          model: embeddingModel,
          values: [...texts],
          maxRetries: 1,
          ...(signal ? { abortSignal: signal } : {}),
        });
        if (embeddings.some(({ length }) => length !== dimension))
          throw new Error(`the model gives vectors of another length than ${dimension}`);
        return embeddings.map(normalise);
      } catch (cause) {
        throw errors.SERVICE_UNAVAILABLE({}, { cause });
      }
    },
    close: () => Promise.resolve(),
  };
}
