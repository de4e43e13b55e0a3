/** Single conditions that the values, numbers and cues of a question could mean, in slots: one span, its rival readings. */
import type { NumberLink, ValueLink } from '../link/types';
import type { SchemaColumn } from '../schema/types';
import type { ComparisonOperator, Condition, Literal } from '../tree';
import { columnRef, logOf } from './beam-types';
import type { Atom, BeamInput } from './beam-types';

export interface Slot {
  readonly from: number;
  readonly to: number;
  readonly kind: 'value' | 'number' | 'like' | 'compare' | 'null';
  readonly options: readonly Atom[];
  /** Log-cost of leaving the span out of WHERE. */
  readonly skip: number;
  /** A number that may also be a limit or a bound of HAVING. */
  readonly number?: NumberLink;
}

const OPTIONS_PER_SLOT = 5;

const literalOf = (value: string | number): Literal => ({ kind: 'literal', value, type: typeof value === 'number' ? 'number' : 'text' });

const NEGATIONS = new Set([
  'not',
  'no',
  'except',
  'excluding',
  'without',
  'never',
  "n't",
  'other',
  'isn',
  'aren',
  'wasn',
  'weren',
  'don',
  'doesn',
  'didn',
  'besides',
  'neither',
  'nor',
  '!=',
]);

const negatedBefore = ({ question }: BeamInput, at: number): boolean => {
  for (let index = at - 1; index >= Math.max(0, at - 4); index -= 1) {
    const token = question.tokens[index]!;
    if (NEGATIONS.has(token.lower)) return true;
    if (token.text === ',' || token.lower === 'and' || token.lower === 'or' || token.lower === 'whose') return false;
  }
  return false;
};

const compare = (column: SchemaColumn, operator: ComparisonOperator, value: string | number): Condition => ({
  kind: 'compare',
  operator,
  left: columnRef(column),
  right: literalOf(value),
});

/** In SQLite a text column of numbers keeps its quotes: the cell's own spelling. */
const spelled = (column: SchemaColumn, value: number): string | number => {
  const cells = column.source.values;
  if (!cells || column.isNumeric === false || /int|real|num|dec|float|double/i.test(column.source.declaredType)) return value;
  return cells.some((cell) => typeof cell === 'string') ? String(value) : value;
};

const overlaps = (a: { from: number; to: number }, b: { from: number; to: number }): boolean => a.from < b.to && b.from < a.to;

/** A quoted first and last name of one table are one condition of two parts. */
const fullName = (links: readonly ValueLink[], options: readonly Atom[]): Atom | undefined => {
  const [a, b] = options;
  if (
    links.length !== 2 ||
    !a ||
    !b ||
    !links.every((link) => link.quoted && link.match === 'exact') ||
    a.column === b.column ||
    a.column.table !== b.column.table ||
    links[0]!.value === links[1]!.value
  )
    return undefined;
  return { ...a, condition: { kind: 'and', conditions: [a.condition, b.condition] }, score: Math.max(a.score, b.score) + 1.5 };
};

/** Links of overlapping spans compete: they form one slot. */
const valueSlots = (input: BeamInput): Slot[] => {
  const { question, roles, mentions } = input;
  const negation = question.cues.some((cue) => cue.cue === 'negation' || cue.cue === 'never');
  const links = question.values
    .filter((link) => link.strength >= 0.3)
    .sort((a, b) => b.to - b.from - (a.to - a.from) || b.strength - a.strength);
  const groups: { from: number; to: number; links: ValueLink[] }[] = [];
  for (const link of links) {
    const group = groups.find((item) => overlaps(item, link));
    if (group) group.links.push(link);
    else groups.push({ from: link.from, to: link.to, links: [link] });
  }
  return groups.map((group) => {
    const options = group.links.flatMap((link): Atom[] => {
      const near = negatedBefore(input, link.from);
      const probability = roles.where[link.column.id]!;
      const length = (link.to - link.from) / Math.max(1, group.to - group.from);
      const score = logOf(probability) + 0.7 * Math.log(link.strength) + 0.8 * Math.log(length);
      const atom = (negated: boolean, cost: number): Atom => ({
        condition: compare(link.column, negated ? '!=' : '=', link.value),
        column: link.column,
        kind: 'value',
        negated,
        from: link.from,
        to: link.to,
        strength: link.strength,
        score: score - cost,
      });
      // No such cell, but some hold it: "have 'Express' in their names".
      if ((link.match === 'unknown' || link.match === 'partial') && typeof link.value === 'string' && link.column.isText) {
        const text = question.text
          .slice(question.tokens[link.from]!.start, question.tokens[link.to - 1]!.end)
          .replace(/^['"“‘]|['"”’]$/g, '');
        const inside = link.column.source.values?.some((cell) => String(cell).toLowerCase().includes(text.toLowerCase())) ?? false;
        if (inside) {
          const like: Atom = {
            ...atom(near, 0),
            kind: 'like',
            condition: { kind: 'like', of: columnRef(link.column), match: 'contains', text, ...(near ? { negated: true } : {}) },
            score: score + (link.match === 'unknown' ? 1 : -0.5),
          };
          return [like, atom(near, 0.3)];
        }
      }
      if (near) return [atom(true, 0.2), atom(false, 1.6)];
      return negation ? [atom(false, 0.2), atom(true, 2)] : [atom(false, 0)];
    });
    const name = fullName(group.links, options);
    if (name) options.push(name);
    const best = group.links.reduce((most, link) => Math.max(most, link.strength), 0);
    const quoted = group.links.some((link) => link.quoted);
    const capital = group.links.some((link) => link.capital);
    // A span that also reads as a name of the schema is left out more easily than a quoted one.
    const named = Math.max(
      0,
      ...question.tokens.slice(group.from, group.to).map((token) => mentions.rivals[token.index]?.[0]?.strength ?? 0),
    );
    const tableNamed = question.tables.some((link) => overlaps(link, group) && link.strength > 0.8);
    const where = Math.max(...group.links.map((link) => roles.where[link.column.id]!));
    const skip = quoted ? -5 : capital ? -3 * best : logOf(1 - where) - (named > 0.8 || tableNamed ? 0 : 0.7 * best);
    return {
      from: group.from,
      to: group.to,
      kind: 'value',
      options: options.sort((a, b) => b.score - a.score).slice(0, OPTIONS_PER_SLOT),
      skip,
    };
  });
};

const numberAtom = (input: BeamInput, link: NumberLink, column: SchemaColumn): Atom | undefined => {
  const { roles, mentions } = input;
  const operator = link.operator ?? '=';
  const values = column.source.values;
  const { min, max } = column.source;
  let score = logOf(roles.where[column.id]!);
  if (!column.isNumeric && !(column.isTime && link.role === 'year')) {
    if (!values?.some((value) => String(value) === String(link.value))) return undefined;
  }
  if (operator === '=' && column.isNumeric && typeof min === 'number' && typeof max === 'number' && (link.value < min || link.value > max))
    score -= 1.5;
  if (operator === '=' && values && column.source.valuesComplete && !values.some((value) => Number(value) === link.value)) score -= 1;
  const mention = mentions.columns[column.id]![0];
  if (mention) score += 0.6 * mention.strength * (Math.abs(mention.to - link.from) <= 6 ? 1 : 0.3);
  const negated = link.operator === undefined && negatedBefore(input, link.from);
  let condition: Condition;
  if (column.isTime && link.role === 'year') {
    condition = yearCondition(column, operator, link);
  } else if (link.upper !== undefined) {
    condition = {
      kind: 'between',
      of: columnRef(column),
      low: literalOf(spelled(column, link.value)),
      high: literalOf(spelled(column, link.upper)),
    };
  } else condition = compare(column, negated ? '!=' : operator, spelled(column, link.value));
  return { condition, column, kind: 'number', negated: negated || operator === '!=', from: link.from, to: link.to, strength: 1, score };
};

const yearCondition = (column: SchemaColumn, operator: ComparisonOperator, link: NumberLink): Condition => {
  const start = (year: number): string => `${year}-01-01`;
  const range = (from?: number, to?: number): Condition => ({
    kind: 'time',
    of: columnRef(column),
    ...(from === undefined ? {} : { from: start(from) }),
    ...(to === undefined ? {} : { to: start(to) }),
  });
  if (link.upper !== undefined) return range(link.value, link.upper + 1);
  if (operator === '>') return range(link.value + 1);
  if (operator === '>=') return range(link.value);
  if (operator === '<') return range(undefined, link.value);
  if (operator === '<=') return range(undefined, link.value + 1);
  return range(link.value, link.value + 1);
};

const numberSlots = (input: BeamInput, taken: readonly Slot[]): Slot[] => {
  const { question, roles } = input;
  const slots: Slot[] = [];
  for (const link of question.numbers) {
    const rival = taken.find((slot) => overlaps(slot, link));
    if (rival?.options.some((option) => typeof option.condition === 'object' && option.strength >= 0.95 && option.to - option.from > 1))
      continue;
    const options = question.schema.columns
      .filter((column) => !column.hidden && (column.isNumeric || column.isTime || roles.where[column.id]! > 0.2))
      .map((column) => numberAtom(input, link, column))
      .filter((atom): atom is Atom => atom !== undefined)
      .sort((a, b) => b.score - a.score)
      .slice(0, OPTIONS_PER_SLOT);
    if (options.length === 0 && link.role !== 'top') continue;
    const token = question.tokens[link.from]!;
    const digits = token.kind === 'number';
    slots.push({
      from: link.from,
      to: link.to,
      kind: 'number',
      options,
      skip: link.role === 'top' || link.role === 'ordinal' ? -0.3 : digits ? -4 : -1.2,
      number: link,
    });
  }
  return slots;
};

/** "contains the word X", "starting with X". */
const likeSlots = (input: BeamInput): Slot[] => {
  const { question, roles, mentions } = input;
  const slots: Slot[] = [];
  for (const cue of question.cues) {
    if (cue.cue !== 'like') continue;
    const skipWords = new Set([
      'the',
      'word',
      'letter',
      'letters',
      'substring',
      'string',
      'phrase',
      'character',
      'characters',
      'with',
      'a',
      'an',
      'prefix',
      'in',
      'its',
      'their',
      'his',
      'her',
      'name',
      'names',
      'title',
      'titles',
      'of',
      'keyword',
      'text',
      'by',
    ]);
    let at = cue.to;
    let token = question.tokens[at];
    const quoted = question.tokens.find((item) => item.index >= cue.to && item.index <= cue.to + 7 && item.kind === 'quoted');
    if (quoted) token = quoted;
    else
      while (token && at < cue.to + 5 && (skipWords.has(token.lower) || token.kind === 'punctuation')) token = question.tokens[(at += 1)];
    if (
      !token ||
      token.kind === 'punctuation' ||
      (!quoted && !token.capital && token.kind !== 'number' && token.stop && token.text.length > 1)
    )
      continue;
    if (slots.some((slot) => slot.from === token.index)) continue;
    const text = token.text;
    const options = question.schema.columns
      .filter((column) => !column.hidden && (column.isText || (column.isTime && token.kind === 'number')))
      .map((column): Atom => {
        const mention = mentions.columns[column.id]![0];
        const holds = column.source.values?.some((value) => String(value).toLowerCase().includes(text.toLowerCase())) ?? false;
        return {
          condition: {
            kind: 'like',
            of: columnRef(column),
            match: cue.detail === 'starts' ? 'starts' : cue.detail === 'ends' ? 'ends' : 'contains',
            text,
            ...(negatedBefore(input, cue.from) ? { negated: true } : {}),
          },
          column,
          kind: 'like',
          negated: negatedBefore(input, cue.from),
          from: token.index,
          to: token.index + 1,
          strength: quoted ? 1 : 0.8,
          score: logOf(roles.where[column.id]!) + (mention?.strength ?? 0) * 0.5 + (holds ? 0.7 : 0),
        };
      })
      .sort((a, b) => b.score - a.score)
      .slice(0, OPTIONS_PER_SLOT);
    if (options.length > 0) slots.push({ from: token.index, to: token.index + 1, kind: 'like', options, skip: quoted ? -4 : -2 });
  }
  return slots;
};

/** More than some: more than the least of them. More than all: more than the greatest. */
const comparedFunction = (text: string, less: boolean): 'avg' | 'min' | 'max' => {
  if (/\b(average|mean|avg)\b/.test(text)) return 'avg';
  const behind = /\b(?:than|before|after|below|above|under|over)\b(.*)$/.exec(text)?.[1] ?? text;
  if (/\b(some|any|at least one|one of|a few)\b/.test(behind)) return less ? 'max' : 'min';
  if (/\b(all|every|each)\b/.test(behind)) return less ? 'min' : 'max';
  if (/\b(min|minimum|lowest|smallest|least|earliest|oldest|first|shortest|cheapest)\b/.test(behind)) return 'min';
  if (/\b(max|maximum|largest|highest|greatest|latest|most|biggest|longest|newest|last)\b/.test(behind)) return 'max';
  return 'avg';
};

/** "above the average price", "more than the maximum …": a comparison with one number computed over all rows. */
const compareSlots = (input: BeamInput, values: readonly Slot[]): Slot[] => {
  const { question, roles, sketch, mentions } = input;
  const compareLog = sketch.nested.compare;
  if (compareLog < Math.log(0.04)) return [];
  const words = question.tokens.map((token) => token.lower);
  const less = /\b(less|below|under|lower|smaller|fewer|younger|shorter|before|earlier|lighter|cheaper)\b/.test(words.join(' '));
  const at = Math.max(
    0,
    words.findIndex((word) =>
      [
        'average',
        'mean',
        'avg',
        'maximum',
        'minimum',
        'max',
        'min',
        'any',
        'some',
        'all',
        'than',
        'before',
        'after',
        'below',
        'above',
      ].includes(word),
    ),
  );
  const fn = comparedFunction(words.join(' '), less);
  const options = question.schema.columns
    .filter((column) => column.isNumeric && !column.hidden)
    .map((column): Atom => {
      const mention = mentions.columns[column.id]![0];
      return {
        condition: {
          kind: 'compare',
          operator: less ? '<' : '>',
          left: columnRef(column),
          right: {
            kind: 'scalar',
            query: {
              show: [{ expression: { kind: 'aggregate', fn, of: columnRef(column) } }],
              sort: [],
              distinct: false,
              through: [],
              fanOut: 'plain',
            },
          },
        },
        column,
        kind: 'compare',
        negated: false,
        from: at,
        to: at + 1,
        strength: 1,
        score: logOf(Math.max(roles.where[column.id]!, 0.7 * roles.aggregate[column.id]!)) + (mention?.strength ?? 0) * 0.5,
      };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, 3);
  // "higher than some songs in English": a value may restrict what is compared with, rather than what is listed.
  const inner = options
    .slice(0, 2)
    .flatMap((option) =>
      values
        .filter((slot) => slot.from > at)
        .flatMap((slot) => slot.options.slice(0, 2).map((value) => withInner(option, value, slot.from))),
    );
  return options.length > 0 ? [{ from: at, to: at + 1, kind: 'compare', options: [...options, ...inner], skip: 0 }] : [];
};

/** A comparison whose scalar has a condition of its own, taken from the slot that begins at `inner`. */
export interface FilteredCompare extends Atom {
  readonly inner: number;
}

const withInner = (option: Atom, value: Atom, inner: number): FilteredCompare => {
  const { condition } = option;
  if (condition.kind !== 'compare' || condition.right.kind !== 'scalar')
    throw new Error('only a comparison with a scalar takes a condition');
  const right = { ...condition.right, query: { ...condition.right.query, where: value.condition } };
  return { ...option, condition: { ...condition, right }, score: option.score + value.score - 0.2, inner };
};

/** Periods on date columns: "after September 7th, 1987". */
const timeSlots = (input: BeamInput): Slot[] => {
  const { question, roles, mentions } = input;
  const slots: Slot[] = [];
  for (const link of question.times) {
    const options = question.schema.columns
      .filter((column) => column.isTime && column.type !== 'time' && !column.hidden)
      .map((column): Atom => ({
        condition: {
          kind: 'time',
          of: columnRef(column),
          ...(link.range.from ? { from: link.range.from } : {}),
          ...(link.range.to ? { to: link.range.to } : {}),
        },
        column,
        kind: 'time',
        negated: false,
        from: link.from,
        to: link.to,
        strength: 0.9,
        score: logOf(roles.where[column.id]!) + 0.5 * (mentions.columns[column.id]![0]?.strength ?? 0) + 0.3,
      }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 3);
    if (options.length > 0) slots.push({ from: link.from, to: link.to, kind: 'value', options, skip: -2 });
  }
  return slots;
};

const nullSlots = (input: BeamInput): Slot[] => {
  const { question, roles } = input;
  const cue = question.cues.find((item) => item.cue === 'null' || item.cue === 'notNull');
  if (!cue) return [];
  const options = question.schema.columns
    .filter((column) => !column.hidden && roles.where[column.id]! > 0.05)
    .map((column): Atom => ({
      condition: { kind: 'null', of: columnRef(column), ...(cue.cue === 'notNull' ? { negated: true } : {}) },
      column,
      kind: 'null',
      negated: cue.cue === 'notNull',
      from: cue.from,
      to: cue.to,
      strength: 0.8,
      score: logOf(roles.where[column.id]!) - 0.5,
    }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 2);
  return options.length > 0 ? [{ from: cue.from, to: cue.to, kind: 'null', options, skip: -0.5 }] : [];
};

/** A capitalised or quoted span that no cell and no name explains: a value that isn't in the index. */
const unknownSlots = (input: BeamInput, taken: readonly Slot[]): Slot[] => {
  const { question, roles, mentions } = input;
  const slots: Slot[] = [];
  for (const token of question.tokens) {
    if (!(token.kind === 'quoted' || token.capital) || token.index === 0 || token.stop) continue;
    const span = { from: token.index, to: token.index + 1 };
    if (taken.some((slot) => overlaps(slot, span)) || slots.some((slot) => overlaps(slot, span))) continue;
    if (
      token.kind !== 'quoted' &&
      (mentions.rivals[token.index]!.some((rival) => rival.strength > 0.5) ||
        question.tables.some((link) => overlaps(link, span) && link.strength > 0.5))
    )
      continue;
    let to = span.to;
    if (token.kind !== 'quoted') while (question.tokens[to]?.capital && question.tokens[to]!.kind === 'word') to += 1;
    const text = token.kind === 'quoted' ? token.text : question.text.slice(token.start, question.tokens[to - 1]!.end);
    const options = question.schema.columns
      .filter((column) => column.isText && !column.hidden)
      .map((column): Atom => ({
        condition: compare(column, negatedBefore(input, span.from) ? '!=' : '=', text),
        column,
        kind: 'value',
        negated: negatedBefore(input, span.from),
        from: span.from,
        to,
        strength: 0.3,
        score: logOf(roles.where[column.id]!) - 0.5,
      }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 3);
    if (options.length > 0) slots.push({ from: span.from, to, kind: 'value', options, skip: token.kind === 'quoted' ? -3 : -0.7 });
  }
  return slots;
};

export const conditionSlots = (input: BeamInput): Slot[] => {
  const times = timeSlots(input);
  // A whole date is a time; a bare year may be a number of a numeric column as well.
  const dated = times.filter(
    (slot) =>
      !input.question.numbers.some(
        (number) =>
          number.role === 'year' && number.from >= slot.from && number.to <= slot.to && slot.to - slot.from <= number.to - number.from + 1,
      ),
  );
  const like = likeSlots(input).filter((slot) => !dated.some((other) => overlaps(slot, other)));
  const values = valueSlots(input).filter((slot) => ![...like, ...dated].some((other) => overlaps(slot, other)));
  const numbers = numberSlots(input, [...values, ...like]).filter((slot) => !dated.some((other) => overlaps(slot, other)));
  // A number that is a cell as well keeps both readings: as one slot of either kind.
  const merged = values
    .filter((slot) => !numbers.some((number) => overlaps(slot, number) && slot.to - slot.from <= number.to - number.from))
    .map((slot) => slot);
  const lost = values.filter((slot) => !merged.includes(slot));
  const rich = numbers.map((slot): Slot => {
    const rivals = lost.filter((other) => overlaps(other, slot)).flatMap((other) => other.options);
    return rivals.length === 0
      ? slot
      : {
          ...slot,
          options: [...slot.options, ...rivals.filter((rival) => !slot.options.some((own) => own.column === rival.column))]
            .sort((a, b) => b.score - a.score)
            .slice(0, OPTIONS_PER_SLOT + 1),
        };
  });
  const known = [...dated, ...like, ...merged, ...rich];
  return [...known, ...compareSlots(input, merged), ...nullSlots(input), ...unknownSlots(input, known)].sort((a, b) => a.from - b.from);
};
