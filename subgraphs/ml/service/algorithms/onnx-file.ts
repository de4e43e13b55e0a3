import { onnx } from 'onnx-proto';
import { z } from 'zod';

import { errors } from '#platform/errors';

export interface OnnxFile {
  /** As the runtime is given it. */
  readonly bytes: Uint8Array;
  /** What the file's labels are called in it; null where it does not say. */
  readonly classes: readonly string[] | null;
  /** Names for its classes in order, where it is one of our own; its labels are their places. */
  readonly ownClasses: readonly string[] | null;
  /** True where the scores of classes are not probabilities yet, as networks are mostly exported. */
  readonly givesLogits: boolean;
}

/** What a network ends with when its loss brings the softmax. */
const linearEnds = new Set(['Gemm', 'MatMul', 'Add', 'LogSoftmax']);
/** What changes the shape of the scores and not their meaning. */
const shapers = new Set(['Squeeze', 'Unsqueeze', 'Reshape', 'Flatten', 'Identity', 'Cast']);
/** Sets of operators that are part of ONNX, or of its runtime. */
const knownDomains = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft', 'ai.onnx.preview.training']);

const refused = (hint: string, cause?: unknown): Error =>
  errors.INVALID_REQUEST({ what: 'the ONNX file', hint }, { field: 'content_base64', cause });

/** Reads a file before the runtime does, to say what is wrong with it and to take out what the runtime cannot hand over. */
export function readOnnxFile(given: Uint8Array): OnnxFile {
  const model = decode(given);
  const { graph } = model;
  // Functions of the file's own are not custom: PyTorch writes them.
  const defined = new Set(model.functions?.map(({ domain }) => domain));
  const custom = graph!.node!.find(({ domain }) => !knownDomains.has(domain ?? '') && !defined.has(domain ?? ''));
  if (custom)
    throw refused(`it needs ${custom.opType} of ${custom.domain}, which is no operator of ONNX; export the model without custom operators`);
  refuseOutside(graph!.initializer ?? []);
  const maps = graph!.node!.filter(({ opType }) => opType === 'ZipMap');
  const classes = classNames(graph!.node!);
  const scores = graph!.output!.find(({ type }) => (type?.tensorType?.shape?.dim?.length ?? 0) >= 1 && isFloat(type));
  const givesLogits = linearEnds.has(lastOperator(model, graph!.node!, scores?.name ?? ''));
  return { bytes: maps.length > 0 ? withoutMaps(model, maps) : given, classes, ownClasses: ownClasses(model), givesLogits };
}

/** The operator that an output comes from, through what only changes its shape and into functions of the file's own. */
function lastOperator(model: onnx.IModelProto, nodes: readonly onnx.INodeProto[], output: string): string {
  const node = nodes.find((each) => each.output!.includes(output));
  if (!node) return '';
  const inside = model.functions?.find(({ domain, name }) => domain === node.domain && name === node.opType);
  if (inside) return lastOperator(model, inside.node!, inside.output![node.output!.indexOf(output)]!);
  return shapers.has(node.opType ?? '') ? lastOperator(model, nodes, node.input![0]!) : node.opType!;
}

/** PyTorch may write weights into a file beside the model, which nobody sends here. */
function refuseOutside(tensors: readonly onnx.ITensorProto[]): void {
  const outside = tensors.find(({ dataLocation }) => dataLocation === onnx.TensorProto.DataLocation.EXTERNAL);
  const file = outside?.externalData?.find(({ key }) => key === 'location')?.value;
  if (outside)
    throw refused(`its weights are in another file, ${file ?? 'beside it'}; export it as one file (in PyTorch external_data=False)`);
}

function decode(bytes: Uint8Array): onnx.IModelProto {
  let model: onnx.IModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
  } catch (cause) {
    throw refused('it cannot be read: it is damaged, or no ONNX file', cause);
  }
  if (!model.graph?.node?.length || !model.graph.output?.length) throw refused('it cannot be read: there is no graph in it');
  return model;
}

const isFloat = (type: onnx.ITypeProto | null | undefined): boolean => {
  const elements = type?.tensorType?.elemType;
  return elements === onnx.TensorProto.DataType.FLOAT || elements === onnx.TensorProto.DataType.DOUBLE;
};

/** scikit-learn exports probabilities as a list of maps, which runtimes do not give to JavaScript: the matrix before it says the same. */
function withoutMaps(model: onnx.IModelProto, maps: readonly onnx.INodeProto[]): Uint8Array {
  const graph = model.graph!;
  const matrixOf = new Map(maps.map(({ input, output }) => [output![0]!, input![0]!]));
  const output = graph.output!.map((each) => {
    const matrix = matrixOf.get(each.name!);
    return matrix === undefined ? each : { name: matrix, type: { tensorType: { elemType: onnx.TensorProto.DataType.FLOAT } } };
  });
  const node = graph.node!.filter((each) => !maps.includes(each));
  return onnx.ModelProto.encode(onnx.ModelProto.create({ ...model, graph: { ...graph, node, output } })).finish();
}

function ownClasses({ producerName, metadataProps }: onnx.IModelProto): string[] | null {
  const given = producerName === 'parley' && metadataProps?.find(({ key }) => key === 'classes')?.value;
  if (!given) return null;
  try {
    return z.array(z.string()).parse(JSON.parse(given));
  } catch (cause) {
    throw refused('the names of its classes cannot be read: it is damaged', cause);
  }
}

function classNames(nodes: readonly onnx.INodeProto[]): string[] | null {
  for (const { attribute } of nodes)
    for (const { name, strings, ints } of attribute ?? []) {
      if (name === 'classlabels_strings' && strings?.length) return strings.map((each) => Buffer.from(each).toString('utf8'));
      if ((name === 'classlabels_int64s' || name === 'classlabels_ints') && ints?.length) return ints.map(String);
    }
  return null;
}
