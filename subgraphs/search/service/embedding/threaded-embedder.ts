import { Worker } from 'node:worker_threads';

import { errors } from '#platform/errors';
import { builtExecArgv, builtFile } from '#platform/lifecycle';

import { normalise, type Embedder } from './types';

interface Waiting {
  readonly resolve: (vectors: Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface ThreadedOptions {
  readonly model: string;
  readonly dimension: number;
  /** Module of the thread, as `builtFile` names it. It answers `{ id, texts }` with `{ id, vectors }` or `{ id, error }`. */
  readonly module: string;
  readonly workerData?: unknown;
}

const batchSize = 32;
/** Encoders look at a few hundred words; longer texts only take longer. */
const maxCharacters = 2_000;

/** An encoder in a thread of its own. The thread starts with the first text and again after a crash. */
export function createThreadedEmbedder({ model, dimension, module, workerData }: ThreadedOptions): Embedder {
  let worker: Worker | undefined;
  let nextId = 0;
  const waiting = new Map<number, Waiting>();

  const fail = (cause: unknown): void => {
    worker = undefined;
    for (const { reject } of waiting.values()) reject(errors.SERVICE_UNAVAILABLE({}, { cause }));
    waiting.clear();
  };

  const start = (): Worker => {
    const made = new Worker(builtFile(module), { execArgv: [...builtExecArgv], workerData });
    // Searching must not keep a finished process alive.
    made.unref();
    made.on('message', ({ id, vectors, error }: { id: number; vectors?: Float32Array[]; error?: string }) => {
      const entry = waiting.get(id);
      waiting.delete(id);
      if (waiting.size === 0) made.unref();
      const problem = error ?? wrongLength(vectors ?? [], dimension);
      if (problem === null) entry?.resolve(vectors!.map(normalise));
      else entry?.reject(errors.SERVICE_UNAVAILABLE({}, { cause: new Error(problem) }));
    });
    made.on('error', (cause) => worker === made && fail(cause));
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
    model,
    dimension,
    async embed(texts, signal) {
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += batchSize) {
        signal?.throwIfAborted();
        const batch = texts.slice(from, from + batchSize).map((text) => text.slice(0, maxCharacters) || ' ');
        vectors.push(...(await embedBatch(batch)));
      }
      return vectors;
    },
    async close() {
      const ending = worker;
      fail(new Error('the encoder was closed'));
      await ending?.terminate();
    },
  };
}

/** What is wrong with the vectors of a model, or null. Vectors of another length would not fit beside the others. */
export function wrongLength(vectors: readonly ArrayLike<number>[], dimension: number): string | null {
  const other = vectors.find(({ length }) => length !== dimension);
  return other ? `the model gives vectors of ${other.length} numbers, but ${dimension} are configured` : null;
}
