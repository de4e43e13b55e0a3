import { createThreadedEmbedder } from './threaded-embedder';
import type { Embedder, EmbeddingSpace } from './types';

export const builtInSpace: EmbeddingSpace = { model: 'use-lite-en@0.2.0', dimension: 512 };

/** The encoder that ships with Parley: English, no key, no network. */
export const createBuiltInEmbedder = (): Embedder =>
  createThreadedEmbedder({ ...builtInSpace, module: 'subgraphs/search/service/embedding/embedding-worker' });
