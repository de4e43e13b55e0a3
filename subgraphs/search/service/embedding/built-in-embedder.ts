import { Worker } from 'node:worker_threads';

import { errors } from '#platform/errors';
import { builtExecArgv, builtFile } from '#platform/lifecycle';

import { normalise, type Embedder } from './types';

interface Waiting {
  readonly resolve: (vectors: Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
}

const batchSize = 32;
/** The encoder looks at a few hundred words; longer texts only take longer. */
const maxCharacters = 2_000;

/** The encoder that ships with Parley: English, no key, no network. The thread starts with the first text and again after a crash. */
export function createBuiltInEmbedder(): Embedder {
  let worker: Worker | undefined;
  let nextId = 0;
  const waiting = new Map<number, Waiting>();

  const fail = (cause: unknown): void => {
    worker = undefined;
    for (const { reject } of waiting.values()) reject(errors.SERVICE_UNAVAILABLE({}, { cause }));
    waiting.clear();
  };

  const start = (): Worker => {
    const made = new Worker(builtFile('subgraphs/search/service/embedding/embedding-worker'), { execArgv: [...builtExecArgv] });
    // Searching must not keep a finished process alive.
    made.unref();
    made.on('message', ({ id, vectors, error }: { id: number; vectors?: Float32Array[]; error?: string }) => {
      const entry = waiting.get(id);
      waiting.delete(id);
      if (waiting.size === 0) made.unref();
      if (vectors) entry?.resolve(vectors.map(normalise));
      else entry?.reject(errors.SERVICE_UNAVAILABLE({}, { cause: error }));
    });
    made.on('error', fail);
    made.on('exit', (code) => worker === made && fail(new Error(`embedding thread ended with ${code}`)));
    return made;
  };

  const embedBatch = (texts: readonly string[]): Promise<Float32Array[]> => {
    worker ??= start();
    const id = (nextId += 1);
    worker.ref();
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker!.postMessage({ id, texts });
    });
  };

  return {
    model: 'use-lite-en@0.2.0',
    dimension: 512,
    async embed(texts, signal) {
      const vectors: Float32Array[] = [];
      for (let start = 0; start < texts.length; start += batchSize) {
        signal?.throwIfAborted();
        const batch = texts.slice(start, start + batchSize).map((text) => text.slice(0, maxCharacters) || ' ');
        vectors.push(...(await embedBatch(batch)));
      }
      return vectors;
    },
    async close() {
      const ending = worker;
      worker = undefined;
      await ending?.terminate();
    },
  };
}
