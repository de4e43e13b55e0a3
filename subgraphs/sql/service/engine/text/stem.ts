/** The stem of an English word: Porter, "An algorithm for suffix stripping" (1980), after a table of irregular forms. */
import { irregularForms } from '../lexicon/en/irregular';

const consonants = '[^aeiou][^aeiouy]*';
const vowels = '[aeiouy][aeiou]*';
const measureOver0 = new RegExp(`^(${consonants})?${vowels}${consonants}`);
const measureIs1 = new RegExp(`^(${consonants})?${vowels}${consonants}(${vowels})?$`);
const measureOver1 = new RegExp(`^(${consonants})?${vowels}${consonants}${vowels}${consonants}`);
const hasVowel = new RegExp(`^(${consonants})?[aeiouy]`);
const endsShort = new RegExp(`^${consonants}[aeiouy][^aeiouwxy]$`);

const step2: Record<string, string> = {
  ational: 'ate',
  tional: 'tion',
  enci: 'ence',
  anci: 'ance',
  izer: 'ize',
  bli: 'ble',
  alli: 'al',
  entli: 'ent',
  eli: 'e',
  ousli: 'ous',
  ization: 'ize',
  ation: 'ate',
  ator: 'ate',
  alism: 'al',
  iveness: 'ive',
  fulness: 'ful',
  ousness: 'ous',
  aliti: 'al',
  iviti: 'ive',
  biliti: 'ble',
  logi: 'log',
};
const step3: Record<string, string> = { icate: 'ic', ative: '', alize: 'al', iciti: 'ic', ical: 'ic', ful: '', ness: '' };
const suffix2 = new RegExp(`^(.+?)(${Object.keys(step2).join('|')})$`);
const suffix3 = new RegExp(`^(.+?)(${Object.keys(step3).join('|')})$`);
const suffix4 = /^(.+?)(al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize)$/;

const cache = new Map<string, string>();
const CACHE_LIMIT = 50_000;

export function stem(word: string): string {
  const known = cache.get(word);
  if (known !== undefined) return known;
  const base = irregularForms[word] ?? word;
  // Listed as its own form: a word that must keep its end, such as "department" beside "depart".
  const result = irregularForms[base] === base ? base : porter(base);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(word, result);
  return result;
}

function porter(input: string): string {
  let w = input;
  if (w.length < 3 || !/^[a-z]+$/.test(w)) return w;
  const firstY = w.startsWith('y');
  if (firstY) w = `Y${w.slice(1)}`;
  w = dropPlural(w);
  w = dropPast(w);
  if (/^(.+?)y$/.test(w) && hasVowel.test(w.slice(0, -1))) w = `${w.slice(0, -1)}i`;
  w = replaceSuffix(w, suffix2, step2);
  w = replaceSuffix(w, suffix3, step3);
  const fourth = suffix4.exec(w);
  if (fourth) {
    if (measureOver1.test(fourth[1]!)) w = fourth[1]!;
  } else {
    const ion = /^(.+?)(s|t)(ion)$/.exec(w);
    if (ion && measureOver1.test(ion[1]! + ion[2]!)) w = ion[1]! + ion[2]!;
  }
  if (w.endsWith('e')) {
    const base = w.slice(0, -1);
    if (measureOver1.test(base) || (measureIs1.test(base) && !endsShort.test(base))) w = base;
  }
  if (w.endsWith('ll') && measureOver1.test(w)) w = w.slice(0, -1);
  return firstY ? `y${w.slice(1)}` : w;
}

function dropPlural(w: string): string {
  if (/^.+?(ss|i)es$/.test(w)) return w.slice(0, -2);
  return /^.+?[^s]s$/.test(w) ? w.slice(0, -1) : w;
}

function dropPast(w: string): string {
  if (w.endsWith('eed')) return measureOver0.test(w.slice(0, -3)) ? w.slice(0, -1) : w;
  const match = /^(.+?)(ed|ing)$/.exec(w);
  if (!match || !hasVowel.test(match[1]!)) return w;
  const base = match[1]!;
  if (/(at|bl|iz)$/.test(base)) return `${base}e`;
  if (/([^aeiouylsz])\1$/.test(base)) return base.slice(0, -1);
  return endsShort.test(base) ? `${base}e` : base;
}

function replaceSuffix(w: string, pattern: RegExp, table: Record<string, string>): string {
  const match = pattern.exec(w);
  return match && measureOver0.test(match[1]!) ? match[1]! + table[match[2]!]! : w;
}
