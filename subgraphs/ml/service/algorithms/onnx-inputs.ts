import { errors } from '#platform/errors';

import type { ModelDocument } from './model-document';
import type { Row } from './prediction';

type OnnxDocument = Extract<ModelDocument, { kind: 'onnx' }>;
type Inputs = OnnxDocument['inputs'];

/** An input as a file declares it; null or a name for a side that is not fixed. */
export interface DeclaredInput {
  readonly name: string;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

const types = ['float32', 'float64', 'int64', 'int32', 'bool', 'string'];

const sideOf = (shape: readonly (number | string)[] | undefined, side: number): number | null => {
  const length = shape?.[side];
  return typeof length === 'number' && length > 0 ? length : null;
};

/** Rows that a graph takes at a time, as PyTorch writes it unless told otherwise; null for any number. */
export const fixedRows = (inputs: readonly DeclaredInput[]): number | null => sideOf(inputs[0]?.shape, 0);

/** What is kept of the inputs. INVALID_REQUEST where they are no rows of features, or not of those that are named. */
export function readInputs(declared: readonly DeclaredInput[], features: readonly string[]): Inputs {
  for (const { name, type = 'float32', shape = [] } of declared) {
    if (shape.length > 2)
      throw refuse(`the model's input ${name} has ${shape.length} dimensions; models of rows and columns are served, two dimensions`);
    if (shape.length === 1 && declared.length === 1 && features.length > 1)
      throw refuse(`the model's input ${name} is one row without a dimension for rows; export it with a batch of rows`);
    if (!types.includes(type)) throw refuse(`the model's input ${name} holds ${type}; it may hold ${types.join(', ')}`);
  }
  const inputs = declared.map(({ name, type = 'float32', shape }) => ({ name, type, width: sideOf(shape, 1), text: type === 'string' }));
  checkFeatures(inputs, features);
  return inputs;
}

const refuse = (hint: string): Error => errors.INVALID_REQUEST({ what: 'features', hint }, { field: 'features' });

/** Several inputs of a column each are features by name; of wider ones, features are their columns in order. */
const areByName = (inputs: Inputs): boolean => inputs.every(({ width }) => (width ?? 1) === 1);

function checkFeatures(inputs: Inputs, features: readonly string[]): void {
  const names = inputs.map(({ name }) => name);
  const widths = inputs.map(({ width }) => width ?? 1);
  const [first, second] = inputs;
  if (first && !second) {
    if (first.width !== null && first.width !== features.length)
      throw refuse(`the model takes ${first.width} in one input, ${first.name}; ${features.length} are named`);
    return;
  }
  if (areByName(inputs)) {
    const unnamed = names.find((name) => !features.includes(name));
    if (unnamed !== undefined) throw refuse(`the model has an input ${unnamed}; name features as its inputs: ${names.join(', ')}`);
    const spare = features.find((feature) => !names.includes(feature));
    if (spare !== undefined) throw refuse(`the model has no input ${spare}; its inputs are ${names.join(', ')}`);
    return;
  }
  const sum = widths.reduce((total, width) => total + width, 0);
  if (sum !== features.length)
    throw refuse(
      `the model takes ${names.map((name, place) => `${widths[place]} in ${name}`).join(', ')}, in this order; ${features.length} are named`,
    );
}

/** The features that each input is fed with, in order. */
export function featuresOf({ inputs, features }: Pick<OnnxDocument, 'inputs' | 'features'>, input: string): readonly string[] {
  if (inputs.length === 1) return features;
  if (areByName(inputs)) return [input];
  const place = inputs.findIndex(({ name }) => name === input);
  const from = inputs.slice(0, place).reduce((sum, { width }) => sum + (width ?? 1), 0);
  return features.slice(from, from + (inputs[place]?.width ?? 1));
}

/** One column of values as the runtime takes it; missing is NaN or the empty text, as exporters have it. */
export function tensorData(type: string, rows: readonly Row[], features: readonly string[]): unknown {
  const cells = rows.flatMap((row) => features.map((feature) => [feature, row[feature]] as const));
  const number = (cell: unknown): number => (cell === null || cell === undefined || cell === '' ? NaN : Number(cell));
  const numbers = cells.map(([, cell]) => number(cell));
  const whole = (value: number, place: number): number => {
    if (Number.isInteger(value)) return value;
    throw errors.INVALID_REQUEST({
      what: `features.${cells[place]![0]}`,
      hint: 'the model takes whole numbers here, and none may be missing',
    });
  };
  switch (type) {
    case 'string':
      return cells.map(([, cell]) => (cell === null || cell === undefined ? '' : String(cell as string | number)));
    case 'float64':
      return Float64Array.from(numbers);
    case 'int64':
      return BigInt64Array.from(numbers, (value, place) => BigInt(whole(value, place)));
    case 'int32':
      return Int32Array.from(numbers, whole);
    case 'bool':
      return Uint8Array.from(cells, ([, cell]) => (cell === true || number(cell) > 0 ? 1 : 0));
    default:
      return Float32Array.from(numbers);
  }
}
