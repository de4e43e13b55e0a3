/** Question text → tokens with offsets, stems and numeric values. */
import { magnitudes, numberWords, ordinalWords, stopWords } from '../lexicon/en/words';
import { stem } from './stem';
import type { Token } from './types';

// A quoted span is one token; an apostrophe inside a word does not open a quotation.
const QUOTED = /(?<![\p{L}\p{N}])(["'“”‘’`«])((?:(?!\1)[^"“”«»\n]){1,120}?)(?:["'“”‘’`»])(?![\p{L}\p{N}])/gu;
const WORD = /\p{N}{4}-\p{N}{2}-\p{N}{2}|\p{N}+(?:[.,]\p{N}+)*|[\p{L}][\p{L}\p{N}]*(?:&[\p{L}]+)?|[\p{N}]+[\p{L}]+|[^\s\p{L}\p{N}_]/gu;
const MAX_TOKENS = 200;

export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  for (const match of text.matchAll(QUOTED)) {
    pushWords(tokens, text, position, match.index);
    const inner = match[2]!.trim();
    push(tokens, { text: inner, start: match.index, end: match.index + match[0].length, kind: 'quoted' });
    position = match.index + match[0].length;
  }
  pushWords(tokens, text, position, text.length);
  const limited = tokens.slice(0, MAX_TOKENS);
  readSpelledNumbers(limited);
  return limited;
}

function pushWords(tokens: Token[], text: string, from: number, to: number): void {
  const piece = text.slice(from, to);
  for (const match of piece.matchAll(WORD)) {
    const word = match[0];
    const start = from + match.index;
    const kind = /^\p{N}/u.test(word) && !/\p{L}/u.test(word) ? 'number' : /[\p{L}\p{N}]/u.test(word) ? 'word' : 'punctuation';
    push(tokens, { text: word, start, end: start + word.length, kind });
  }
}

function push(tokens: Token[], raw: Pick<Token, 'text' | 'start' | 'end' | 'kind'>): void {
  const lower = raw.text.toLowerCase();
  const first = tokens.length === 0;
  const token: Token = {
    ...raw,
    index: tokens.length,
    lower,
    stem: raw.kind === 'word' ? stem(lower) : lower,
    capital: raw.kind === 'quoted' || (!first && /^\p{Lu}/u.test(raw.text)),
    stop: raw.kind === 'punctuation' || (raw.kind === 'word' && stopWords.has(lower)),
  };
  if (raw.kind === 'number' && !/-/.test(raw.text)) token.value = Number(raw.text.replace(/,(?=\d{3}\b)/g, '').replace(',', '.'));
  tokens.push(token);
}

/** Gives number words their value, and multiplies "3 million"; the magnitude's token keeps no value of its own. */
function readSpelledNumbers(tokens: Token[]): void {
  for (const token of tokens) {
    if (token.kind !== 'word') continue;
    const value = numberWords[token.lower] ?? ordinalWords[token.lower];
    if (value !== undefined) token.value = value;
    const ordinal = /^(\d+)(st|nd|rd|th)$/.exec(token.lower);
    if (ordinal) token.value = Number(ordinal[1]);
    const suffixed = /^(\d+(?:\.\d+)?)(k|m|bn|b)$/.exec(token.lower);
    if (suffixed) token.value = Number(suffixed[1]) * magnitudes[suffixed[2]!]!;
  }
  for (let i = 0; i + 1 < tokens.length; i += 1) {
    const [token, next] = [tokens[i]!, tokens[i + 1]!];
    if (token.value === undefined || next.kind !== 'word') continue;
    const times = next.lower.length > 1 ? magnitudes[next.lower] : undefined;
    if (times) token.value *= times;
  }
}
