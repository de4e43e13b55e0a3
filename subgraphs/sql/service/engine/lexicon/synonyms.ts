/** Synonyms by stem, compiled once from the language's tables. */
import { stem } from '../text/stem';
import { synonymGroups } from './en/synonyms';

export interface RelatedStem {
  stem: string;
  weight: number;
  kind: 'synonym' | 'hypernym';
}

let table: Map<string, RelatedStem[]> | undefined;

/** Stems that mean nearly what this one means, with how nearly. */
export function relatedStems(word: string): readonly RelatedStem[] {
  table ??= compile();
  return table.get(word) ?? [];
}

function compile(): Map<string, RelatedStem[]> {
  const result = new Map<string, RelatedStem[]>();
  const add = (from: string, to: string, weight: number, kind: RelatedStem['kind']) => {
    if (from === to) return;
    const list = result.get(from) ?? [];
    const known = list.find((item) => item.stem === to);
    if (known) known.weight = Math.max(known.weight, weight);
    else list.push({ stem: to, weight, kind });
    result.set(from, list);
  };
  for (const group of synonymGroups) {
    const stems = group.split(' ').map(stem);
    for (const a of stems) for (const b of stems) add(a, b, 0.8, 'synonym');
  }
  return result;
}
