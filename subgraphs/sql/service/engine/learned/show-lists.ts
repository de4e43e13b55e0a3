import type { SchemaColumn } from '../schema/types';
import { logit, logOf } from './beam-types';
import type { BeamInput, ShowEntry, ShowList } from './beam-types';

const LISTS = 18;
const itemLabels = ['1', '2', '3', '4'] as const;

interface Partial {
  entries: ShowEntry[];
  score: number;
}

const top = (columns: readonly SchemaColumn[], probability: ArrayLike<number>, count: number, least = 0): SchemaColumn[] =>
  columns
    .filter((column) => !column.hidden && probability[column.id]! > least)
    .sort((a, b) => probability[b.id]! - probability[a.id]!)
    .slice(0, count);

/** Which aggregates are shown, by the sketch; over which column, by the aggregate role. */
const aggregateChoices = ({ question, sketch, roles }: BeamInput): Partial[] => {
  const { columns } = question.schema;
  const numeric = columns.filter(
    (column) =>
      column.isNumeric || (column.source.declaredType !== '' && /int|real|num|dec|float|double/i.test(column.source.declaredType)),
  );
  const total = numeric.reduce((sum, column) => sum + roles.aggregate[column.id]!, 0.02);
  const share = (column: SchemaColumn): number =>
    logOf(roles.aggregate[column.id]! / (column.isNumeric ? total : total + roles.aggregate[column.id]!));
  let partials: Partial[] = [{ entries: [], score: 0 }];
  const branch = (yes: number, no: number, choices: readonly { entries: readonly ShowEntry[]; score: number }[]): void => {
    const next: Partial[] = [];
    for (const partial of partials) {
      next.push({ entries: partial.entries, score: partial.score + no });
      if (yes < Math.log(0.015)) continue;
      for (const { entries, score } of choices) {
        // "the average, smallest and largest age": one column, chosen once.
        const again = entries.every((entry) => entry.column && partial.entries.some((known) => known.column === entry.column));
        const other = !again && partial.entries.some((known) => known.column && entries.some((entry) => entry.column));
        next.push({ entries: [...partial.entries, ...entries], score: partial.score + yes + (again ? -0.1 : score) - (other ? 0.5 : 0) });
      }
    }
    partials = next.sort((a, b) => b.score - a.score).slice(0, 14);
  };
  for (const fn of ['avg', 'sum', 'min', 'max'] as const) {
    // Keys and codes are not added up.
    const pool =
      fn === 'min' || fn === 'max'
        ? columns.filter((column) => column.isNumeric || column.isTime || roles.aggregate[column.id]! > 0.3)
        : numeric.filter((column) => !column.isId && !column.isKey);
    const best = top(pool, roles.aggregate, 3);
    const entries = best.map((column) => ({
      entries: [{ kind: 'aggregate', fn, column } satisfies ShowEntry] as ShowEntry[],
      score: share(column),
    }));
    // "average height and weight": one word for two columns.
    const [first, second] = best;
    if (first && second && roles.aggregate[second.id]! > 0.25) {
      entries.push({
        entries: [first, second].map((column): ShowEntry => ({ kind: 'aggregate', fn, column })),
        score: logOf(roles.aggregate[second.id]!),
      });
    }
    branch(sketch[fn].yes, sketch[fn].no, entries);
  }
  branch(
    sketch.countDistinct.yes,
    sketch.countDistinct.no,
    top(columns, roles.aggregate, 4).map((column) => ({
      entries: [{ kind: 'aggregate', fn: 'count', column, distinct: true }],
      score: share(column),
    })),
  );
  branch(sketch.countRows.yes, sketch.countRows.no, [{ entries: [{ kind: 'count' }], score: 0 }]);
  return partials;
};

/** Sets of plain columns, best first: the best k, and those with one exchanged. */
const columnChoices = ({ question, roles }: BeamInput): Partial[] => {
  const ranked = top(question.schema.columns, roles.select, 9, 0.004);
  const score = (columns: readonly SchemaColumn[]): number => columns.reduce((sum, column) => sum + logit(roles.select[column.id]!), 0);
  const choices: SchemaColumn[][] = [[]];
  for (let size = 1; size <= Math.min(5, ranked.length); size += 1) {
    const best = ranked.slice(0, size);
    choices.push(best);
    const reach = size === 1 ? 6 : size === 2 ? 4 : 3;
    for (let replacement = size; replacement < Math.min(ranked.length, size + reach); replacement += 1) {
      for (let out = size - 1; out >= Math.max(0, size - 3); out -= 1)
        choices.push([...best.filter((_, index) => index !== out), ranked[replacement]!]);
    }
  }
  return choices
    .map((columns) => ({ entries: columns.map((column): ShowEntry => ({ kind: 'column', column })), score: score(columns) }))
    .sort((a, b) => b.score - a.score);
};

const rejected = (columns: readonly (SchemaColumn | undefined)[], input: BeamInput): number => {
  // Two columns of one span are alternatives, unless they are parts of one name; both sides of a foreign key say the same.
  let penalty = 0;
  for (let first = 0; first < columns.length; first += 1) {
    for (let second = first + 1; second < columns.length; second += 1) {
      const [a, b] = [columns[first], columns[second]];
      if (!a || !b) continue;
      const [linkA, linkB] = [input.mentions.columns[a.id]![0], input.mentions.columns[b.id]![0]];
      const sameSpan = linkA && linkB && linkA.from === linkB.from && linkA.to === linkB.to;
      if (sameSpan && !(a.table === b.table && a.isName && b.isName)) penalty -= 2;
      if (a.name.toLowerCase() === b.name.toLowerCase() && a.isId) penalty -= 2;
    }
  }
  return penalty;
};

export const showLists = (input: BeamInput): ShowList[] => {
  const { sketch } = input;
  const aggregates = aggregateChoices(input);
  const columns = columnChoices(input);
  const lists: ShowList[] = [];
  const all = [...columns];
  for (const some of aggregates) {
    for (const plain of all) {
      const entries = [...plain.entries, ...some.entries];
      if (entries.length === 0) continue;
      const columnScore = plain.score;
      const score =
        some.score +
        plain.score +
        sketch.items[itemLabels[Math.min(3, entries.length - 1)]!] +
        sketch.star.no +
        rejected(
          plain.entries.map((entry) => entry.column),
          input,
        );
      lists.push({ entries, score, columnScore });
    }
  }
  if (sketch.star.yes > Math.log(0.02))
    lists.push({
      entries: [{ kind: 'all' }],
      score: sketch.star.yes + sketch.items['1'] * 0.5 + (aggregates.find((some) => some.entries.length === 0)?.score ?? -6),
      columnScore: 0,
    });
  return lists.sort((a, b) => b.score - a.score).slice(0, LISTS);
};
