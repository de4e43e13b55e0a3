/**
 * Derives the engine's synonym table from a WordNet 3.0 dictionary folder (data.noun, index.noun, …):
 *   node scripts/run.mjs bench/lexicon/wordnet /usr/share/wordnet subgraphs/sql/service/engine/lexicon/en/wordnet.json
 * Kept are single words that occur in WordNet's own frequency counts, by stem: synonyms of the first sense, of the next two, direct
 * hypernyms of the first sense, and derived forms.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { stem } from '../../subgraphs/sql/service/engine/text/stem';

type Part = 'noun' | 'verb' | 'adj';
interface Synset {
  words: string[];
  hypernyms: string[];
  derived: { offset: string; part: Part }[];
}
interface Related {
  first: Set<string>;
  later: Set<string>;
  hypernyms: Set<string>;
  derived: Set<string>;
}

const symbols: Record<string, Part> = { n: 'noun', v: 'verb', a: 'adj', s: 'adj' };
const plain = /^[a-z]{3,}$/;
const LATER_SENSES = 3;

function readSynsets(folder: string, part: Part): Map<string, Synset> {
  const synsets = new Map<string, Synset>();
  for (const line of readFileSync(path.join(folder, `data.${part}`), 'latin1').split('\n')) {
    if (line.startsWith(' ') || line === '') continue;
    const fields = line.split('|')[0]!.trim().split(' ');
    const count = parseInt(fields[3]!, 16);
    const words = Array.from({ length: count }, (_, i) => fields[4 + 2 * i]!.replace(/\(\w+\)$/, ''));
    const synset: Synset = { words, hypernyms: [], derived: [] };
    let at = 4 + 2 * count;
    const pointers = parseInt(fields[at]!, 10);
    at += 1;
    for (let i = 0; i < pointers; i += 1, at += 4) {
      const [symbol, offset, pos] = [fields[at]!, fields[at + 1]!, fields[at + 2]!];
      if (symbol === '@') synset.hypernyms.push(offset);
      else if (symbol === '+') synset.derived.push({ offset, part: symbols[pos]! });
    }
    synsets.set(fields[0]!, synset);
  }
  return synsets;
}

/** Lemma → synset offsets, the usual sense first; only lemmas of which some sense was met in tagged text. */
function readIndex(folder: string, part: Part): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const line of readFileSync(path.join(folder, `index.${part}`), 'latin1').split('\n')) {
    const fields = line.trim().split(' ');
    const lemma = fields[0]!;
    if (!plain.test(lemma)) continue;
    const synsets = Number(fields[2]);
    const offsets = fields.slice(-synsets);
    const tagged = Number(fields[fields.length - synsets - 1]);
    if (tagged > 0) index.set(lemma, offsets.slice(0, Math.max(1, Math.min(tagged, LATER_SENSES))));
    else if (synsets === 1) index.set(lemma, offsets);
  }
  return index;
}

function main([folder, target]: string[]): void {
  const parts: Part[] = ['noun', 'verb', 'adj'];
  const data = new Map(parts.map((part) => [part, readSynsets(folder!, part)]));
  const indexes = new Map(parts.map((part) => [part, readIndex(folder!, part)]));
  const common = new Set(parts.flatMap((part) => [...indexes.get(part)!.keys()]));
  const related = new Map<string, Related>();
  for (const part of parts) {
    for (const [lemma, offsets] of indexes.get(part)!) {
      const entry = related.get(stem(lemma)) ?? { first: new Set(), later: new Set(), hypernyms: new Set(), derived: new Set() };
      related.set(stem(lemma), entry);
      offsets.forEach((offset, sense) => {
        const synset = data.get(part)!.get(offset)!;
        for (const word of synset.words) if (common.has(word)) (sense === 0 ? entry.first : entry.later).add(stem(word));
        if (sense > 0) return;
        for (const hypernym of synset.hypernyms)
          for (const word of data.get(part)!.get(hypernym)?.words ?? []) if (common.has(word)) entry.hypernyms.add(stem(word));
        for (const { offset: other, part: otherPart } of synset.derived)
          for (const word of data.get(otherPart)?.get(other)?.words ?? [])
            if (common.has(word) && word.slice(0, 3) === lemma.slice(0, 3)) entry.derived.add(stem(word));
      });
    }
  }
  const out: Record<string, string> = {};
  for (const [key, entry] of [...related].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const seen = new Set([key]);
    const list = (set: Set<string>) =>
      [...set]
        .filter((word) => !seen.has(word) && seen.add(word))
        .slice(0, 8)
        .join(' ');
    const lists = [entry.first, entry.later, entry.derived, entry.hypernyms].map(list);
    if (lists.some(Boolean)) out[key] = lists.join('|').replace(/\|+$/, '');
  }
  writeFileSync(target!, `${JSON.stringify(out)}\n`);
  console.log(`${Object.keys(out).length} stems`);
}

main(process.argv.slice(2));
