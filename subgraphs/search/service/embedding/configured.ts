import { builtInSpace, createBuiltInEmbedder } from './built-in-embedder';
import { createOnnxEmbedder } from './onnx-embedder';
import { createRemoteEmbedder, remoteModelName } from './remote-embedder';
import type { Embedder, EmbeddingSpace } from './types';

export interface EmbeddingSettings {
  /** Base URL of a provider with `/embeddings`. */
  readonly url?: string | undefined;
  readonly model?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Folder of an ONNX encoder. */
  readonly folder?: string | undefined;
  /** Length of the vectors; needed with either. */
  readonly dimension?: number | undefined;
  readonly threads?: number | undefined;
  /** The shipped encoder, where one is running already: a second would take as much memory again. */
  readonly builtIn?: Embedder | undefined;
}

export interface ConfiguredEmbedders {
  readonly embedder: Embedder;
  /** Encodes queries for vectors that were made before the settings changed; null where that model cannot be reached any more. */
  readonly former: (space: EmbeddingSpace) => Embedder | null;
}

/** The encoder that the settings name; the one that ships with Parley where they name none. */
export function configuredEmbedders(settings: EmbeddingSettings): ConfiguredEmbedders {
  const { url, model, apiKey, folder, dimension, threads } = settings;
  const shipped = (): Embedder => settings.builtIn ?? createBuiltInEmbedder();
  const remote = (name: string, length: number): Embedder =>
    createRemoteEmbedder({ url: url!, model: name, dimension: length, ...(apiKey ? { apiKey } : {}) });
  const embedder =
    url && model && dimension
      ? remote(model, dimension)
      : folder && dimension
        ? createOnnxEmbedder({ folder, dimension, ...(threads ? { threads } : {}) })
        : shipped();
  return {
    embedder,
    former: (space) => {
      if (space.model === builtInSpace.model) return shipped();
      const name = remoteModelName(space.model);
      return url && name ? remote(name, space.dimension) : null;
    },
  };
}
