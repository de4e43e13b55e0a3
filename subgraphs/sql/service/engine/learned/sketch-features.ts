/** Sparse features of the sketch heads: hashed n-grams of the delexicalised question, and counts of its links. */
import type { Symbols } from './delexicalise';
import type { LinkedQuestion } from '../link/types';

export const SKETCH_SPACE = 1 << 15;

/** FNV-1a, 32 bits. */
export const hashText = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
};

export const sketchGrams = ({ words, counts }: Symbols, question: LinkedQuestion): string[] => {
  const grams = new Set<string>();
  const all = ['^', ...words, '$'];
  const general = all.map((word) => (word.startsWith('COL') ? 'COL' : word));
  for (const list of [all, general]) {
    for (let at = 0; at < list.length; at += 1) {
      grams.add(list[at]!);
      if (at + 1 < list.length) grams.add(`${list[at]} ${list[at + 1]}`);
      if (at + 2 < list.length) {
        grams.add(`${list[at]} ${list[at + 1]} ${list[at + 2]}`);
        grams.add(`${list[at]} _ ${list[at + 2]}`);
      }
      if (at + 3 < list.length) grams.add(`${list[at]} ${list[at + 1]} ${list[at + 2]} ${list[at + 3]}`);
    }
  }
  grams.add(`first ${general.slice(1, 3).join(' ')}`);
  grams.add(`first3 ${general.slice(1, 4).join(' ')}`);
  grams.add(`last ${general.slice(-3, -1).join(' ')}`);
  for (const [name, count] of Object.entries(counts)) for (let at = 0; at <= Math.min(5, count); at += 1) grams.add(`#${name}>=${at}`);
  grams.add(`#tables ${Math.min(3, question.schema.tables.length)}`);
  grams.add(`#length ${Math.min(6, Math.floor(words.length / 4))}`);
  const verbs = all.filter((word) => /^[a-z]+$/.test(word));
  grams.add(`#columns=${Math.min(6, counts.column)} values=${Math.min(3, counts.value)} numbers=${Math.min(3, counts.number)}`);
  // Pairs of far-apart words: "which … most", "number … each".
  const keys = [...new Set(verbs)].slice(0, 25);
  for (const first of keys.slice(0, 12))
    for (const second of keys) if (first !== second && KEY_WORDS.has(first) && KEY_WORDS.has(second)) grams.add(`${first} & ${second}`);
  return [...grams];
};

const KEY_WORDS = new Set(
  'which what who how many number each most least average total sum maximum minimum max min more less than both and or not no never without all every different distinct per of by order sorted descending ascending for have has whose with that least common highest lowest largest smallest count list show find only also either any'.split(
    ' ',
  ),
);

/** Feature numbers of a question, sorted and without repeats. */
export const sketchIndices = (grams: readonly string[]): Uint32Array =>
  Uint32Array.from(new Set(grams.map((gram) => hashText(gram) & (SKETCH_SPACE - 1)))).sort();
