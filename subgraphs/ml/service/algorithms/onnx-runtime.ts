import { createRequire } from 'node:module';

import { errors } from '#platform/errors';

import type { ModelDocument } from './model-document';
import { readOnnxFile } from './onnx-file';
import { toPredictions, type OutputTensor } from './onnx-outputs';
import type { Prediction, Row } from './prediction';

export type OnnxDocument = Extract<ModelDocument, { kind: 'onnx' }>;

interface ValueMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly ValueMetadata[];
  readonly outputMetadata: readonly ValueMetadata[];
  run(feeds: Record<string, unknown>, fetches: readonly string[]): Promise<Record<string, OutputTensor>>;
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
export async function openOnnx(bytes: Uint8Array): Promise<Session> {
  const { bytes: readable } = readOnnxFile(bytes);
  return runtime()
    .InferenceSession.create(readable, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 })
    .catch((cause: unknown) => {
      throw errors.INVALID_REQUEST(
        { what: 'the ONNX file', hint: 'it cannot be loaded: it is damaged, or needs operators that are not part of ONNX' },
        { field: 'content_base64', cause },
      );
    });
}

/** A stored model of a file, once its inputs fit the features that are named for them. */
export async function onnxDocument(
  base64: string,
  { task, features, classes }: { task: string; features: readonly string[]; classes: readonly string[] | null },
): Promise<OnnxDocument> {
  const bytes = Buffer.from(base64, 'base64');
  const file = readOnnxFile(bytes);
  const { inputMetadata } = await openOnnx(bytes);
  const inputs = inputMetadata.map(({ name, type = 'float32', shape = [] }) => ({
    name,
    type,
    width: typeof shape[1] === 'number' ? shape[1] : null,
    text: type === 'string',
  }));
  checkInputs(inputs, features);
  const named = task === 'classification' ? (classes ?? file.ownClasses ?? file.classes) : null;
  return {
    kind: 'onnx',
    base64,
    task,
    features,
    target: null,
    classes: named,
    fileClasses: file.classes,
    logits: file.givesLogits,
    inputs,
  };
}

function checkInputs(inputs: OnnxDocument['inputs'], features: readonly string[]): void {
  const refuse = (hint: string): Error => errors.INVALID_REQUEST({ what: 'features', hint }, { field: 'features' });
  const [first, second] = inputs;
  if (first && !second) {
    if (first.width !== null && first.width > 0 && first.width !== features.length)
      throw refuse(`the model takes ${first.width} in one input, ${first.name}; ${features.length} are named`);
    return;
  }
  const unnamed = inputs.find(({ name }) => !features.includes(name));
  if (unnamed)
    throw refuse(`the model has an input ${unnamed.name}; name features as its inputs: ${inputs.map(({ name }) => name).join(', ')}`);
  const spare = features.find((feature) => !inputs.some(({ name }) => name === feature));
  if (spare !== undefined) throw refuse(`the model has no input ${spare}; its inputs are ${inputs.map(({ name }) => name).join(', ')}`);
}

export async function predictOnnx(document: OnnxDocument, rows: readonly Row[]): Promise<Prediction[]> {
  if (rows.length === 0) return [];
  let opening = sessions.get(document);
  if (!opening) sessions.set(document, (opening = openOnnx(Buffer.from(document.base64, 'base64'))));
  const session = await opening;
  const fetched = session.outputMetadata.filter(({ isTensor }) => isTensor).map(({ name }) => name);
  const outputs = await session.run(feedsOf(document, session, rows), fetched);
  return toPredictions(document, fetched.map((name) => outputs[name]!), rows.length); // prettier-ignore
}

/** One matrix for all features, or one column for each: both are how scikit-learn and PyTorch export. */
function feedsOf({ features }: OnnxDocument, { inputMetadata }: Session, rows: readonly Row[]): Record<string, unknown> {
  const { Tensor } = runtime();
  const isMatrix = inputMetadata.length === 1 && (features.length > 1 || inputMetadata[0]!.name !== features[0]);
  return Object.fromEntries(
    inputMetadata.map(({ name, type = 'float32', shape = [] }) => {
      const names = isMatrix ? features : [name];
      const cells = rows.flatMap((row) => names.map((feature) => row[feature]));
      const dims = shape.length === 1 && !isMatrix ? [rows.length] : [rows.length, names.length];
      return [name, new Tensor(type, dataOf(type, cells, name), dims)];
    }),
  );
}

function dataOf(type: string, cells: readonly unknown[], input: string): unknown {
  const number = (cell: unknown): number => (cell === null || cell === undefined ? NaN : Number(cell));
  const whole = (cell: unknown): number => {
    if (Number.isInteger(number(cell))) return number(cell);
    throw errors.INVALID_REQUEST({ what: `features.${input}`, hint: 'the model takes whole numbers here, and none may be missing' });
  };
  switch (type) {
    case 'string':
      return cells.map((cell) => (cell === null || cell === undefined ? '' : String(cell as string | number)));
    case 'float64':
      return Float64Array.from(cells, number);
    case 'int64':
      return BigInt64Array.from(cells, (cell) => BigInt(whole(cell)));
    case 'int32':
      return Int32Array.from(cells, whole);
    case 'bool':
      return Uint8Array.from(cells, (cell) => (cell === true || number(cell) > 0 ? 1 : 0));
    default:
      return Float32Array.from(cells, number);
  }
}
