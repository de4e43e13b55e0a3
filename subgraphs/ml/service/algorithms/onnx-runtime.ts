import { createRequire } from 'node:module';

import { errors } from '#platform/errors';

import type { ModelDocument } from './model-document';
import type { Prediction, Row } from './score';

type OnnxDocument = Extract<ModelDocument, { kind: 'onnx' }>;

interface Tensor {
  readonly data: ArrayLike<number | string | bigint>;
  readonly dims: readonly number[];
}
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, unknown>): Promise<Record<string, Tensor>>;
}
interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array, options?: object): Promise<Session> };
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => unknown;
}

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
  throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error('no ONNX runtime is installed') });
}

const sessions = new WeakMap<OnnxDocument, Promise<Session>>();

/** Opens a model; INVALID_REQUEST for a file that is no ONNX model or needs operators that the runtime does not have. */
export function openOnnx(bytes: Uint8Array): Promise<Session> {
  return runtime()
    .InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 })
    .catch((cause: unknown) => {
      throw errors.INVALID_REQUEST(
        { what: 'the ONNX file', hint: 'it cannot be loaded: it is damaged, or needs operators that are not part of ONNX' },
        { field: 'content_base64', cause },
      );
    });
}

export async function predictOnnx(document: OnnxDocument, rows: readonly Row[]): Promise<Prediction[]> {
  const { Tensor } = runtime();
  let opening = sessions.get(document);
  if (!opening) sessions.set(document, (opening = openOnnx(Buffer.from(document.base64, 'base64'))));
  const session = await opening;
  const { features, classes } = document;
  // One matrix for all features, or one column for each: both are how scikit-learn and PyTorch export.
  const single = session.inputNames.length === 1;
  const matrix = Float32Array.from(rows.flatMap((row) => features.map((name) => Number(row[name] ?? NaN))));
  const feeds = single
    ? { [session.inputNames[0]!]: new Tensor('float32', matrix, [rows.length, features.length]) }
    : Object.fromEntries(
        session.inputNames.map((name) => [
          name,
          new Tensor(
            'float32',
            Float32Array.from(rows, (row) => Number(row[name] ?? NaN)),
            [rows.length, 1],
          ),
        ]),
      );
  const outputs = await session.run(feeds);
  const [first, second] = session.outputNames.map((name) => outputs[name]);
  const width = second?.dims[1] ?? 0;
  return rows.map((_, row) => {
    const probabilities =
      second && width > 0 ? Array.from({ length: width }, (_each, place) => Number(second.data[row * width + place])) : null;
    const raw = first!.data[row * (first!.dims[1] ?? 1)]!;
    const label = typeof raw === 'bigint' ? Number(raw) : raw;
    const prediction = classes && typeof label === 'number' ? (classes[label] ?? label) : label;
    return { prediction, probability: probabilities ? Math.max(...probabilities) : null, probabilities, contributions: null, bias: null };
  });
}
