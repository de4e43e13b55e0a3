import { onnx } from 'onnx-proto';

import type { BoostedModel } from './model';

const { AttributeType } = onnx.AttributeProto;
const FLOAT = onnx.TensorProto.DataType.FLOAT;
const INT64 = onnx.TensorProto.DataType.INT64;

type Attribute = onnx.IAttributeProto;

const ints = (name: string, values: readonly number[]): Attribute => ({ name, type: AttributeType.INTS, ints: [...values] });
const floats = (name: string, values: readonly number[]): Attribute => ({ name, type: AttributeType.FLOATS, floats: [...values] });
const texts = (name: string, values: readonly string[]): Attribute => ({
  name,
  type: AttributeType.STRINGS,
  strings: values.map((value) => new TextEncoder().encode(value)),
});
const text = (name: string, value: string): Attribute => ({ name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });

/** The node table that both tree operators of ai.onnx.ml share. */
const nodeAttributes = (model: BoostedModel, leaf: 'class' | 'target'): Attribute[] => {
  const columns = {
    tree: [] as number[],
    node: [] as number[],
    feature: [] as number[],
    threshold: [] as number[],
    mode: [] as string[],
    yes: [] as number[],
    no: [] as number[],
    missing: [] as number[],
  };
  const leaves = { tree: [] as number[], node: [] as number[], output: [] as number[], weight: [] as number[] };
  const scale = model.average ? 1 / model.rounds : 1;
  model.trees.forEach((tree, index) => {
    for (let node = 0; node < tree.feature.length; node += 1) {
      const isLeaf = tree.feature[node]! < 0;
      columns.tree.push(index);
      columns.node.push(node);
      columns.feature.push(isLeaf ? 0 : tree.feature[node]!);
      columns.threshold.push(tree.threshold[node]!);
      columns.mode.push(isLeaf ? 'LEAF' : 'BRANCH_LEQ');
      columns.yes.push(isLeaf ? 0 : node + 1);
      columns.no.push(isLeaf ? 0 : tree.right[node]!);
      columns.missing.push(tree.missingLeft[node]!);
      if (!isLeaf) continue;
      leaves.tree.push(index);
      leaves.node.push(node);
      leaves.output.push(index % model.outputs);
      leaves.weight.push(tree.value[node]! * scale);
    }
  });
  return [
    ints('nodes_treeids', columns.tree),
    ints('nodes_nodeids', columns.node),
    ints('nodes_featureids', columns.feature),
    floats('nodes_values', columns.threshold),
    texts('nodes_modes', columns.mode),
    ints('nodes_truenodeids', columns.yes),
    ints('nodes_falsenodeids', columns.no),
    ints('nodes_missing_value_tracks_true', columns.missing),
    ints(`${leaf}_treeids`, leaves.tree),
    ints(`${leaf}_nodeids`, leaves.node),
    ints(`${leaf}_ids`, leaf === 'class' && model.outputs === 1 ? leaves.output.map(() => 1) : leaves.output),
    floats(`${leaf}_weights`, leaves.weight),
    floats('base_values', leaf === 'class' && model.outputs === 1 ? [0, model.base[0]!] : model.base),
  ];
};

const tensor = (name: string, elemType: number, width: number | undefined): onnx.IValueInfoProto => ({
  name,
  type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'rows' }, ...(width === undefined ? [] : [{ dimValue: width }])] } } },
});

/**
 * The model as ONNX: input `features` (rows × encoded features; categories by the encoders' table), output `prediction`, or for
 * classes `label` and `probabilities`. A binary score is computed as a regression and turned into two columns, since runtimes
 * differ in how they read a classifier with one score.
 */
export const toOnnx = (model: BoostedModel): Uint8Array => {
  const isClassifier = model.link !== 'identity';
  const nodes: onnx.INodeProto[] = [];
  const initializer: onnx.ITensorProto[] = [];
  const add = (opType: string, input: string[], output: string[], more: Partial<onnx.INodeProto> = {}): void =>
    void nodes.push({ opType, input, output, name: `${opType}_${nodes.length}`, ...more });
  const constant = (name: string, values: number[]): void =>
    void initializer.push({ name, dataType: FLOAT, dims: [values.length], floatData: values });
  const outputs: onnx.IValueInfoProto[] = [];
  const ensemble = { domain: 'ai.onnx.ml' };
  if (model.link === 'softmax') {
    add('TreeEnsembleClassifier', ['features'], ['label', 'probabilities'], {
      ...ensemble,
      attribute: [
        ...nodeAttributes(model, 'class'),
        ints(
          'classlabels_int64s',
          Array.from({ length: model.outputs }, (_, label) => label),
        ),
        text('post_transform', 'SOFTMAX'),
      ],
    });
    outputs.push(tensor('label', INT64, undefined), tensor('probabilities', FLOAT, model.outputs));
  } else {
    const scores = isClassifier ? 'scores' : 'prediction';
    add('TreeEnsembleRegressor', ['features'], [scores], {
      ...ensemble,
      attribute: [
        ...nodeAttributes(model, 'target'),
        { name: 'n_targets', type: AttributeType.INT, i: model.outputs },
        text('post_transform', 'NONE'),
      ],
    });
    if (!isClassifier) outputs.push(tensor('prediction', FLOAT, model.outputs));
    else {
      const classes = Math.max(2, model.outputs);
      let positive = 'positive';
      if (model.link === 'sigmoid') add('Sigmoid', ['scores'], [positive]);
      else add('Clip', ['scores', 'zero', 'unit'], [positive]);
      initializer.push(
        { name: 'zero', dataType: FLOAT, dims: [], floatData: [0] },
        { name: 'unit', dataType: FLOAT, dims: [], floatData: [1] },
      );
      if (model.outputs === 1) {
        constant('one', [1]);
        add('Sub', ['one', positive], ['negative']);
        add('Concat', ['negative', positive], ['probabilities'], { attribute: [{ name: 'axis', type: AttributeType.INT, i: 1 }] });
      } else {
        initializer.push({ name: 'axis1', dataType: INT64, dims: [1], int64Data: [1] });
        add('ReduceSum', [positive, 'axis1'], ['total']);
        add('Div', [positive, 'total'], ['probabilities']);
      }
      positive = 'probabilities';
      add('ArgMax', [positive], ['label'], {
        attribute: [
          { name: 'axis', type: AttributeType.INT, i: 1 },
          { name: 'keepdims', type: AttributeType.INT, i: 0 },
        ],
      });
      outputs.push(tensor('label', INT64, undefined), tensor('probabilities', FLOAT, classes));
    }
  }
  const file = onnx.ModelProto.create({
    irVersion: 8,
    producerName: 'parley',
    opsetImport: [
      { domain: '', version: 13 },
      { domain: 'ai.onnx.ml', version: 1 },
    ],
    graph: { name: 'trees', node: nodes, initializer, input: [tensor('features', FLOAT, model.featureNames.length)], output: outputs },
  });
  return onnx.ModelProto.encode(file).finish();
};
