/** "oldest" → age descending, "where" → location: adjectives and question words that speak of a column without naming it. */
import { concepts } from '../lexicon/en/concepts';
import type { Schema, SchemaColumn } from '../schema/types';
import { stem } from '../text/stem';
import type { Token } from '../text/types';
import type { ColumnLink } from './types';

interface Meaning {
  stem: string;
  direction: 'asc' | 'desc' | null;
  rank: number;
}

const byWord = new Map<string, Meaning[]>();
for (const concept of concepts) {
  for (const word of concept.words) {
    const list = byWord.get(word) ?? [];
    concept.means.forEach(([name, direction], rank) => list.push({ stem: stem(name), direction, rank }));
    byWord.set(word, list);
  }
}

export function linkConcepts(tokens: readonly Token[], schema: Schema): ColumnLink[] {
  const links: ColumnLink[] = [];
  for (const token of tokens) {
    const meanings = byWord.get(token.lower);
    if (!meanings) continue;
    for (const column of schema.columns) {
      if (column.hidden || column.table.hidden) continue;
      const meaning = bestMeaning(column, meanings);
      if (!meaning) continue;
      // Early meanings are the usual ones; a long name that merely contains the word is less sure.
      const strength = (0.62 - 0.04 * meaning.rank) * (column.ownStems.length <= 1 ? 1 : 0.8);
      if (strength <= 0.1) continue;
      links.push({
        kind: 'column',
        column,
        from: token.index,
        to: token.index + 1,
        match: 'concept',
        strength,
        coverage: 1 / column.ownStems.length,
        ...(meaning.direction ? { direction: meaning.direction } : {}),
      });
    }
  }
  return links;
}

function bestMeaning(column: SchemaColumn, meanings: readonly Meaning[]): Meaning | undefined {
  let best: Meaning | undefined;
  for (const meaning of meanings) {
    if (!column.stems.includes(meaning.stem)) continue;
    if (meaning.direction && column.isText && !/year|date/.test(column.name.toLowerCase())) continue;
    if (!best || meaning.rank < best.rank) best = meaning;
  }
  return best;
}
