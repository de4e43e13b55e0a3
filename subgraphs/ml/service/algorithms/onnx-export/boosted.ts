import { onnx } from 'onnx-proto';

import { fromDocument, toOnnx, type BoostedModel } from '#platform/boosting';

import type { ModelDocument } from '../model-document';

import { DOUBLE, FLOAT, floats, Graph, int, STRING, texts } from './graph';

const matrix = '/features';

/** Boosted trees read numbers: where they learned categories, their encoding comes before them. */
export function boostedGraph({ document, features }: Extract<ModelDocument, { kind: 'trees' }>): onnx.IGraphProto {
  const model = fromDocument(JSON.parse(document));
  const { graph } = onnx.ModelProto.decode(toOnnx(model));
  if (model.encoders.length === 0) return graph!;
  const before = encodings(model, features);
  // Features may be called what the trees call something of their own.
  const renamed = (name: string): string => (name === 'features' ? matrix : `/trees/${name}`);
  const trees = graph!.node!.map((node) => ({ ...node, input: node.input!.map(renamed), output: node.output!.map(renamed) }));
  const ends = graph!.output!.map(({ name, ...rest }) => ({ ...rest, name: features.includes(name!) ? `output_${name}` : name! }));
  const handed = graph!.output!.map(({ name }, place) => ({ opType: 'Identity', input: [renamed(name!)], output: [ends[place]!.name] }));
  const initializer = graph!.initializer!.map((each) => ({ ...each, name: renamed(each.name!) }));
  return { name: 'trees', input: before.inputs, node: [...before.nodes, ...trees, ...handed], initializer, output: ends };
}

/** An input for each feature, and from them the matrix of the trees. */
function encodings({ encoders }: BoostedModel, features: readonly string[]): Graph {
  const graph = new Graph();
  const parts = features.flatMap((name, place) => {
    const encoder = encoders.find(({ feature }) => feature === place);
    if (!encoder) return [graph.add('Cast', [graph.input(name, DOUBLE)], int('to', FLOAT))];
    const input = graph.input(name, STRING);
    const categories = Object.keys(encoder.values);
    return encoder.prior.map((prior, output) =>
      graph.add(
        'LabelEncoder',
        [input],
        // Missing is the empty text, and for the trees no number.
        texts('keys_strings', ['', ...categories]),
        floats('values_floats', [Number.NaN, ...categories.map((category) => encoder.values[category]![output]!)]),
        { ...floats('default_float', []), type: onnx.AttributeProto.AttributeType.FLOAT, f: prior },
      ),
    );
  });
  graph.nodes.push({ opType: 'Concat', name: matrix, input: parts, output: [matrix], attribute: [int('axis', 1)] });
  return graph;
}
