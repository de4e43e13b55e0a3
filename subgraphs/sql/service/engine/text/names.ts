/** Splits names of tables and columns into the words that people say. */
import { abbreviations } from '../lexicon/en/words';
import { stem } from './stem';

/** `OrderItem_ID` → order, item, id; `deptName2` → department, name, 2. Abbreviations are expanded, except the only word of a name. */
export function splitName(name: string, vocabulary?: ReadonlySet<string>): string[] {
  // `LName` is written as if it were two words.
  const whole = abbreviations[name.toLowerCase()];
  if (whole?.includes(' ')) return whole.split(' ');
  const rough = name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/(\p{L})(\d)/gu, '$1 $2')
    .replace(/(\d)(\p{L})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map((word) => word.toLowerCase());
  const words = rough.flatMap((word) => (vocabulary ? segment(word, vocabulary) : [word]));
  return words.flatMap((word) => expand(word, words.length > 1));
}

export const stems = (words: readonly string[]): string[] => words.map(stem);

// A lone "no" or "st" is as likely the word itself; beside another word the abbreviation is the better guess.
const ambiguousAlone = new Set([
  'no',
  'st',
  'cat',
  'long',
  'max',
  'min',
  'pos',
  'pop',
  'apt',
  'sec',
  'exp',
  'trans',
  'temp',
  'cr',
  'tot',
  'ed',
  'arr',
  'dep',
  'res',
  'pub',
  'ins',
  'co',
  'ph',
  'ref',
  'auth',
  'zip',
  'ht',
  'ct',
  'dt',
  'org',
  'ord',
]);

function expand(word: string, compound: boolean): string[] {
  const full = abbreviations[word];
  return full && (compound || !ambiguousAlone.has(word)) ? full.split(' ') : [word];
}

/** `invoicedate` → invoice, date, where both halves are known words. */
function segment(word: string, vocabulary: ReadonlySet<string>): string[] {
  if (word.length < 6 || vocabulary.has(word) || vocabulary.has(stem(word))) return [word];
  let best: string[] | undefined;
  for (let cut = 3; cut <= word.length - 2; cut += 1) {
    const [left, right] = [word.slice(0, cut), word.slice(cut)];
    const known = (part: string) => part.length >= 2 && (vocabulary.has(part) || (part.length > 3 && vocabulary.has(stem(part))));
    if (known(left) && known(right) && (left.length > 3 || right.length > 3)) best = [left, right];
  }
  return best ?? [word];
}
