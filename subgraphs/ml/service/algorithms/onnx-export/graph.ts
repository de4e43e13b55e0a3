import { onnx } from 'onnx-proto';

const { AttributeType } = onnx.AttributeProto;
export const { FLOAT, DOUBLE, INT64, STRING } = onnx.TensorProto.DataType;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export type Attribute = onnx.IAttributeProto;
export const int = (name: string, i: number): Attribute => ({ name, type: AttributeType.INT, i });
export const ints = (name: string, values: readonly number[]): Attribute => ({ name, type: AttributeType.INTS, ints: [...values] });
export const floats = (name: string, values: readonly number[]): Attribute => ({ name, type: AttributeType.FLOATS, floats: [...values] });
export const text = (name: string, value: string): Attribute => ({ name, type: AttributeType.STRING, s: bytesOf(value) });
export const texts = (name: string, values: readonly string[]): Attribute => ({ name, type: AttributeType.STRINGS, strings: values.map(bytesOf) }); // prettier-ignore

/** Operators of ai.onnx.ml, which have their own numbering. */
const classic = new Set(['LabelEncoder', 'OneHotEncoder', 'TreeEnsembleRegressor']);

const column = (name: string, elemType: number, width?: number): onnx.IValueInfoProto => ({
  name,
  type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'rows' }, ...(width === undefined ? [] : [{ dimValue: width }])] } } },
});

/** An ONNX graph as it is written: each operator gives the name of its output to the next. */
export class Graph {
  readonly nodes: onnx.INodeProto[] = [];
  readonly constants: onnx.ITensorProto[] = [];
  readonly inputs: onnx.IValueInfoProto[] = [];
  readonly outputs: onnx.IValueInfoProto[] = [];

  /** One feature: a column of the rows. */
  input(name: string, type: number): string {
    this.inputs.push(column(name, type, 1));
    return name;
  }

  add(opType: string, input: readonly string[], ...attribute: readonly Attribute[]): string {
    // Features are named by people: what begins with a slash is ours.
    const output = `/${opType}_${this.nodes.length}`;
    this.nodes.push({ opType, name: output, input: [...input], output: [output], attribute: [...attribute], ...(classic.has(opType) ? { domain: 'ai.onnx.ml' } : {}) }); // prettier-ignore
    return output;
  }

  numbers(values: readonly number[], dims: readonly number[] = []): string {
    const name = `/constant_${this.constants.length}`;
    this.constants.push({ name, dataType: DOUBLE, dims: [...dims], doubleData: [...values] });
    return name;
  }

  whole(values: readonly number[], dims: readonly number[] = []): string {
    const name = `/constant_${this.constants.length}`;
    this.constants.push({ name, dataType: INT64, dims: [...dims], int64Data: [...values] });
    return name;
  }

  /** `width` for a matrix; none for one value a row. */
  output(name: string, from: string, { type, width }: { type: number; width?: number }): void {
    const free = this.inputs.some((input) => input.name === name) ? `output_${name}` : name;
    this.nodes.push({ opType: 'Identity', name: `/${free}`, input: [from], output: [free] });
    this.outputs.push(column(free, type, width));
  }
}
