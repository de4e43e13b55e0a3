import { DOUBLE, INT64, int, type Graph } from './graph';

/** Of two classes one column, the probability of the second; of more, a column each that is scaled to sum to 1. Gives label and probabilities. */
export function classOutputs(graph: Graph, shares: string, count: number): void {
  const spread =
    count === 2
      ? graph.add('Concat', [graph.add('Sub', [graph.numbers([1]), shares]), shares], int('axis', 1))
      : graph.add('Div', [shares, graph.add('ReduceSum', [shares, graph.whole([1], [1])])]);
  graph.output('label', graph.add('ArgMax', [spread], int('axis', 1), int('keepdims', 0)), { type: INT64 });
  graph.output('probabilities', spread, { type: DOUBLE, width: count });
}

export const numberOutput = (graph: Graph, from: string): void => graph.output('prediction', from, { type: DOUBLE, width: 1 });
