/** Periods of time: "in 2024", "last quarter", "since March", "2023-05-01 to 2023-06-15"; and grains: "by month", "weekly". */
import { grainWords, monthNames, unitWords } from '../lexicon/en/time';
import type { RelativePeriod } from '../tree';
import type { Token } from '../text/types';
import { dayRange, monthRange, quarterRange, resolvePeriod, yearRange } from './time-math';
import type { GrainLink, TimeLink } from './types';

type Range = { from?: string; to?: string; phrase?: RelativePeriod };
interface Match {
  range: Range;
  length: number;
}

export function linkTimes(tokens: readonly Token[], now: Date): TimeLink[] {
  const words = tokens.map((token) => (token.kind === 'quoted' ? '\u0000' : token.lower));
  const links: TimeLink[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const found = readBetween(words, i, now) ?? readOpen(words, i, now) ?? readPeriod(words, i, now);
    if (!found) continue;
    links.push({ kind: 'time', range: found.range, from: i, to: i + found.length });
    i += found.length - 1;
    // "in 2024 vs 2025", "in January and June": what is joined to a period is one.
    for (let next = readJoined(words, i + 1, now); next; next = readJoined(words, i + 1, now)) {
      links.push({ kind: 'time', range: next.range, from: i + 2, to: i + 1 + next.length });
      i += next.length;
    }
  }
  return links;
}

function readJoined(words: readonly string[], at: number, now: Date): Match | undefined {
  if (!/^(vs|versus|and|or|with|to|than)$/.test(words[at] ?? '')) return undefined;
  const next = readAbsolute(words, at + 1, { now, bareYear: true }) ?? readRelative(words, at + 1, now);
  return next && { range: next.range, length: next.length + 1 };
}

const number = (word: string | undefined): number | undefined => {
  if (word === undefined) return undefined;
  if (/^\d{1,4}$/.test(word)) return Number(word);
  const spelled: Record<string, number> = {
    a: 1,
    an: 1,
    one: 1,
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    twelve: 12,
  };
  return spelled[word];
};
const isYear = (word: string | undefined): boolean => word !== undefined && /^(1[89]|20|21)\d\d$/.test(word);
const skip = (words: readonly string[], at: number, set: readonly string[]): number => (set.includes(words[at] ?? '') ? 1 : 0);

/** One period that stands by itself; `length` counts the words it takes. */
function readPeriod(words: readonly string[], at: number, now: Date): Match | undefined {
  const prefix = skip(words, at, ['in', 'during', 'for', 'on', 'of', 'within']);
  const the = skip(words, at + prefix, ['the']);
  const lead = prefix + the;
  const inner = readRelative(words, at + lead, now) ?? readAbsolute(words, at + lead, { now, bareYear: prefix > 0 });
  return inner && { range: inner.range, length: inner.length + lead };
}

function readRelative(words: readonly string[], at: number, now: Date): Match | undefined {
  const [first, second, third] = [words[at]!, words[at + 1], words[at + 2]];
  const make = (phrase: RelativePeriod, length: number): Match => ({ range: { ...resolvePeriod(phrase, now), phrase }, length });
  if (first === 'today') return make({ offset: 0, count: 1, unit: 'day', style: 'calendar' }, 1);
  if (first === 'yesterday') return make({ offset: -1, count: 1, unit: 'day', style: 'calendar' }, 1);
  if (first === 'tomorrow') return make({ offset: 1, count: 1, unit: 'day', style: 'calendar' }, 1);
  if (/^(ytd|qtd|mtd|wtd)$/.test(first))
    return make(
      { offset: 0, count: 1, unit: ({ y: 'year', q: 'quarter', m: 'month', w: 'week' } as const)[first[0] as 'y'], style: 'toDate' },
      1,
    );
  const unit = unitWords[second ?? ''];
  if (unit && second && third === 'to' && words[at + 3] === 'date' && first === 'this')
    return make({ offset: 0, count: 1, unit, style: 'toDate' }, 4);
  if (unitWords[first] && second === 'to' && third === 'date')
    return make({ offset: 0, count: 1, unit: unitWords[first], style: 'toDate' }, 3);
  const singular = unit && !second!.endsWith('s');
  if (singular && /^(last|previous|past|prior)$/.test(first)) return make({ offset: -1, count: 1, unit, style: 'calendar' }, 2);
  if (singular && /^(this|current)$/.test(first)) return make({ offset: 0, count: 1, unit, style: 'calendar' }, 2);
  if (singular && /^(next|coming|following)$/.test(first)) return make({ offset: 1, count: 1, unit, style: 'calendar' }, 2);
  const count = number(second);
  const counted = unitWords[third ?? ''];
  if (count !== undefined && counted && /^(last|past|previous|recent)$/.test(first))
    return make({ offset: 0, count, unit: counted, style: 'rolling' }, 3);
  if (count !== undefined && counted && first === 'next') {
    const period: RelativePeriod = { offset: 0, count, unit: counted, style: 'calendar' };
    return { range: { ...resolvePeriod(period, now), phrase: period }, length: 3 };
  }
  const ago = number(first);
  if (ago !== undefined && unit && third === 'ago') return make({ offset: -ago, count: 1, unit, style: 'calendar' }, 3);
  if (/^(last|this|previous)$/.test(first) && monthNames[second ?? ''] && second !== 'may') {
    const month = monthNames[second!]!;
    const passed = month <= now.getUTCMonth() + 1;
    return {
      range: monthRange(now.getUTCFullYear() - (passed && first === 'this' ? 0 : passed && month < now.getUTCMonth() + 1 ? 0 : 1), month),
      length: 2,
    };
  }
  return undefined;
}

function readAbsolute(words: readonly string[], at: number, { now, bareYear }: { now: Date; bareYear: boolean }): Match | undefined {
  const [first, second, third] = [words[at] ?? '', words[at + 1], words[at + 2]];
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(first);
  if (day) return { range: dayRange(Number(day[1]), Number(day[2]), Number(day[3])), length: 1 };
  const month = monthNames[first];
  if (month && (first !== 'may' || isYear(second) || bareYear) && (first !== 'mar' || isYear(second))) {
    const comma = third === ',' ? 1 : 0;
    const date = /^(\d{1,2})(st|nd|rd|th)?$/.exec(second ?? '');
    if (date && isYear(words[at + 2 + comma]))
      return { range: dayRange(Number(words[at + 2 + comma]), month, Number(date[1])), length: 3 + comma };
    const gap = second === ',' || second === 'of' ? 1 : 0;
    if (isYear(words[at + 1 + gap])) return { range: monthRange(Number(words[at + 1 + gap]), month), length: 2 + gap };
    if (bareYear && !date) {
      const year = month > now.getUTCMonth() + 1 ? now.getUTCFullYear() - 1 : now.getUTCFullYear();
      return { range: monthRange(year, month), length: 1 };
    }
    return undefined;
  }
  const date = /^(\d{1,2})(st|nd|rd|th)?$/.exec(first);
  const ofMonth = monthNames[second === 'of' ? (third ?? '') : (second ?? '')];
  const step = second === 'of' ? 3 : 2;
  if (date && ofMonth && isYear(words[at + step]))
    return { range: dayRange(Number(words[at + step]), ofMonth, Number(date[1])), length: step + 1 };
  const quarter = /^q([1-4])$/.exec(first);
  if (quarter)
    return isYear(second)
      ? { range: quarterRange(Number(second), Number(quarter[1])), length: 2 }
      : { range: quarterRange(now.getUTCFullYear(), Number(quarter[1])), length: 1 };
  const named = { first: 1, second: 2, third: 3, fourth: 4 }[first];
  if (named && (second === 'quarter' || second === 'half')) {
    const of = words[at + 2] === 'of' ? 1 : 0;
    const year = isYear(words[at + 2 + of]) ? Number(words[at + 2 + of]) : undefined;
    if (year !== undefined && second === 'quarter') return { range: quarterRange(year, named), length: 3 + of };
    if (year !== undefined && named <= 2)
      return { range: { from: monthRange(year, named * 6 - 5).from, to: monthRange(year, named * 6).to }, length: 3 + of };
  }
  const monthText = /^(\d{4})[-/](\d{2})$/.exec(first);
  if (monthText) return { range: monthRange(Number(monthText[1]), Number(monthText[2])), length: 1 };
  const spelledYear = first === 'year' && isYear(second) ? second : undefined;
  if (spelledYear) return { range: yearRange(Number(spelledYear)), length: 2 };
  if (bareYear && isYear(first)) return { range: yearRange(Number(first)), length: 1 };
  return undefined;
}

/** "since 2023", "before March 2024", "after 2020-01-01", "until yesterday". */
function readOpen(words: readonly string[], at: number, now: Date): Match | undefined {
  const word = words[at]!;
  if (!/^(since|before|after|until|till|from|starting|by)$/.test(word)) return undefined;
  const lead = 1 + skip(words, at + 1, ['from', 'in', 'the']);
  const inner = readRelative(words, at + lead, now) ?? readAbsolute(words, at + lead, { now, bareYear: true });
  if (!inner || (word === 'by' && !inner.range.from)) return undefined;
  const { from, to } = inner.range;
  const length = inner.length + lead;
  if (word === 'before' && from) return { range: { to: from }, length };
  if (word === 'after' && to) return { range: { from: to }, length };
  if ((word === 'until' || word === 'till') && to) return { range: { to }, length };
  if ((word === 'since' || word === 'from' || word === 'starting') && from) return { range: { from }, length };
  return undefined;
}

/** "between January and March 2024", "from 2020 to 2022". */
function readBetween(words: readonly string[], at: number, now: Date): Match | undefined {
  if (words[at] !== 'between' && words[at] !== 'from') return undefined;
  const second = words
    .slice(at + 1, at + 10)
    .findIndex((word) => word === 'and' || word === 'to' || word === 'until' || word === 'till' || word === 'through' || word === '-');
  if (second < 1) return undefined;
  const endAt = at + 1 + second + 1;
  const end = readAbsolute(words, endAt, { now, bareYear: true }) ?? readRelative(words, endAt, now);
  if (!end?.range.to) return undefined;
  // A year given once, at the end, holds for both: "between January and March 2024".
  const startWords = words.slice(at + 1, at + 1 + second);
  const year = /(\d{4})/.exec(end.range.from ?? '')?.[1];
  const whole = startWords.length === 1 && monthNames[startWords[0]!] && year ? [...startWords, year] : startWords;
  const start = readAbsolute(whole, 0, { now, bareYear: true }) ?? readRelative(whole, 0, now);
  if (!start?.range.from || start.length < whole.length || start.range.from >= end.range.to) return undefined;
  return { range: { from: start.range.from, to: end.range.to }, length: endAt - at + end.length };
}

const openers = new Set(['by', 'per', 'each', 'every', 'a', 'over', 'which', 'what']);

export function linkGrains(tokens: readonly Token[]): GrainLink[] {
  return tokens.flatMap((token, i): GrainLink[] => {
    const before = tokens[i - 1]?.lower ?? '';
    const twoBefore = tokens[i - 2]?.lower ?? '';
    if (grainWords[token.lower]) return [{ kind: 'grain', grain: grainWords[token.lower]!, from: i, to: i + 1 }];
    const unit = unitWords[token.lower];
    if (!unit || (token.lower.endsWith('s') && before !== 'by' && before !== 'of')) return [];
    const opened = openers.has(before) && (before !== 'a' || /^(times|orders|sales|revenue|many|much)$/.test(twoBefore));
    const listed =
      (before === 'and' || before === ',') &&
      tokens.slice(Math.max(0, i - 6), i).some((item) => item.lower === 'by' || item.lower === 'per');
    // "month over month", "year on year"
    const repeated = tokens[i + 2]?.lower === token.lower && /^(over|on|by|to)$/.test(tokens[i + 1]?.lower ?? '');
    if (!opened && !listed && !repeated) return [];
    return [{ kind: 'grain', grain: unit, from: opened ? i - 1 : i, to: repeated ? i + 3 : i + 1 }];
  });
}
