import { onnx } from 'onnx-proto';

const { FLOAT, INT64, STRING } = onnx.TensorProto.DataType;
const { AttributeType } = onnx.AttributeProto;
const bytesOf = (text: string) => new TextEncoder().encode(text);

const floats = (name: string, values: number[]): onnx.IAttributeProto => ({ name, type: AttributeType.FLOATS, floats: values });
const strings = (name: string, values: string[]): onnx.IAttributeProto => ({ name, type: AttributeType.STRINGS, strings: values.map(bytesOf) }); // prettier-ignore
const text = (name: string, value: string): onnx.IAttributeProto => ({ name, type: AttributeType.STRING, s: bytesOf(value) });
const int = (name: string, value: number): onnx.IAttributeProto => ({ name, type: AttributeType.INT, i: value });
const value = (name: string, elemType: number, width?: number): onnx.IValueInfoProto => ({
  name,
  type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'batch' }, ...(width === undefined ? [] : [{ dimValue: width }])] } } },
});
const matrix = (name: string, rows: number[][]): onnx.ITensorProto => ({ name, dataType: FLOAT, dims: [rows.length, rows[0]!.length], floatData: rows.flat() }); // prettier-ignore
const vector = (name: string, values: number[]): onnx.ITensorProto => ({ name, dataType: FLOAT, dims: [values.length], floatData: values });

const ml = 'ai.onnx.ml';
const node = (opType: string, input: string[], output: string[], more: Partial<onnx.INodeProto> = {}): onnx.INodeProto => ({ opType, input, output, name: `/${opType}/${output[0]}`, ...more }); // prettier-ignore

function file(producerName: string, graph: onnx.IGraphProto, domains: string[] = []): Buffer {
  const opsetImport = [{ domain: '', version: 13 }, { domain: ml, version: 1 }, ...domains.map((domain) => ({ domain, version: 1 }))]; // prettier-ignore
  return Buffer.from(onnx.ModelProto.encode(onnx.ModelProto.create({ irVersion: 8, producerName, opsetImport, graph })).finish());
}

/** As skl2onnx writes a `LogisticRegression` of two features and three named classes: a label, and probabilities as a list of maps. */
export const sklearnClassifier = (weights: number[][], intercepts: number[], classes: string[]): Buffer =>
  file('skl2onnx', {
    name: 'logistic',
    node: [
      node('LinearClassifier', ['float_input'], ['label', 'probability_tensor'], {
        domain: ml,
        attribute: [floats('coefficients', weights.flat()), floats('intercepts', intercepts), strings('classlabels_strings', classes), text('post_transform', 'SOFTMAX'), int('multi_class', 1)], // prettier-ignore
      }),
      node('Normalizer', ['probability_tensor'], ['probabilities'], { domain: ml, attribute: [text('norm', 'L1')] }),
      node('ZipMap', ['probabilities'], ['output_probability'], { domain: ml, attribute: [strings('classlabels_strings', classes)] }),
      node('Identity', ['label'], ['output_label']),
    ],
    input: [value('float_input', FLOAT, 2)],
    output: [
      { name: 'output_label', type: { tensorType: { elemType: STRING, shape: { dim: [{ dimParam: 'batch' }] } } } },
      { name: 'output_probability', type: { sequenceType: { elemType: { mapType: { keyType: STRING, valueType: { tensorType: { elemType: FLOAT } } } } } } },
    ],
  }); // prettier-ignore

/** As skl2onnx writes a pipeline over columns: an input for each, texts one-hot, then a linear model. */
export const sklearnPipeline = (towns: string[], weights: number[], intercept: number): Buffer =>
  file('skl2onnx', {
    name: 'pipeline',
    node: [
      node('OneHotEncoder', ['town'], ['onehot'], { domain: ml, attribute: [strings('cats_strings', towns), int('zeros', 1)] }),
      node('Reshape', ['onehot', 'flat'], ['towns']),
      node('Cast', ['rooms'], ['rooms_float'], { attribute: [int('to', FLOAT)] }),
      node('Concat', ['size', 'rooms_float', 'towns'], ['row'], { attribute: [int('axis', 1)] }),
      node('LinearRegressor', ['row'], ['variable'], { domain: ml, attribute: [floats('coefficients', weights), floats('intercepts', [intercept])] }),
    ],
    initializer: [{ name: 'flat', dataType: INT64, dims: [2], int64Data: [-1, towns.length] }],
    input: [value('size', FLOAT, 1), value('rooms', INT64, 1), value('town', STRING, 1)],
    output: [value('variable', FLOAT, 1)],
  }); // prettier-ignore

/** As `torch.onnx.export` writes a perceptron with one hidden layer: one matrix in, one matrix of logits or numbers out. */
export const pytorchPerceptron = (hidden: { weights: number[][]; bias: number[] }, last: { weights: number[][]; bias: number[] }): Buffer =>
  file('pytorch', {
    name: 'main_graph',
    node: [
      node('Gemm', ['input', 'fc1.weight', 'fc1.bias'], ['/fc1/Gemm_output_0'], { attribute: [int('transB', 1)] }),
      node('Relu', ['/fc1/Gemm_output_0'], ['/relu/Relu_output_0']),
      node('Gemm', ['/relu/Relu_output_0', 'fc2.weight', 'fc2.bias'], ['output'], { attribute: [int('transB', 1)] }),
    ],
    initializer: [matrix('fc1.weight', hidden.weights), vector('fc1.bias', hidden.bias), matrix('fc2.weight', last.weights), vector('fc2.bias', last.bias)], // prettier-ignore
    input: [value('input', FLOAT, hidden.weights[0]!.length)],
    output: [value('output', FLOAT, last.weights.length)],
  });

/** A graph that needs an operator of nobody's standard, or one that no version of ONNX has. */
export const withOperator = (opType: string, domain = ''): Buffer =>
  file('custom', {
    name: 'custom',
    node: [node(opType, ['input'], ['output'], domain ? { domain } : {})],
    input: [value('input', FLOAT, 2)],
    output: [value('output', FLOAT, 1)],
  }, domain ? [domain] : []); // prettier-ignore

/** As skl2onnx writes probabilities when told `zipmap: 'columns'`: an output of one dimension for each class, after the label. */
export const sklearnColumns = (weights: number[][], intercepts: number[], classes: number[]): Buffer =>
  file('skl2onnx', {
    name: 'columns',
    node: [
      node('LinearClassifier', ['X'], ['label', 'probability_tensor'], {
        domain: ml,
        attribute: [floats('coefficients', weights.flat()), floats('intercepts', intercepts), { name: 'classlabels_ints', type: AttributeType.INTS, ints: classes }, text('post_transform', 'SOFTMAX'), int('multi_class', 1)], // prettier-ignore
      }),
      node('Cast', ['label'], ['output_label'], { attribute: [int('to', INT64)] }),
      ...classes.flatMap((name, place) => [
        node('Slice', ['probability_tensor', `from${place}`, `from${place + 1}`, 'axis'], [`flat${name}`]),
        node('Reshape', [`flat${name}`, 'shape'], [`i${name}`]),
      ]),
    ],
    initializer: [...classes, 0].map((_, place) => ({ name: `from${place}`, dataType: INT64, dims: [1], int64Data: [place] })).concat([{ name: 'axis', dataType: INT64, dims: [1], int64Data: [1] }, { name: 'shape', dataType: INT64, dims: [1], int64Data: [-1] }]), // prettier-ignore
    input: [value('X', FLOAT, 2)],
    output: [value('output_label', INT64), ...classes.map((name) => value(`i${name}`, FLOAT))],
  });

/** As skl2onnx writes a pipeline of groups of columns: numbers in one input, texts in another. */
export const sklearnGroups = (towns: string[], weights: number[], intercept: number): Buffer =>
  file('skl2onnx', {
    name: 'groups',
    node: [
      node('OneHotEncoder', ['texts'], ['onehot'], { domain: ml, attribute: [strings('cats_strings', towns), int('zeros', 1)] }),
      node('Reshape', ['onehot', 'flat'], ['towns']),
      node('Scaler', ['numbers'], ['scaled'], { domain: ml, attribute: [floats('offset', [10, 1]), floats('scale', [0.5, 2])] }),
      node('Concat', ['scaled', 'towns'], ['row'], { attribute: [int('axis', 1)] }),
      node('LinearRegressor', ['row'], ['variable'], { domain: ml, attribute: [floats('coefficients', weights), floats('intercepts', [intercept])] }),
    ],
    initializer: [{ name: 'flat', dataType: INT64, dims: [2], int64Data: [-1, towns.length] }],
    input: [value('numbers', FLOAT, 2), value('texts', STRING, 1)],
    output: [value('variable', FLOAT, 1)],
  }); // prettier-ignore

/** As PyTorch's newer exporter may write a layer: a function of the file's own, called by name. */
export const pytorchFunction = (weights: number[][], bias: number[]): Buffer => {
  const domain = 'pkg.onnxscript.torch_lib';
  const graph = {
    name: 'main_graph',
    node: [node('aten_addmm', ['x', 'weight', 'bias'], ['addmm'], { domain })],
    initializer: [matrix('weight', weights), vector('bias', bias)],
    input: [value('x', FLOAT, weights[0]!.length)],
    output: [value('addmm', FLOAT, weights.length)],
  };
  const functions = [{ name: 'aten_addmm', domain, input: ['self', 'mat', 'add'], output: ['out'], node: [node('Gemm', ['self', 'mat', 'add'], ['out'], { attribute: [int('transB', 1)] })], opsetImport: [{ domain: '', version: 13 }] }]; // prettier-ignore
  const opsetImport = [{ domain: '', version: 13 }, { domain, version: 1 }]; // prettier-ignore
  return Buffer.from(
    onnx.ModelProto.encode(onnx.ModelProto.create({ irVersion: 8, producerName: 'pytorch', opsetImport, graph, functions })).finish(),
  );
};

/** As PyTorch's newer exporter writes weights unless told otherwise: into a file beside the model. */
export const withoutWeights = (): Buffer =>
  file('pytorch', {
    name: 'main_graph',
    node: [node('MatMul', ['x', 'weight'], ['output'])],
    initializer: [{ name: 'weight', dataType: FLOAT, dims: [2, 1], dataLocation: onnx.TensorProto.DataLocation.EXTERNAL, externalData: [{ key: 'location', value: 'model.onnx.data' }] }], // prettier-ignore
    input: [value('x', FLOAT, 2)],
    output: [value('output', FLOAT, 1)],
  });
