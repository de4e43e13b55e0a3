import { errors } from '#platform/errors';

import type { ModelDocument } from '../algorithms/model-document';
import type { Prediction, Row } from '../algorithms/prediction';
import type { ForecastPoint } from '../algorithms/smoothing';

import { numericFeatures } from './check-row';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: readonly unknown[];
}
export type TensorMetadata = Omit<Tensor, 'data'>;

/** The datatypes of the protocol. */
export const datatypes = ['BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64', 'FP16', 'FP32', 'FP64', 'BYTES'] as const; // prettier-ignore

const isForecast = ({ kind }: ModelDocument): boolean => kind === 'smoothing' || kind === 'arima';

/** One tensor a feature; a forecast takes how far it goes. */
export function inputsOf(document: ModelDocument): TensorMetadata[] {
  if (isForecast(document)) return [{ name: 'horizon', datatype: 'INT64', shape: [-1] }];
  const numbers = numericFeatures(document);
  return document.features.map((name) => ({ name, datatype: numbers.has(name) ? 'FP64' : 'BYTES', shape: [-1] }));
}

export function outputsOf(document: ModelDocument): TensorMetadata[] {
  if (isForecast(document)) return ['prediction', 'low', 'high'].map((name) => ({ name, datatype: 'FP64', shape: [-1, -1] }));
  if (document.classes)
    return [
      { name: 'prediction', datatype: 'BYTES', shape: [-1] },
      { name: 'probabilities', datatype: 'FP64', shape: [-1, document.classes.length] },
    ];
  const prediction = { name: 'prediction', datatype: 'FP64', shape: [-1] };
  return document.kind === 'isolation' ? [prediction, { name: 'probability', datatype: 'FP64', shape: [-1] }] : [prediction];
}

/** Tensors as rows: either one is a feature and named after it, or there is one matrix with a column for each feature in order. */
export function toRows(document: ModelDocument, inputs: readonly Tensor[]): Row[] {
  const features = inputsOf(document).map(({ name }) => name);
  const [first] = inputs as [Tensor];
  const count = first.shape[0] ?? 0;
  const flat = new Map(inputs.map((input) => [input.name, flattened(input, count)]));
  if (inputs.length === 1 && !features.includes(first.name)) {
    if (first.shape.length !== 2 || first.shape[1] !== features.length)
      throw errors.INVALID_REQUEST({
        what: `inputs.${first.name}`,
        hint: `it is no feature; one matrix needs ${features.length} columns: ${features.join(', ')}`,
      });
    const values = flat.get(first.name)!;
    return rowsBy(count, features, (row, column) => values[row * features.length + column]);
  }
  const missing = features.find((name) => !flat.has(name));
  if (missing && !isForecast(document)) throw errors.INVALID_REQUEST({ what: 'inputs', hint: `there is none for ${missing}` });
  return rowsBy(count, features, (row, column) => flat.get(features[column]!)?.[row]);
}

const rowsBy = (count: number, features: readonly string[], at: (row: number, column: number) => unknown): Row[] =>
  Array.from({ length: count }, (_, row) => Object.fromEntries(features.map((name, column) => [name, at(row, column)])));

function flattened({ name, shape, data }: Tensor, count: number): unknown[] {
  const values = data.flat(Infinity) as unknown[];
  const size = shape.reduce((product, side) => product * side, 1);
  if (values.length !== size)
    throw errors.INVALID_REQUEST({ what: `inputs.${name}`, hint: `its shape holds ${size} values and its data ${values.length}` });
  if (shape[0] !== count) throw errors.INVALID_REQUEST({ what: `inputs.${name}`, hint: 'all inputs need the same number of rows' });
  return values;
}

/** Predictions as the tensors that `outputsOf` announces; those wanted, or all. */
export function toTensors(document: ModelDocument, predictions: readonly Prediction[], wanted?: readonly string[]): Tensor[] {
  const announced = outputsOf(document);
  const unknown = wanted?.find((name) => !announced.some((each) => each.name === name));
  if (unknown !== undefined)
    throw errors.INVALID_REQUEST({
      what: `outputs.${unknown}`,
      hint: `the model gives ${announced.map(({ name }) => name).join(', ')}`,
    });
  return announced
    .filter(({ name }) => !wanted || wanted.includes(name))
    .map(({ name, datatype }): Tensor => {
      const rows = predictions.map((prediction) => valuesOf(name, prediction));
      const width = rows[0]?.length ?? 0;
      const isColumn = name === 'probability' || (name === 'prediction' && !isForecast(document));
      return { name, datatype, shape: isColumn ? [rows.length] : [rows.length, width], data: rows.flat() };
    });
}

function valuesOf(name: string, { prediction, probability, probabilities }: Prediction): readonly (number | string)[] {
  if (name === 'probabilities') return probabilities ?? [];
  if (name === 'probability') return [probability ?? 0];
  if (typeof prediction !== 'object') return [prediction];
  return prediction.map((point: ForecastPoint) => (name === 'low' ? point.low : name === 'high' ? point.high : point.value));
}
