import { onnx } from 'onnx-proto';

import { errors } from '#platform/errors';

import { averagePath, type IsolationForest } from '../isolation';
import type { ModelDocument } from '../model-document';
import { treesOf } from '../xgboost-trees';

import { boostedGraph } from './boosted';
import { encodedInputs } from './encoded-inputs';
import { DOUBLE, Graph, int, INT64 } from './graph';
import { classOutputs, numberOutput } from './outputs';
import { treeSums } from './tree-table';

type Kind<K extends ModelDocument['kind']> = Extract<ModelDocument, { kind: K }>;

/**
 * A model as an ONNX file: an input for each feature, named after it (boosted trees and forests of numbers alone take one matrix,
 * `features`), with all that our own scorer does to a row inside. Labels are places of classes, whose names the file carries.
 */
export function toOnnxFile(document: ModelDocument): Buffer {
  if (document.kind === 'onnx') return Buffer.from(document.base64, 'base64');
  const graph = document.kind === 'trees' ? boostedGraph(document) : graphOf(document);
  const { features, classes } = document;
  const file = onnx.ModelProto.create({
    irVersion: 8,
    producerName: 'parley',
    opsetImport: [
      { domain: '', version: 13 },
      { domain: 'ai.onnx.ml', version: 2 },
    ],
    graph,
    metadataProps: [
      { key: 'features', value: JSON.stringify(features) },
      ...(classes ? [{ key: 'classes', value: JSON.stringify(classes) }] : []),
    ],
  });
  return Buffer.from(onnx.ModelProto.encode(file).finish());
}

function graphOf(document: Exclude<ModelDocument, { kind: 'onnx' | 'trees' }>): onnx.IGraphProto {
  const graph = new Graph();
  switch (document.kind) {
    case 'linear':
      linear(graph, document);
      break;
    case 'clusters':
      clusters(graph, document);
      break;
    case 'isolation':
      isolation(graph, document);
      break;
    case 'xgboost':
      xgboost(graph, document);
      break;
    default:
      throw errors.INVALID_REQUEST({
        what: 'the model',
        hint: 'a forecast goes on from its own series, which ONNX has no operator for; ask for it by predict',
      });
  }
  return { name: document.kind, node: graph.nodes, initializer: graph.constants, input: graph.inputs, output: graph.outputs };
}

/** A matrix product; `rows` are those of the transposed matrix. */
const product = (graph: Graph, encoded: string, { rows, added }: { rows: readonly (readonly number[])[]; added: readonly number[] }) =>
  graph.add('Gemm', [encoded, graph.numbers(rows.flat(), [rows.length, rows[0]!.length]), graph.numbers(added, [added.length])], int('transB', 1)); // prettier-ignore

function linear(graph: Graph, { encoder, weights, classes }: Kind<'linear'>): void {
  const encoded = encodedInputs(graph, encoder);
  const scores = product(graph, encoded, { rows: weights.map((each) => each.slice(0, -1)), added: weights.map((each) => each.at(-1)!) });
  if (classes) classOutputs(graph, graph.add('Sigmoid', [scores]), classes.length);
  else numberOutput(graph, scores);
}

/** The squared distances less the row's own square, which is the same for all centres. */
function clusters(graph: Graph, { encoder, centroids }: Kind<'clusters'>): void {
  const distances = product(graph, encodedInputs(graph, encoder), {
    rows: centroids.map((centre) => centre.map((value) => -2 * value)),
    added: centroids.map((centre) => centre.reduce((sum, value) => sum + value * value, 0)),
  });
  graph.output('label', graph.add('ArgMin', [distances], int('axis', 1), int('keepdims', 0)), { type: INT64 });
}

/** The label is −1 for what is unusual, else 1, as scikit-learn has it; the score is ours. */
function isolation(graph: Graph, { encoder, forest }: Kind<'isolation'>): void {
  const lengths = treeSums(graph, encodedInputs(graph, encoder), { trees: forest.trees.map(pathLengths), base: [0] });
  const perTree = -1 / forest.trees.length / Math.max(averagePath(forest.sampleSize), 1e-9);
  const score = graph.add('Pow', [graph.numbers([2]), graph.add('Mul', [lengths, graph.numbers([perTree])])]);
  // The threshold is the score of a row that was learned from: single precision must not put it on the other side.
  const unusual = graph.add('GreaterOrEqual', [score, graph.numbers([forest.threshold - 1e-6])]);
  const label = graph.add('Where', [unusual, graph.whole([-1]), graph.whole([1])]);
  graph.output('label', graph.add('Reshape', [label, graph.whole([-1], [1])]), { type: INT64 });
  graph.output('scores', score, { type: DOUBLE, width: 1 });
}

/** What a leaf adds is the length of the path to it, and what a longer search among its rows would add. */
function pathLengths(tree: IsolationForest['trees'][number]) {
  const value = new Float64Array(tree.feature.length);
  for (let node = 0; node < value.length; node += 1) {
    if (tree.feature[node]! < 0) value[node]! += averagePath(tree.threshold[node]!);
    else for (const child of [tree.left[node]!, tree.right[node]!]) value[child] = value[node]! + 1;
  }
  return { ...tree, value, output: 0 };
}

function xgboost(graph: Graph, { encoder, boosters, classes }: Kind<'xgboost'>): void {
  const read = boosters.map(treesOf);
  const scores = treeSums(graph, encodedInputs(graph, encoder), {
    trees: read.flatMap(({ trees }, output) => trees.map((tree) => ({ ...tree, output }))),
    base: read.map(({ base }) => base),
  });
  if (classes) classOutputs(graph, graph.add('Sigmoid', [scores]), classes.length);
  else numberOutput(graph, scores);
}
