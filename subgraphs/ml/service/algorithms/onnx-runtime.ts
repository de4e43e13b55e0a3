import { createRequire } from 'node:module';

import { errors } from '#platform/errors';

import type { ModelDocument } from './model-document';
import { readOnnxFile } from './onnx-file';
import { featuresOf, fixedRows, readInputs, tensorData } from './onnx-inputs';
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
  const { inputMetadata, outputMetadata } = await openOnnx(bytes);
  const inputs = readInputs(inputMetadata, features);
  const named = task === 'classification' ? (classes ?? file.ownClasses ?? file.classes) : null;
  checkOutputs(outputMetadata, { task, classes: named });
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

/** What the outputs give must be what is asked of the model: a number, or a share for each class. */
function checkOutputs(outputs: readonly ValueMetadata[], { task, classes }: { task: string; classes: readonly string[] | null }): void {
  const scores = outputs.find(({ type }) => type === 'float32' || type === 'float64');
  const width = scores?.shape?.[1];
  if (typeof width !== 'number' || width < 2) return;
  if (task === 'regression')
    throw errors.INVALID_REQUEST(
      { what: 'task_type', hint: `the model gives ${width} numbers a row in ${scores!.name}, and a regression is one` },
      { field: 'taskType' },
    );
  if (task === 'classification' && classes && classes.length !== width)
    throw errors.INVALID_REQUEST(
      { what: 'classes', hint: `the model tells ${width} apart; ${classes.length} are named` },
      { field: 'classes' },
    );
}

export async function predictOnnx(document: OnnxDocument, rows: readonly Row[]): Promise<Prediction[]> {
  if (rows.length === 0) return [];
  let opening = sessions.get(document);
  if (!opening) sessions.set(document, (opening = openOnnx(Buffer.from(document.base64, 'base64'))));
  const session = await opening;
  const fetched = session.outputMetadata.filter(({ isTensor }) => isTensor).map(({ name }) => name);
  const atOnce = fixedRows(session.inputMetadata) ?? rows.length;
  const predictions: Prediction[] = [];
  for (let from = 0; from < rows.length; from += atOnce) {
    const part = rows.slice(from, from + atOnce);
    // A graph of a fixed number of rows gets the last one again until it is full.
    const full = [...part, ...new Array<Row>(atOnce - part.length).fill(part.at(-1)!)];
    const outputs = await session.run(feedsOf(document, session, full), fetched);
    predictions.push(...toPredictions(document, fetched.map((name) => outputs[name]!), part.length)); // prettier-ignore
  }
  predictions.forEach((prediction, place) => checkAnswer(document, rows[place]!, prediction));
  return predictions;
}

/** A network answers a missing value with no number, which is nobody's prediction. */
function checkAnswer({ features }: OnnxDocument, row: Row, { prediction, probabilities }: Prediction): void {
  if (!Number.isNaN(prediction) && !probabilities?.some(Number.isNaN)) return;
  const missing = features.filter((name) => row[name] === null || row[name] === undefined || row[name] === '');
  const hint =
    missing.length > 0
      ? `it cannot do without ${missing.join(', ')}; give a value`
      : 'check their size; they may be beyond what it learned';
  throw errors.INVALID_REQUEST({ what: 'features', hint: `the model gives no number for them: ${hint}` }, { field: 'features' });
}

/** One matrix for all features, one column for each, or a few of several columns: so scikit-learn and PyTorch export. */
function feedsOf(document: OnnxDocument, { inputMetadata }: Session, rows: readonly Row[]): Record<string, unknown> {
  const { Tensor } = runtime();
  return Object.fromEntries(
    inputMetadata.map(({ name, type = 'float32', shape = [] }) => {
      const features = featuresOf(document, name);
      const dims = shape.length === 1 ? [rows.length] : [rows.length, features.length];
      return [name, new Tensor(type, tensorData(type, rows, features), dims)];
    }),
  );
}
