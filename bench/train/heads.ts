/** Trains the heads fold by fold, and predicts for each question with heads that never saw its database. */
import { Scorer, softmax, sparseScores, train, trainSparseSoftmax, columnsOf } from '#platform/boosting';
import type { BoostedModel, SparseSoftmax } from '#platform/boosting';

import { sketchLabels } from '../../subgraphs/sql/service/engine/heads/types';
import type { SketchHead } from '../../subgraphs/sql/service/engine/heads/types';
import { CONTEXT_SPACE, contextGrams, contextIndices, maskedWords } from '../../subgraphs/sql/service/engine/learned/context-features';
import { delexicalise } from '../../subgraphs/sql/service/engine/learned/delexicalise';
import { gatherMentions } from '../../subgraphs/sql/service/engine/learned/mentions';
import type { Mentions } from '../../subgraphs/sql/service/engine/learned/mentions';
import { RowWriter, writeColumn, writeTable } from '../../subgraphs/sql/service/engine/learned/role-features';
import { writeSketch } from '../../subgraphs/sql/service/engine/learned/sketch-refine';
import { SKETCH_SPACE, hashText, sketchGrams } from '../../subgraphs/sql/service/engine/learned/sketch-features';
import { sketchNames } from '../../subgraphs/sql/service/engine/learned/sketch-numbers';
import type { Example } from './examples';
import { columnRoles } from './gold';
import type { ColumnRole } from './gold';

export const sketchHeads = Object.keys(sketchLabels) as SketchHead[];
export const tableRoles = ['from', 'inner'] as const;
export type TableRole = (typeof tableRoles)[number];

export interface Prepared {
  readonly example: Example;
  readonly mentions: Mentions;
  readonly indices: Uint32Array;
  /** Per column id with a mention, the features of the words around it. */
  readonly context: readonly (Uint32Array | undefined)[];
}

const LEAST_STRENGTH = 0.3;

/** Grams seen in fewer databases than this are dropped: they would be nouns of one schema. */
const LEAST_DATABASES = 3;

export const prepare = (examples: readonly Example[]): { prepared: Prepared[]; kept: Set<number>; keptContext: Set<number> } => {
  const seen = new Map<number, Set<string>>();
  const grams = examples.map((example) => {
    const list = sketchGrams(delexicalise(example.linked), example.linked).map((gram) => hashText(gram) & (SKETCH_SPACE - 1));
    const unique = [...new Set(list)];
    for (const gram of unique) {
      let set = seen.get(gram);
      if (!set) seen.set(gram, (set = new Set()));
      if (set.size < LEAST_DATABASES) set.add(example.db.id);
    }
    return unique;
  });
  const kept = new Set([...seen].filter(([, databases]) => databases.size >= LEAST_DATABASES).map(([gram]) => gram));
  const contexts = examples.map((example) => {
    const mentions = gatherMentions(example.linked);
    const words = maskedWords(mentions);
    return {
      mentions,
      columns: mentions.columns.map((links) =>
        links[0] && links[0].strength >= LEAST_STRENGTH ? contextIndices(contextGrams(mentions, words, links[0])) : undefined,
      ),
    };
  });
  const seenContext = new Map<number, Set<string>>();
  examples.forEach((example, index) => {
    for (const indices of contexts[index]!.columns) {
      for (const gram of indices ?? []) {
        let set = seenContext.get(gram);
        if (!set) seenContext.set(gram, (set = new Set()));
        if (set.size < LEAST_DATABASES) set.add(example.db.id);
      }
    }
  });
  const keptContext = new Set([...seenContext].filter(([, databases]) => databases.size >= LEAST_DATABASES).map(([gram]) => gram));
  const prepared = examples.map((example, index) => ({
    example,
    mentions: contexts[index]!.mentions,
    indices: Uint32Array.from(grams[index]!.filter((gram) => kept.has(gram))).sort(),
    context: contexts[index]!.columns.map((indices) => indices && Uint32Array.from(indices.filter((gram) => keptContext.has(gram)))),
  }));
  return { prepared, kept, keptContext };
};

export type SketchModels = Record<SketchHead, SparseSoftmax>;

export const trainSketch = (rows: readonly Prepared[]): SketchModels => {
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, index) => (starts[index + 1] = starts[index]! + row.indices.length));
  const indices = new Uint32Array(starts[rows.length]!);
  rows.forEach((row, index) => indices.set(row.indices, starts[index]!));
  const models = {} as SketchModels;
  for (const head of sketchHeads) {
    const labels = rows.map((row) => row.example.gold.sketch[head]);
    models[head] = trainSparseSoftmax({ starts, indices }, labels, {
      classes: sketchLabels[head].length,
      features: SKETCH_SPACE,
      epochs: 7,
      rate: 0.1,
      l2: 3e-4,
    });
  }
  return models;
};

/** All probabilities in the order of `sketchNames`. */
export const predictSketch = (models: SketchModels, indices: Uint32Array): Float32Array =>
  Float32Array.from(sketchHeads.flatMap((head) => Array.from(softmax(sparseScores(models[head], indices)))));

const contextLabel = (row: Prepared, id: number): number => {
  const { roles } = row.example.gold;
  return roles.where.has(id)
    ? 3
    : roles.group.has(id)
      ? 4
      : roles.order.has(id)
        ? 5
        : roles.aggregate.has(id)
          ? 2
          : roles.select.has(id)
            ? 1
            : 0;
};

/** A linear model from the words around a mention to the role of the column. */
export const trainContext = (rows: readonly Prepared[]): SparseSoftmax => {
  const labels: number[] = [];
  const lists: Uint32Array[] = [];
  for (const row of rows) {
    row.context.forEach((indices, id) => {
      if (!indices) return;
      lists.push(indices);
      labels.push(contextLabel(row, id));
    });
  }
  const starts = new Uint32Array(lists.length + 1);
  lists.forEach((list, index) => (starts[index + 1] = starts[index]! + list.length));
  const indices = new Uint32Array(starts[lists.length]!);
  lists.forEach((list, index) => indices.set(list, starts[index]!));
  return trainSparseSoftmax({ starts, indices }, labels, { classes: 6, features: CONTEXT_SPACE, epochs: 4, rate: 0.1, l2: 3e-4 });
};

export const predictContext = (model: SparseSoftmax, row: Prepared): (Float32Array | undefined)[] =>
  row.context.map((indices) => indices && Float32Array.from(softmax(sparseScores(model, indices))));

export interface RoleRows {
  readonly names: readonly string[];
  readonly matrix: Float32Array;
  /** Question number of each row. */
  readonly question: Uint32Array;
  /** Column or table id of each row. */
  readonly item: Uint32Array;
  readonly labels: Record<string, Uint8Array>;
  readonly first: Uint32Array;
}

const assemble = (
  count: number,
  write: (push: (row: Float32Array, question: number, item: number) => void) => void,
  names: () => readonly string[],
): Omit<RoleRows, 'labels'> => {
  let width = 0;
  let matrix = new Float32Array(0);
  const question: number[] = [];
  const item: number[] = [];
  const first = new Uint32Array(count + 1);
  let rows = 0;
  write((row, at, id) => {
    if (width === 0) {
      width = row.length;
      matrix = new Float32Array(width * 4096);
    }
    if ((rows + 1) * width > matrix.length) {
      const larger = new Float32Array(matrix.length * 2);
      larger.set(matrix);
      matrix = larger;
    }
    matrix.set(row, rows * width);
    question.push(at);
    item.push(id);
    rows += 1;
    first[at + 1] = rows;
  });
  for (let at = 1; at <= count; at += 1) first[at] = Math.max(first[at]!, first[at - 1]!);
  return {
    names: names(),
    matrix: matrix.slice(0, rows * width),
    question: Uint32Array.from(question),
    item: Uint32Array.from(item),
    first,
  };
};

export interface Guesses {
  readonly sketch: readonly Float32Array[];
  readonly context: readonly (readonly (Float32Array | undefined)[])[];
  readonly tables: readonly Float32Array[];
}

export const columnRows = (rows: readonly Prepared[], guesses: Guesses): RoleRows => {
  const writer = new RowWriter();
  const labels = Object.fromEntries(columnRoles.map((role) => [role, [] as number[]])) as Record<ColumnRole, number[]>;
  const built = assemble(
    rows.length,
    (push) => {
      rows.forEach((row, at) => {
        for (const column of row.example.linked.schema.columns) {
          push(
            writeColumn(writer, row.mentions, column, {
              sketch: { names: sketchNames, values: guesses.sketch[at]! },
              tables: guesses.tables[at]!,
              context: guesses.context[at]!,
            }),
            at,
            column.id,
          );
          for (const role of columnRoles) labels[role].push(row.example.gold.roles[role].has(column.id) ? 1 : 0);
        }
      });
    },
    () => writer.names,
  );
  return { ...built, labels: Object.fromEntries(columnRoles.map((role) => [role, Uint8Array.from(labels[role])])) };
};

export const tableRows = (
  rows: readonly Prepared[],
  sketch: readonly Float32Array[],
  roles?: readonly Record<ColumnRole, Float32Array>[],
): RoleRows => {
  const writer = new RowWriter();
  const labels = { from: [] as number[], inner: [] as number[] };
  const built = assemble(
    rows.length,
    (push) => {
      rows.forEach((row, at) => {
        for (const table of row.example.linked.schema.tables) {
          push(
            writeTable(writer, row.mentions, table, {
              sketch: { names: sketchNames, values: sketch[at]! },
              ...(roles ? { roles: roles[at]! } : {}),
            }),
            at,
            table.id,
          );
          labels.from.push(row.example.gold.from.has(table.id) ? 1 : 0);
          labels.inner.push(row.example.gold.inner.has(table.id) ? 1 : 0);
        }
      });
    },
    () => writer.names,
  );
  return { ...built, labels: { from: Uint8Array.from(labels.from), inner: Uint8Array.from(labels.inner) } };
};

export interface TreeSettings {
  readonly trees: number;
  readonly depth: number;
  readonly rate: number;
}

export const trainRole = (rows: RoleRows, role: string, keep: (question: number) => boolean, settings: TreeSettings): BoostedModel => {
  const label = rows.labels[role]!;
  const width = rows.names.length;
  const strength = rows.names.indexOf('strength');
  const value = rows.names.indexOf('value');
  const chosen: number[] = [];
  const weights: number[] = [];
  for (let row = 0; row < label.length; row += 1) {
    if (!keep(rows.question[row]!)) continue;
    const plain = label[row] === 0 && rows.matrix[row * width + strength]! < 0.3 && rows.matrix[row * width + value]! < 0.3;
    // Of the columns that nothing speaks of, one in six stands for all.
    if (plain && row % 6 !== 0) continue;
    chosen.push(row);
    weights.push(plain ? 6 : 1);
  }
  const matrix = new Float32Array(chosen.length * width);
  chosen.forEach((row, index) => matrix.set(rows.matrix.subarray(row * width, (row + 1) * width), index * width));
  return train(
    {
      columns: columnsOf(matrix, width),
      names: rows.names,
      target: Uint8Array.from(chosen, (row) => label[row]!),
      weights: Float32Array.from(weights),
    },
    {
      objective: 'binary',
      trees: settings.trees,
      depth: settings.depth,
      learningRate: settings.rate,
      columnFraction: 0.4,
      rowFraction: 0.8,
      minChildWeight: 4,
      l2: 2,
      bins: 48,
      seed: 7,
    },
  );
};

export const scoreRole = (rows: RoleRows, scorer: Scorer, question: number, size: number): Float32Array => {
  const result = new Float32Array(size);
  for (let row = rows.first[question]!; row < rows.first[question + 1]!; row += 1)
    result[rows.item[row]!] = 1 / (1 + Math.exp(-scorer.score(rows.matrix, row * rows.names.length)));
  return result;
};

export interface SketchRows {
  readonly names: readonly string[];
  readonly rows: readonly Float32Array[];
}

export const sketchRows = (rows: readonly Prepared[], { sketch, context, tables }: Guesses): SketchRows => {
  const writer = new RowWriter();
  const built = rows.map((row, at) =>
    writeSketch(writer, row.mentions, { linear: sketch[at]!, context: context[at]!, tables: tables[at]! }).slice(),
  );
  return { names: writer.names, rows: built };
};

export type RefineModels = Partial<Record<SketchHead, BoostedModel>>;

/** The second stage: trees over the linear heads' probabilities and dense features. */
export const trainRefine = (prepared: readonly Prepared[], sketch: SketchRows, keep: (question: number) => boolean): RefineModels => {
  const chosen = prepared.map((_, at) => at).filter(keep);
  const width = sketch.names.length;
  const matrix = new Float32Array(chosen.length * width);
  chosen.forEach((row, at) => matrix.set(sketch.rows[row]!, at * width));
  const columns = columnsOf(matrix, width);
  const models: RefineModels = {};
  for (const head of sketchHeads) {
    const target = Uint8Array.from(chosen, (row) => prepared[row]!.example.gold.sketch[head]);
    const binary = sketchLabels[head].length === 2;
    models[head] = train(
      { columns, names: sketch.names, target },
      {
        objective: binary ? 'binary' : 'multiclass',
        trees: binary ? 45 : 35,
        depth: 4,
        learningRate: 0.12,
        columnFraction: 0.35,
        rowFraction: 0.8,
        minChildWeight: 3,
        l2: 3,
        bins: 32,
        seed: 5,
      },
    );
  }
  return models;
};

export const predictRefine = (models: RefineModels, row: Float32Array): Float32Array =>
  Float32Array.from(
    sketchHeads.flatMap((head) => {
      const shares = new Scorer(models[head]!).predict(row);
      return Array.from(sketchLabels[head], (_, label) => shares[label] ?? 0);
    }),
  );
