/** Numbers with the comparison, range or rank that the words around them give. */
import { comparisonPhrases, comparisonSymbols } from '../lexicon/en/cues';
import type { ComparisonOperator } from '../tree';
import type { Token } from '../text/types';
import { spokenWords } from './cues';
import type { NumberLink } from './types';

interface Phrase {
  operator: ComparisonOperator;
  words: string[];
}

const phrases = (side: 'before' | 'after'): Phrase[] =>
  comparisonPhrases
    .flatMap(({ operator, [side]: list }) => (list ?? []).map((phrase) => ({ operator, words: phrase.split(' ') })))
    .sort((a, b) => b.words.length - a.words.length);
const before = phrases('before');
const after = phrases('after');
const topWords = new Set([
  'top',
  'first',
  'last',
  'best',
  'worst',
  'bottom',
  'highest',
  'lowest',
  'largest',
  'smallest',
  'biggest',
  'oldest',
  'youngest',
  'leading',
  'busiest',
  'cheapest',
  'longest',
  'shortest',
  'most',
  'least',
  'newest',
  'latest',
  'earliest',
  'slowest',
  'fastest',
  'heaviest',
]);
const fillers = new Set([
  'the',
  'a',
  'an',
  'of',
  'about',
  'around',
  'is',
  'was',
  'are',
  'total',
  '$',
  '€',
  '£',
  'to',
  'only',
  'any',
  'year',
]);
const numericStops = new Set(['one', 'first', 'second', 'third', 'once']);

export function linkNumbers(tokens: readonly Token[]): NumberLink[] {
  const words = spokenWords(tokens);
  const links: NumberLink[] = [];
  words.forEach(({ token }, i) => {
    const value = tokens[token]!.value;
    if (value === undefined || links.some((link) => link.to > token)) return;
    links.push(readNumber(tokens, words, { at: i, token, value }));
  });
  return links;
}

interface Spot {
  /** Position among the spoken words. */
  at: number;
  token: number;
  value: number;
}
type Words = readonly { word: string; token: number }[];

function readNumber(tokens: readonly Token[], words: Words, { at, token, value }: Spot): NumberLink {
  const link: NumberLink = { kind: 'number', value, from: token, to: token + 1 };
  const left = words.slice(Math.max(0, at - 6), at).map((item) => item.word);
  const right = words.slice(at + 1, at + 6).map((item) => item.word);
  const range = readRange(tokens, words, at);
  if (range) return { ...link, from: words[range.start]!.token, to: words[range.end]!.token + 1, value: range.low, upper: range.high };
  if (/^(hundred|thousand|million|billion|trillion|mn|bn)$/.test(right[0] ?? '')) {
    link.to += 1;
    right.shift();
  }
  if (right[0] === '%' || right[0] === 'percent') link.role = 'percent';
  const unit = words[at + 1 + (link.to - token - 1)];
  if (unit && tokens[unit.token]!.kind === 'word') link.unit = unit.token;
  const previous = left[left.length - 1] ?? '';
  const next = right[0] ?? '';
  const isDigits = tokens[token]!.kind === 'number';
  if (
    (topWords.has(previous) && !numericStops.has(words[at]!.word)) ||
    (topWords.has(next) && !/^(first|last)$/.test(next)) ||
    (previous === 'only' && left[left.length - 2] === 'show') ||
    previous === 'limit'
  )
    link.role = 'top';
  else if (numericStops.has(words[at]!.word) || /^\d+(st|nd|rd|th)$/.test(words[at]!.word)) link.role = 'ordinal';
  else if (
    isDigits &&
    Number.isInteger(value) &&
    value >= 1000 &&
    value <= 2100 &&
    tokens[token]!.text.length === 4 &&
    !/^(dollars|euros|pounds|miles|km|kg|meters|units|minutes)$/.test(next)
  )
    link.role = 'year';
  const operator = operatorBefore(left) ?? operatorAfter(right);
  if (operator) {
    link.operator = operator;
    if (link.role === 'ordinal') delete link.role;
  }
  return link;
}

function operatorBefore(left: readonly string[]): ComparisonOperator | undefined {
  const last = left[left.length - 1] ?? '';
  const pair = `${left[left.length - 2] ?? ''}${last}`;
  if (pair === '>=' || pair === '<=' || pair === '!=') return pair;
  if (comparisonSymbols[last]) return comparisonSymbols[last];
  // "more than the 20": small words may stand between the phrase and the number.
  for (let skip = 0; skip <= 2 && skip < left.length; skip += 1) {
    if (skip > 0 && !fillers.has(left[left.length - skip]!)) return undefined;
    const end = left.length - skip;
    for (const phrase of before) {
      const start = end - phrase.words.length;
      if (start >= 0 && phrase.words.every((word, i) => left[start + i] === word)) {
        if (phrase.operator === '=' && skip === 0 && phrase.words[0] !== 'exactly' && phrase.words[0] !== 'equal') continue;
        return phrase.operator;
      }
    }
  }
  return undefined;
}

function operatorAfter(right: readonly string[]): ComparisonOperator | undefined {
  for (let skip = 0; skip <= 2; skip += 1)
    for (const phrase of after) if (phrase.words.every((word, i) => right[skip + i] === word)) return phrase.operator;
  return undefined;
}

/** "between 3 and 5", "from 3 to 5", "3 - 5". */
function readRange(
  tokens: readonly Token[],
  words: Words,
  at: number,
): { low: number; high: number; start: number; end: number } | undefined {
  const low = tokens[words[at]!.token]!.value!;
  for (let gap = 1; gap <= 3; gap += 1) {
    const joint = words[at + gap]?.word;
    if (joint !== 'and' && joint !== 'to' && joint !== '-' && joint !== '–' && joint !== 'through') continue;
    const opener = words.slice(Math.max(0, at - 4), at).map((item) => item.word);
    const opened =
      joint === 'and'
        ? opener.includes('between') || opener.includes('range')
        : opener.includes('from') || opener.includes('between') || opener.includes('range') || gap === 1;
    const second = words[at + gap + 1];
    const high = second && tokens[second.token]!.value;
    if (opened && second && high !== undefined && high >= low) {
      const openerAt = at - 1 - [...opener].reverse().findIndex((word) => word === 'between' || word === 'from');
      const start =
        openerAt >= at - opener.length && openerAt < at && (opener.includes('between') || opener.includes('from')) ? openerAt : at;
      return { low, high, start, end: at + gap + 1 };
    }
  }
  return undefined;
}
