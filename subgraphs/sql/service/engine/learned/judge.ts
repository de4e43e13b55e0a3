/** All heads of one question: sketch, roles of columns and tables. Pure; the scorers are laid out once. */
import { Scorer, softmax, sparseScores } from '#platform/boosting';

import type { LinkedQuestion } from '../link/types';
import type { Schema } from '../schema/types';
import type { BeamInput, LearnedRoles } from './beam-types';
import { contextGrams, contextIndices, maskedWords } from './context-features';
import { delexicalise } from './delexicalise';
import { gatherMentions } from './mentions';
import type { Mentions } from './mentions';
import { RowWriter, writeColumn, writeTable } from './role-features';
import { sketchGrams, sketchIndices } from './sketch-features';
import { sketchHeadNames, sketchNames, sketchOf } from './sketch-numbers';
import { sketchLabels } from '../heads/types';
import { writeSketch } from './sketch-refine';
import type { HeadModels } from './weights';

const LEAST_STRENGTH = 0.3;
const columnRoles = ['select', 'aggregate', 'where', 'group', 'order'] as const;
const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));

/** A column that no head is asked about. */
const UNLIKELY = 0.0005;
/** Tables of a schema that is judged whole, and how many are judged of a wider one. */
const NARROW = 14;
const JUDGED_TABLES = 10;

/** In a wide schema only the columns of the likeliest tables are judged: the others could not win, and judging them is most of the time. */
const likelyTables = (schema: Schema, guess: ArrayLike<number>): ((table: number) => boolean) => {
  if (schema.tables.length <= NARROW) return () => true;
  // Tables that nothing tells apart are equally likely: the first of them stand for all, or a name that every table has would bring all in.
  const likeliest = schema.tables.map(({ id }) => id).sort((a, b) => guess[b]! - guess[a]! || a - b);
  const judged = new Set(likeliest.slice(0, JUDGED_TABLES));
  return (table) => judged.has(table);
};

/** Rows one after the other, as the scorers read them. The writer's row is used again for each. */
const inOneBlock = <Item>(items: readonly Item[], write: (item: Item) => Float32Array): Float32Array => {
  let block = new Float32Array(0);
  items.forEach((item, place) => {
    const row = write(item);
    if (place === 0) block = new Float32Array(row.length * items.length);
    block.set(row, place * row.length);
  });
  return block;
};

export class Judge {
  private readonly guess: Scorer;
  private readonly refine: Map<string, Scorer>;
  private readonly roles: Map<string, Scorer>;

  constructor(private readonly models: Pick<HeadModels, 'sketch' | 'context' | 'guess' | 'refine' | 'roles'>) {
    this.guess = new Scorer(models.guess);
    this.refine = new Map(Object.entries(models.refine).map(([head, model]) => [head, new Scorer(model)]));
    this.roles = new Map(Object.entries(models.roles).map(([role, model]) => [role, new Scorer(model)]));
  }

  judge(question: LinkedQuestion): BeamInput & { readonly numbers: Float32Array } {
    const mentions = gatherMentions(question);
    const linear = this.linear(question);
    const context = this.context(mentions);
    const tables = this.guesses(mentions, linear);
    const numbers = this.refined(mentions, { linear, context, tables });
    const roles = this.columnRoles(mentions, { numbers, context, tables });
    return { question, mentions, sketch: sketchOf(numbers), roles, context, numbers };
  }

  private linear(question: LinkedQuestion): Float32Array {
    const indices = sketchIndices(sketchGrams(delexicalise(question), question));
    return Float32Array.from(sketchHeadNames.flatMap((head) => Array.from(softmax(sparseScores(this.models.sketch[head]!, indices)))));
  }

  private context(mentions: Mentions): (Float32Array | undefined)[] {
    const words = maskedWords(mentions);
    return mentions.columns.map((links) => {
      const link = links[0];
      if (!link || link.strength < LEAST_STRENGTH) return undefined;
      return Float32Array.from(softmax(sparseScores(this.models.context, contextIndices(contextGrams(mentions, words, link)))));
    });
  }

  private guesses(mentions: Mentions, linear: Float32Array): Float32Array {
    const write = new RowWriter();
    const sketch = { names: sketchNames, values: linear };
    const { tables } = mentions.question.schema;
    const rows = inOneBlock(tables, (table) => writeTable(write, mentions, table, { sketch }));
    return Float32Array.from(this.guess.scoreRows(rows, tables.length), sigmoid);
  }

  private refined(
    mentions: Mentions,
    before: { linear: Float32Array; context: (Float32Array | undefined)[]; tables: Float32Array },
  ): Float32Array {
    const row = writeSketch(new RowWriter(), mentions, before);
    return Float32Array.from(
      sketchHeadNames.flatMap((head) => {
        const shares = this.refine.get(head)!.predict(row);
        return sketchLabels[head].map((_, label) => shares[label] ?? 0);
      }),
    );
  }

  private columnRoles(
    mentions: Mentions,
    before: { numbers: Float32Array; context: (Float32Array | undefined)[]; tables: Float32Array },
  ): LearnedRoles {
    const { schema } = mentions.question;
    const sketch = { names: sketchNames, values: before.numbers };
    const roles = Object.fromEntries(
      [...columnRoles, 'from', 'inner'].map((role) => [
        role,
        new Float32Array(role === 'from' || role === 'inner' ? schema.tables.length : schema.columns.length),
      ]),
    ) as Record<(typeof columnRoles)[number] | 'from' | 'inner', Float32Array>;
    const write = new RowWriter();
    const inPlay = likelyTables(schema, before.tables);
    const judged = schema.columns.filter((column) => inPlay(column.table.id));
    for (const role of columnRoles) roles[role].fill(UNLIKELY);
    const known = { sketch, tables: before.tables, context: before.context };
    const rows = inOneBlock(judged, (column) => writeColumn(write, mentions, column, known));
    for (const role of columnRoles) {
      const scores = this.roles.get(role)!.scoreRows(rows, judged.length);
      judged.forEach((column, place) => (roles[role][column.id] = sigmoid(scores[place]!)));
    }
    const writeT = new RowWriter();
    const tableRows = inOneBlock(schema.tables, (table) => writeTable(writeT, mentions, table, { sketch, roles }));
    for (const role of ['from', 'inner'] as const) {
      const scores = this.roles.get(role)!.scoreRows(tableRows, schema.tables.length);
      schema.tables.forEach((table, place) => (roles[role][table.id] = sigmoid(scores[place]!)));
    }
    return roles;
  }
}
