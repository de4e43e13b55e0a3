import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

import { createWordPiece, type TokenizerFile } from './word-piece';

interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, unknown>): Promise<Record<string, Tensor>>;
}
interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => unknown;
}

const { folder, threads } = workerData as { folder: string; threads: number };

/** The native runtime where it is installed, else the WebAssembly one. */
function runtime(): Runtime {
  const load = createRequire(__filename);
  for (const name of ['onnxruntime-node', 'onnxruntime-web']) {
    try {
      return load(name) as Runtime;
    } catch {
      // The next one.
    }
  }
  throw new Error('no ONNX runtime is installed: npm install onnxruntime-node');
}

const readJson = <Shape>(...place: string[]): Shape => JSON.parse(readFileSync(path.join(folder, ...place), 'utf8')) as Shape;

/** Sentence-transformers say in a file of their own which token stands for the sentence; without it, all of them do. */
function takesFirst(): boolean {
  try {
    return readJson<{ pooling_mode_cls_token?: boolean }>('1_Pooling', 'config.json').pooling_mode_cls_token === true;
  } catch {
    return false;
  }
}

async function open() {
  const { InferenceSession, Tensor } = runtime();
  const tokenize = createWordPiece(readJson<TokenizerFile>('tokenizer.json'));
  const first = takesFirst();
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 4 };
  const session = await InferenceSession.create(readFileSync(path.join(folder, 'model.onnx')), options);
  return async (texts: readonly string[]): Promise<Float32Array[]> => {
    const rows = texts.map(tokenize);
    const width = Math.max(...rows.map(({ length }) => length));
    const dims = [rows.length, width];
    const filled = (valueOf: (row: readonly number[], at: number) => number): BigInt64Array =>
      BigInt64Array.from({ length: rows.length * width }, (_, at) => BigInt(valueOf(rows[Math.floor(at / width)]!, at % width)));
    const inputs: Record<string, () => BigInt64Array> = {
      input_ids: () => filled((row, at) => row[at] ?? 0),
      attention_mask: () => filled((row, at) => (at < row.length ? 1 : 0)),
      token_type_ids: () => filled(() => 0),
    };
    const feeds = Object.fromEntries(
      session.inputNames.map((name) => {
        const values = inputs[name];
        if (!values) throw new Error(`model.onnx asks for ${name}; known are ${Object.keys(inputs).join(', ')}`);
        return [name, new Tensor('int64', values(), dims)];
      }),
    );
    const results = await session.run(feeds);
    const name = ['sentence_embedding', 'last_hidden_state'].find((one) => one in results) ?? session.outputNames[0]!;
    return pooled(results[name]!, rows, first);
  };
}

/** One vector a text: the model's own, or the mean over its tokens (or the first of them), padding left out. */
function pooled({ data, dims }: Tensor, rows: readonly (readonly number[])[], first: boolean): Float32Array[] {
  const size = dims.at(-1)!;
  if (dims.length === 2) return rows.map((_, row) => data.slice(row * size, (row + 1) * size));
  const width = dims[1]!;
  return rows.map(({ length }, row) => {
    const count = first ? 1 : length;
    const sum = new Float32Array(size);
    for (let token = 0; token < count; token += 1)
      for (let at = 0; at < size; at += 1) sum[at]! += data[(row * width + token) * size + at]!;
    return sum.map((value) => value / count);
  });
}

const opened = open();
// Each request tells of the failure; unasked it must not end the thread.
opened.catch(() => undefined);

let queue = Promise.resolve();
parentPort!.on('message', ({ id, texts }: { id: number; texts: readonly string[] }) => {
  queue = queue.then(async () => {
    try {
      parentPort!.postMessage({ id, vectors: await (await opened)(texts) });
    } catch (error) {
      parentPort!.postMessage({ id, error: error instanceof Error ? error.message : 'embedding failed' });
    }
  });
});
