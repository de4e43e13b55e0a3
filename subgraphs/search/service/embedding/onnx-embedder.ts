import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { createThreadedEmbedder } from './threaded-embedder';
import type { Embedder } from './types';

export interface OnnxEmbedderOptions {
  /** Holds `model.onnx` and `tokenizer.json`, as sentence encoders are published. */
  readonly folder: string;
  readonly dimension: number;
  /** Threads of the runtime. @default 1 */
  readonly threads?: number;
}

/** A sentence encoder of the customer's, from a folder. Throws at once where the folder does not hold one. */
export function createOnnxEmbedder({ folder, dimension, threads = 1 }: OnnxEmbedderOptions): Embedder {
  for (const name of ['model.onnx', 'tokenizer.json'])
    if (!existsSync(path.join(folder, name))) throw new Error(`EMBEDDINGS_FOLDER: there is no ${name} in ${folder}`);
  // Another file under the same name is another model: its vectors must not be compared with the old ones.
  const digest = createHash('sha256')
    .update(readFileSync(path.join(folder, 'model.onnx')))
    .update(readFileSync(path.join(folder, 'tokenizer.json')))
    .digest('hex')
    .slice(0, 12);
  return createThreadedEmbedder({
    model: `onnx/${path.basename(path.resolve(folder))}@${digest}`,
    dimension,
    module: 'subgraphs/search/service/embedding/onnx-worker',
    workerData: { folder: path.resolve(folder), threads },
  });
}
