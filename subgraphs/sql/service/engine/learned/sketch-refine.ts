/** Dense features of the sketch's second stage: the linear heads' probabilities, counts of links, cues, and what the mentions' contexts say. */
import { cueClasses, cueClassOf } from './cue-classes';
import type { Mentions } from './mentions';
import { contextRoles, type RowWriter } from './role-features';
import { sketchNames } from './sketch-numbers';

const cueNames = [
  'count',
  'distinctCount',
  'distinct',
  'aggregate',
  'each',
  'by',
  'with',
  'superlative',
  'frequent',
  'rare',
  'sort',
  'direction',
  'negation',
  'never',
  'both',
  'or',
  'like',
  'null',
  'notNull',
  'star',
  'average',
  'top',
  'perGroup',
] as const;

const cueDetails = [
  'direction:asc',
  'direction:desc',
  'superlative:asc',
  'superlative:desc',
  'aggregate:avg',
  'aggregate:sum',
  'aggregate:min',
  'aggregate:max',
  'like:contains',
  'like:starts',
  'like:ends',
  'average:above',
  'average:below',
] as const;

export interface SketchBefore {
  readonly linear: ArrayLike<number>;
  readonly context: readonly (ArrayLike<number> | undefined)[];
  readonly tables: ArrayLike<number>;
}

const groupedSpans = (links: readonly { from: number; to: number; strength: number }[], least: number): number => {
  const starts = new Set<number>();
  let end = -1;
  for (const link of [...links].filter((item) => item.strength >= least).sort((a, b) => a.from - b.from)) {
    if (link.from >= end) starts.add(link.from);
    end = Math.max(end, link.to);
  }
  return starts.size;
};

export const writeSketch = (write: RowWriter, mentions: Mentions, { linear, context, tables }: SketchBefore): Float32Array => {
  const { question } = mentions;
  write.begin();
  sketchNames.forEach((name, index) => write.add(`linear:${name}`, linear[index]));
  write.add(
    'columns',
    groupedSpans(
      question.columns.filter((link) => link.match !== 'concept'),
      0.55,
    ),
  );
  write.add('columnsSome', groupedSpans(question.columns, 0.3));
  write.add('tables', groupedSpans(question.tables, 0.6));
  write.add('values', groupedSpans(question.values, 0.6));
  write.add(
    'valuesSure',
    groupedSpans(
      question.values.filter((link) => link.quoted || link.capital),
      0.8,
    ),
  );
  write.add('valuesWeak', groupedSpans(question.values, 0.3));
  write.add('numbers', question.numbers.length);
  write.add('numbersCompared', question.numbers.filter((link) => link.operator !== undefined).length);
  write.add('numbersTop', question.numbers.filter((link) => link.role === 'top').length);
  write.add('years', question.numbers.filter((link) => link.role === 'year').length);
  write.add('times', question.times.length);
  write.add('quoted', question.tokens.filter((token) => token.kind === 'quoted').length);
  write.add('capitals', question.tokens.filter((token) => token.capital && !token.stop).length);
  write.add('commas', question.tokens.filter((token) => token.text === ',').length);
  write.add('ands', question.tokens.filter((token) => token.lower === 'and').length);
  write.add('length', question.tokens.length);
  for (const cue of cueNames) write.add(`cue:${cue}`, question.cues.filter((link) => link.cue === cue).length);
  for (const detail of cueDetails)
    write.add(`cue:${detail}`, question.cues.filter((link) => `${link.cue}:${link.detail ?? ''}` === detail).length);
  const lastSort = question.cues.filter((link) => link.cue === 'sort' || link.cue === 'direction');
  write.add('sortAt', lastSort.length > 0 ? question.tokens.length - lastSort[lastSort.length - 1]!.from : undefined);
  const classes = new Float32Array(cueClasses.length);
  for (const token of question.tokens) {
    const found = cueClassOf(token.lower);
    if (found >= 0) classes[found]! += 1;
  }
  cueClasses.forEach((name, index) => write.add(`class:${name}`, classes[index]));
  write.add('first', question.tokens[0] ? cueClassOf(question.tokens[0].lower) : -1);
  // Each span counts once, for the column whose context says most.
  const totals = new Float32Array(contextRoles.length);
  const spans = new Map<number, Float32Array>();
  context.forEach((shares, id) => {
    const link = mentions.columns[id]![0];
    if (!shares || !link || link.strength < 0.45) return;
    const most = spans.get(link.from) ?? new Float32Array(contextRoles.length);
    contextRoles.forEach((_, index) => (most[index] = Math.max(most[index]!, shares[index]! * link.strength)));
    spans.set(link.from, most);
  });
  for (const most of spans.values()) most.forEach((share, index) => (totals[index]! += share));
  contextRoles.forEach((role, index) => write.add(`expect:${role}`, totals[index]));
  const guesses = Array.from(tables).sort((a, b) => b - a);
  write.add('guess1', guesses[0] ?? 0);
  write.add('guess2', guesses[1] ?? 0);
  write.add('guess3', guesses[2] ?? 0);
  write.add(
    'guessSum',
    guesses.reduce((sum, value) => sum + value, 0),
  );
  write.add('schemaTables', question.schema.tables.length);
  return write.end();
};
