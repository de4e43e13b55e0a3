/** The question with every linked span replaced by its kind, so that what is learned speaks of clauses and not of a schema's nouns. */
import type { LinkedQuestion } from '../link/types';

export interface Symbols {
  readonly words: readonly string[];
  readonly counts: Readonly<Record<'column' | 'numeric' | 'table' | 'value' | 'number', number>>;
}

interface Cover {
  from: number;
  to: number;
  symbol: string;
  weight: number;
}

/** Words that ask for the same, of which the training questions know one. */
const alike: Readonly<Record<string, string>> = { __proto__: null as never, per: 'each' };

const MIN_STRENGTH = 0.45;

export const delexicalise = (question: LinkedQuestion): Symbols => {
  const covers: Cover[] = [];
  const counts = { column: 0, numeric: 0, table: 0, value: 0, number: 0 };
  const length = (link: { from: number; to: number }): number => link.to - link.from;
  for (const link of question.columns) {
    if (link.strength < MIN_STRENGTH || link.match === 'concept') continue;
    const { column } = link;
    const symbol = column.isId ? 'COLid' : column.isNumeric ? 'COLnum' : column.isTime ? 'COLtime' : column.isName ? 'COLname' : 'COL';
    covers.push({ from: link.from, to: link.to, symbol, weight: link.strength * length(link) });
  }
  for (const link of question.tables) {
    if (link.strength < MIN_STRENGTH) continue;
    covers.push({ from: link.from, to: link.to, symbol: 'TAB', weight: link.strength * length(link) * 1.05 });
  }
  for (const link of question.values) {
    if (link.strength < MIN_STRENGTH) continue;
    covers.push({
      from: link.from,
      to: link.to,
      symbol: 'VAL',
      weight: link.strength * length(link) * (link.quoted || link.capital ? 1.5 : 0.9),
    });
  }
  for (const link of question.numbers)
    covers.push({ from: link.from, to: link.to, symbol: link.role === 'year' ? 'YEAR' : 'NUM', weight: 1.2 });
  covers.sort((a, b) => b.weight - a.weight || a.from - b.from);
  const taken = new Array<Cover | undefined>(question.tokens.length);
  for (const cover of covers) {
    let free = true;
    for (let at = cover.from; at < cover.to; at += 1) free &&= taken[at] === undefined;
    if (!free) continue;
    for (let at = cover.from; at < cover.to; at += 1) taken[at] = cover;
    if (cover.symbol === 'TAB') counts.table += 1;
    else if (cover.symbol === 'VAL') counts.value += 1;
    else if (cover.symbol === 'NUM' || cover.symbol === 'YEAR') counts.number += 1;
    else {
      counts.column += 1;
      if (cover.symbol === 'COLnum') counts.numeric += 1;
    }
  }
  const words: string[] = [];
  for (let at = 0; at < question.tokens.length;) {
    const cover = taken[at];
    const token = question.tokens[at]!;
    if (cover) {
      words.push(cover.symbol);
      at = cover.to;
      continue;
    }
    at += 1;
    if (token.kind === 'punctuation' && token.text !== ',') continue;
    words.push(
      token.kind === 'quoted' ? 'QUOTED' : token.kind === 'number' ? 'NUM' : token.capital ? 'CAP' : (alike[token.lower] ?? token.lower),
    );
  }
  return { words, counts };
};
