/** Is the first candidate right? Trees over its features, cross-validated by database, then an isotonic curve. */
import { columnsOf, Scorer, train } from '#platform/boosting';
import type { BoostedModel } from '#platform/boosting';

import { writeAnswerable, writeConfidence } from '../../subgraphs/sql/service/engine/learned/confidence';
import { RowWriter } from '../../subgraphs/sql/service/engine/learned/role-features';
import type { Judged } from './out-of-fold';
import { beamInput } from './rank';
import type { Scored } from './report';

interface Rows {
  readonly names: readonly string[];
  readonly rows: readonly Float32Array[];
  readonly target: Uint8Array;
  readonly fold: readonly number[];
  readonly weights?: Float32Array;
}

export const confidenceRows = (scored: readonly Scored[], names: readonly string[]): Rows => {
  const writer = new RowWriter();
  const used = scored.filter((row) => row.order.length > 0);
  const rows = used.map((row) => {
    const scores = row.order.map((index) => row.scores[index]!);
    return writeConfidence(writer, beamInput(row.question.judged), {
      scores,
      features: row.question.features[row.order[0]!]!,
      names,
    }).slice();
  });
  return {
    names: writer.names,
    rows,
    target: Uint8Array.from(used, (row) => row.question.right[row.order[0]!]!),
    fold: used.map((row) => row.question.judged.example.db.fold),
  };
};

const fit = (data: Rows, keep: (index: number) => boolean): BoostedModel => {
  const chosen = data.rows.map((_, index) => index).filter(keep);
  const matrix = new Float32Array(chosen.length * data.names.length);
  chosen.forEach((index, at) => matrix.set(data.rows[index]!, at * data.names.length));
  return train(
    { columns: columnsOf(matrix, data.names.length), names: data.names, target: Uint8Array.from(chosen, (index) => data.target[index]!) },
    {
      objective: 'binary',
      trees: 120,
      depth: 4,
      learningRate: 0.06,
      columnFraction: 0.3,
      rowFraction: 0.7,
      minChildWeight: 6,
      l2: 5,
      bins: 32,
      seed: 3,
    },
  );
};

export interface CrossValidated {
  readonly model: BoostedModel;
  /** Probability of each row from a model that did not see its database. */
  readonly outside: Float32Array;
}

export const crossValidate = (data: Rows, folds: number): CrossValidated => {
  const outside = new Float32Array(data.rows.length);
  for (let fold = 0; fold < folds; fold += 1) {
    const scorer = new Scorer(fit(data, (index) => data.fold[index] !== fold));
    data.rows.forEach((row, index) => {
      if (data.fold[index] === fold) outside[index] = scorer.predict(row)[1]!;
    });
  }
  return { model: fit(data, () => true), outside };
};

/** Pool adjacent violators: the ascending curve nearest to the outcomes, thinned to points of at least `least` rows. */
export const isotonic = (scores: Float32Array, target: Uint8Array, least = 120): { scores: number[]; shares: number[] } => {
  const order = Array.from(scores, (_, index) => index).sort((a, b) => scores[a]! - scores[b]!);
  const blocks: { score: number; right: number; count: number }[] = [];
  for (let from = 0; from < order.length; from += least) {
    const part = order.slice(from, from + least);
    const block = {
      score: part.reduce((sum, index) => sum + scores[index]!, 0),
      right: part.reduce((sum, index) => sum + target[index]!, 0),
      count: part.length,
    };
    blocks.push(block);
    while (blocks.length > 1) {
      const [before, last] = blocks.slice(-2) as [typeof block, typeof block];
      if (before.right / before.count <= last.right / last.count) break;
      blocks.splice(-2, 2, { score: before.score + last.score, right: before.right + last.right, count: before.count + last.count });
    }
  }
  return { scores: blocks.map((block) => block.score / block.count), shares: blocks.map((block) => block.right / block.count) };
};

/** A question put to its own database fits, put to another one it does not. */
export const answerableRows = (own: readonly Judged[], strange: readonly Judged[]): Rows => {
  const writer = new RowWriter();
  const all = [...own.map((row) => ({ row, fits: 1 })), ...strange.map((row) => ({ row, fits: 0 }))];
  const rows = all.map(({ row }) => writeAnswerable(writer, beamInput(row)).slice());
  return { names: writer.names, rows, target: Uint8Array.from(all, ({ fits }) => fits), fold: all.map(({ row }) => row.example.db.fold) };
};
