/** Group, HAVING, order and limit, taken together. */
import { sketchLabels } from '../heads/types';
import type { NumberLink } from '../link/types';
import type { SchemaColumn } from '../schema/types';
import { logOf } from './beam-types';
import type { BeamInput, Clauses, HavingChoice, SortChoice } from './beam-types';

const COMBINATIONS = 14;

const ranked = (columns: readonly SchemaColumn[], probability: ArrayLike<number>, count: number): SchemaColumn[] =>
  columns
    .filter((column) => !column.hidden)
    .sort((a, b) => probability[b.id]! - probability[a.id]!)
    .slice(0, count);

/** log of the column's share among those that could take its place: the clause itself is the sketch's decision. */
const share = (probability: ArrayLike<number>, column: SchemaColumn): number => {
  let total = 0.02;
  for (let id = 0; id < probability.length; id += 1) total += probability[id]!;
  return logOf(probability[column.id]! / total);
};

interface Option<T> {
  choice?: T;
  score: number;
  numbers: readonly number[];
}

const limits = (numbers: readonly NumberLink[]): { limit: number; score: number; numbers: number[] }[] => {
  const options = [{ limit: 1, score: 0, numbers: [] as number[] }];
  for (const link of numbers) {
    if (!Number.isInteger(link.value) || link.value < 1 || link.value > 1000 || (link.role === 'year' && link.value > 100)) continue;
    if (link.operator !== undefined && link.role !== 'top') continue;
    const score = link.role === 'top' ? 1.5 : link.role === 'ordinal' ? -1 : link.value <= 20 ? -0.7 : -3;
    options.push({ limit: link.value, score, numbers: [link.from] });
  }
  return options;
};

const sortOptions = ({ question, sketch, roles }: BeamInput): Option<SortChoice>[] => {
  const options: Option<SortChoice>[] = [{ score: sketch.sort.none, numbers: [] }];
  const columns = ranked(question.schema.columns, roles.order, 4);
  const measures = ranked(
    question.schema.columns.filter((column) => column.isNumeric && !column.isId),
    roles.aggregate,
    2,
  );
  for (const label of sketchLabels.sort) {
    const base = sketch.sort[label];
    if (label === 'none' || base < Math.log(0.01)) continue;
    const direction = label.includes('Desc') ? 'desc' : 'asc';
    const tops = label.endsWith('Top') ? limits(question.numbers) : [{ limit: undefined, score: 0, numbers: [] as number[] }];
    for (const { limit, score, numbers } of tops) {
      if (label.startsWith('column')) {
        for (const column of columns)
          options.push({ choice: { column, direction, limit }, score: base + score + share(roles.order, column), numbers });
        continue;
      }
      options.push({ choice: { fn: 'count', direction, limit }, score: base + score - 0.15, numbers });
      for (const column of measures) {
        for (const fn of ['sum', 'avg', 'max', 'min'] as const) {
          const said = question.cues.some((cue) => cue.cue === 'aggregate' && cue.detail === fn);
          options.push({
            choice: { fn, column, direction, limit },
            score: base + score + share(roles.aggregate, column) + (said ? -0.2 : fn === 'sum' ? -1.6 : -3),
            numbers,
          });
        }
      }
    }
  }
  return options.sort((a, b) => b.score - a.score).slice(0, 10);
};

const havingOptions = ({ question, sketch, roles }: BeamInput): Option<HavingChoice>[] => {
  const options: Option<HavingChoice>[] = [{ score: sketch.having.no, numbers: [] }];
  if (sketch.having.yes < Math.log(0.02)) return options;
  const measures = ranked(
    question.schema.columns.filter((column) => column.isNumeric && !column.isId),
    roles.aggregate,
    2,
  );
  const most = Math.max(0, ...question.schema.tables.map((table) => table.rowCount));
  for (const link of question.numbers) {
    if (link.role === 'year' && link.value > 1800) continue;
    const operator = link.operator ?? '=';
    options.push({
      choice: { fn: 'count', operator, value: link.value },
      score: sketch.having.yes + (link.operator ? 0 : -0.7) - (link.value > most && most > 0 ? 3 : 0),
      numbers: [link.from],
    });
    for (const column of measures) {
      for (const fn of ['avg', 'sum', 'max', 'min'] as const) {
        const said = question.cues.some((cue) => cue.cue === 'aggregate' && cue.detail === fn);
        // More than there are rows is no count.
        const large = fn === 'sum' && link.value > most;
        if (said || large)
          options.push({
            choice: { fn, column, operator, value: link.value },
            score: sketch.having.yes + share(roles.aggregate, column) - (said ? 0.3 : 0.8),
            numbers: [link.from],
          });
      }
    }
  }
  // "more than one": the number may be a word that counts as none.
  if (question.numbers.length === 0)
    options.push({ choice: { fn: 'count', operator: '>', value: 1 }, score: sketch.having.yes - 1, numbers: [] });
  return options.sort((a, b) => b.score - a.score).slice(0, 4);
};

const groupOptions = ({ question, sketch, roles }: BeamInput): Option<SchemaColumn>[] => [
  { score: sketch.group.no, numbers: [] },
  ...ranked(question.schema.columns, roles.group, 5).map((column) => ({
    choice: column,
    score: sketch.group.yes + share(roles.group, column),
    numbers: [],
  })),
];

export const clauseChoices = (input: BeamInput): Clauses[] => {
  const found: Clauses[] = [];
  const sorts = sortOptions(input);
  const havings = havingOptions(input);
  for (const group of groupOptions(input)) {
    for (const having of havings) {
      if (having.choice && !group.choice) continue;
      for (const sort of sorts) {
        // An order by an aggregate needs groups, or there is but one row.
        if (sort.choice?.fn && !group.choice) continue;
        if (sort.numbers.some((at) => having.numbers.includes(at))) continue;
        found.push({
          ...(group.choice ? { group: group.choice } : {}),
          ...(having.choice ? { having: having.choice } : {}),
          ...(sort.choice ? { sort: sort.choice } : {}),
          score: group.score + having.score + sort.score,
          usedNumbers: [...sort.numbers, ...having.numbers],
        });
      }
    }
  }
  return found.sort((a, b) => b.score - a.score).slice(0, COMBINATIONS);
};
