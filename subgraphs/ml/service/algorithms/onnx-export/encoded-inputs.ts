import type { EncodedColumn } from '../encoder';

import { DOUBLE, int, STRING, texts, type Graph } from './graph';

/** One input a feature, and from them the matrix that `encode` gives: in double precision, so that large numbers keep their digits. */
export function encodedInputs(graph: Graph, encoder: readonly EncodedColumn[]): string {
  const parts = encoder.flatMap(({ name, mean, deviation, categories }) => {
    if (!categories) return [standardised(graph, graph.input(name, DOUBLE), { mean, deviation })];
    graph.input(name, STRING);
    return categories.length > 0 ? [oneHot(graph, name, categories)] : [];
  });
  return graph.add('Concat', parts, int('axis', 1));
}

/** Missing is NaN, and worth the mean. */
function standardised(graph: Graph, input: string, { mean, deviation }: { mean: number; deviation: number }): string {
  const middle = graph.numbers([mean]);
  const known = graph.add('Where', [graph.add('IsNaN', [input]), middle, input]);
  return graph.add('Div', [graph.add('Sub', [known, middle]), graph.numbers([deviation])]);
}

/** Missing is the empty text, which like any unknown category is none of them. */
function oneHot(graph: Graph, input: string, categories: readonly string[]): string {
  const places = graph.add('OneHotEncoder', [input], texts('cats_strings', categories), int('zeros', 1));
  const flat = graph.add('Reshape', [places, graph.whole([-1, categories.length], [2])]);
  return graph.add('Cast', [flat], int('to', DOUBLE));
}
