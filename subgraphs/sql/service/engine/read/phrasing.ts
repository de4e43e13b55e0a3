/** Words whose meaning depends on their neighbours, put right before anything is read: "at least" ranks nothing, "no more than" negates nothing. */
import { unitWords } from '../lexicon/en/time';
import { yearRange } from '../link/time-math';
import type { CueLink, GrainLink, LinkedQuestion, NumberLink, TimeLink } from '../link/types';
import { linkCalendar, type CalendarLink } from './calendar-links';
import { linkMoving, type MovingLink } from './moving-links';
import { linkQuantiles, type QuantileLink } from './quantile-links';

export interface Phrased {
  question: LinkedQuestion;
  calendar: CalendarLink[];
  quantiles: QuantileLink[];
  moving: MovingLink | undefined;
  doubts: number;
}

export function phrase(question: LinkedQuestion): Phrased {
  const calendar = linkCalendar(question.tokens);
  const quantiles = linkQuantiles(question.tokens);
  const moving = linkMoving(question.tokens);
  const taken = [...calendar, ...quantiles, ...(moving?.spans ?? [])];
  const word = (i: number): string => question.tokens[i]?.lower ?? '';
  const overlaps = (span: { from: number; to: number }): boolean => taken.some((link) => link.from < span.to && span.from < link.to);
  const before = periodBefore(question);
  const grains = [
    ...question.grains.filter((grain) => !overlaps(grain) && !(before && inside(grain, before))),
    ...headGrain(question),
    ...datedGrain(question),
  ];
  return {
    calendar,
    quantiles,
    moving,
    // "by quarter, growth vs previous year": the value four quarters ago is not written.
    doubts: before && grains.length > 0 && grains.every((grain) => grain.grain !== before.grain) ? 1 : 0,
    question: {
      ...question,
      cues: [
        ...question.cues.filter((cue) => !isIdle(cue, word) && !(moving?.spans ?? []).some((span) => inside(cue, span))),
        ...changeOver(question),
        ...quantiles.map(({ from, to }): CueLink => ({ kind: 'cue', cue: 'aggregate', detail: 'quantile', from, to })),
      ],
      numbers: question.numbers.filter((number) => !overlaps(number)).map((number) => bounded(number, word)),
      values: question.values.filter((value) => !overlaps(value)),
      columns: question.columns.filter((column) => !overlaps(column) && !(word(column.from) === 'at' && column.to === column.from + 1)),
      times: [...question.times.filter((time) => !overlaps(time) && !(before && inside(time, before))), ...comparedYears(question)],
      grains: before && grains.length === 0 ? [before] : grains,
    },
  };
}

/** "how did revenue change between 2023 and 2024": its growth from period to period. */
function changeOver({ tokens, times }: LinkedQuestion): CueLink[] {
  const at = tokens.findIndex((token) => /^(change|changed|changes|develop|developed|evolve|evolved)$/.test(token.lower));
  const span = times.find(
    (time) => time.from > at && /^(between|from)$/.test(tokens[time.from]!.lower) && time.range.from && time.range.to,
  );
  return at < 0 || !span ? [] : [{ kind: 'cue', cue: 'growth', from: at, to: at + 1 }];
}

const inside = (span: { from: number; to: number }, outer: { from: number; to: number }): boolean =>
  span.from < outer.to && outer.from < span.to;

function isIdle(cue: CueLink, word: (i: number) => string): boolean {
  const last = word(cue.to - 1);
  if (/^(superlative|top|frequent|rare)$/.test(cue.cue)) {
    if (/^(least|most)$/.test(last) && word(cue.to - 2) === 'at') return true;
    // "minimum and maximum price" are asked for, not ranked by.
    return /^(minimum|maximum|min|max)$/.test(last);
  }
  return cue.cue === 'negation' && /^(no|not)$/.test(last) && /^(more|less|fewer|later|earlier|over|above|below)$/.test(word(cue.to));
}

/** "at least 10 orders" is a bound, not the ten least. */
function bounded(number: NumberLink, word: (i: number) => string): NumberLink {
  if (number.role !== 'top' || word(number.from - 2) !== 'at' || !/^(least|most)$/.test(word(number.from - 1))) return number;
  const { role: _role, ...rest } = number;
  return { ...rest, operator: word(number.from - 1) === 'least' ? '>=' : '<=' };
}

/** "growth vs previous quarter": every quarter is compared with the one before; the last quarter is no condition. */
function periodBefore({ cues, tokens, times }: LinkedQuestion): GrainLink | undefined {
  if (!cues.some((cue) => cue.cue === 'growth' || cue.cue === 'change')) return undefined;
  const word = (i: number): string => tokens[i]?.lower ?? '';
  for (let i = 1; i < tokens.length; i += 1) {
    if (!/^(previous|prior|last|preceding)$/.test(word(i)) || !unitWords[word(i + 1)] || word(i + 1).endsWith('s')) continue;
    const the = word(i - 1) === 'the' ? 1 : 0;
    // "this year vs last year" names two periods; "growth vs last year" one.
    if (times.some((time) => time.to === i - 1 - the)) continue;
    if (/^(vs|versus|over|against|from|to|on|with)$/.test(word(i - 1 - the)))
      return { kind: 'grain', grain: unitWords[word(i + 1)]!, from: i - 1 - the, to: i + 2 };
  }
  return undefined;
}

/** "month with the highest revenue", "best month", "months with revenue over 500": the unit itself is asked for. */
function headGrain({ tokens, cues, grains, numbers }: LinkedQuestion): GrainLink[] {
  const word = (i: number): string => tokens[i]?.lower ?? '';
  for (const i of [0, 1, 2]) {
    const unit = unitWords[word(i)];
    if (!unit || grains.some((grain) => grain.from <= i && grain.to > i)) continue;
    const ranked = cues.some((cue) => cue.cue === 'superlative' && cue.to === i);
    const kept =
      cues.some((cue) => cue.cue === 'superlative' && cue.from > i) ||
      numbers.some((number) => number.operator !== undefined && number.from > i);
    const described = /^(with|that|when|where|had|have|has|did|in)$/.test(word(i + 1)) && kept;
    if (/^(the|which|what|)$/.test(ranked ? '' : word(i - 1)) && (ranked || described))
      return [{ kind: 'grain', grain: unit, from: i, to: i + 1 }];
  }
  return [];
}

/** "by signup year": the unit of a date that is named right before it. */
function datedGrain({ tokens, columns, grains }: LinkedQuestion): GrainLink[] {
  return tokens.flatMap((token, i): GrainLink[] => {
    const unit = unitWords[token.lower];
    if (!unit || token.lower.endsWith('s') || grains.some((grain) => grain.from <= i && grain.to > i)) return [];
    const named = columns.find((link) => link.to === i && link.column.isTime && link.strength > 0.8);
    const opened = named && /^(by|per|each|every)$/.test(tokens[named.from - 1]?.lower ?? '');
    return opened ? [{ kind: 'grain', grain: unit, from: i, to: i + 1 }] : [];
  });
}

/** "compare revenue 2023 and 2024": years that are compared are periods, though no "in" says so. */
function comparedYears({ tokens, numbers, times, cues }: LinkedQuestion): TimeLink[] {
  const years = numbers.filter((number) => number.role === 'year' && !times.some((time) => time.from < number.to && number.from < time.to));
  const joined = years.length === 2 && years[1]!.from - years[0]!.to === 1 && /^(and|vs|versus|to|with)$/.test(tokens[years[0]!.to]!.lower);
  if (!joined || !(cues.some((cue) => cue.cue === 'compare') || tokens[years[0]!.from - 1]?.lower === 'both')) return [];
  return years.map((year) => ({ kind: 'time', from: year.from, to: year.to, range: yearRange(year.value) }));
}
