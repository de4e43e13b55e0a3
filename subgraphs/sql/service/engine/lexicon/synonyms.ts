/** Synonyms by stem: the project's own groups, and WordNet's where they say nothing. */
import { stem } from '../text/stem';
import { cuePhrases } from './en/cues';
import { synonymGroups } from './en/synonyms';
import { stopWords } from './en/words';
import wordnet from './en/wordnet.json';

export interface RelatedStem {
  stem: string;
  weight: number;
  kind: 'synonym' | 'hypernym';
}

/** What the lists of a WordNet entry are worth: first sense, later senses, derived forms, hypernyms. */
const wordnetKinds: readonly { weight: number; kind: RelatedStem['kind'] }[] = [
  { weight: 0.75, kind: 'synonym' },
  { weight: 0.55, kind: 'synonym' },
  { weight: 0.65, kind: 'synonym' },
  { weight: 0.45, kind: 'hypernym' },
];

const concepts = new Set([...stopWords, ...cuePhrases.flatMap((cue) => cue.phrases.flatMap((phrase) => phrase.split(/[ |]/)))].map(stem));

let groups: Map<string, Map<string, RelatedStem>> | undefined;
const known = new Map<string, readonly RelatedStem[]>();
const KEPT = 20_000;

/** Stems that mean nearly what this one means, with how nearly. */
export function relatedStems(word: string): readonly RelatedStem[] {
  let found = known.get(word);
  if (!found) {
    found = lookUp(word);
    if (known.size >= KEPT) known.clear();
    known.set(word, found);
  }
  return found;
}

/** A word that the dictionary has is not misspelt. */
export const isEnglish = (word: string): boolean => Object.hasOwn(wordnet, word) || concepts.has(word);

function lookUp(word: string): RelatedStem[] {
  groups ??= compileGroups();
  const result = new Map(groups.get(word) ?? []);
  const entry = Object.hasOwn(wordnet, word) ? (wordnet as Record<string, string>)[word] : undefined;
  entry?.split('|').forEach((list, i) => {
    for (const other of list.split(' ')) {
      const { weight, kind } = wordnetKinds[i]!;
      const before = result.get(other);
      if (other && other !== word && (!before || before.weight < weight)) result.set(other, { stem: other, weight, kind });
    }
  });
  return [...result.values()];
}

function compileGroups(): Map<string, Map<string, RelatedStem>> {
  const result = new Map<string, Map<string, RelatedStem>>();
  for (const group of synonymGroups) {
    const stems = group.split(' ').map(stem);
    for (const a of stems) {
      const list = result.get(a) ?? new Map<string, RelatedStem>();
      for (const b of stems) if (a !== b) list.set(b, { stem: b, weight: 0.8, kind: 'synonym' });
      result.set(a, list);
    }
  }
  return result;
}
