/** Sparse features of one mention: the words around it, delexicalised. A linear model turns them into shares of the roles. */
import type { ColumnLink } from '../link/types';
import type { Mentions } from './mentions';
import { hashText } from './sketch-features';

export const CONTEXT_SPACE = 1 << 14;

/** The question's words with strong links masked, one per token. */
export const maskedWords = (mentions: Mentions): string[] => {
  const { question } = mentions;
  const words = question.tokens.map((token) =>
    token.kind === 'punctuation' && token.text !== ','
      ? '.'
      : token.kind === 'number'
        ? 'NUM'
        : token.kind === 'quoted'
          ? 'VAL'
          : token.lower,
  );
  const mask = (from: number, to: number, symbol: string): void => {
    for (let at = from; at < to; at += 1) if (/^[a-z]/.test(words[at]!) || words[at] === 'NUM') words[at] = symbol;
  };
  for (const link of question.columns) if (link.strength > 0.5 && link.match !== 'concept') mask(link.from, link.to, 'COL');
  for (const link of question.tables) if (link.strength > 0.6) mask(link.from, link.to, 'TAB');
  for (const link of question.values) if (link.strength > 0.6 && (link.capital || link.quoted)) mask(link.from, link.to, 'VAL');
  return words;
};

export const contextGrams = (mentions: Mentions, words: readonly string[], link: ColumnLink): string[] => {
  const at = (index: number): string => words[index] ?? (index < 0 ? '^' : '$');
  const { column, from, to } = link;
  const type = column.isId ? 'id' : column.isNumeric ? 'number' : column.isTime ? 'time' : column.isName ? 'name' : 'text';
  const [l1, l2, l3, l4, r1, r2, r3] = [at(from - 1), at(from - 2), at(from - 3), at(from - 4), at(to), at(to + 1), at(to + 2)];
  const grams = [
    `l1 ${l1}`,
    `l2 ${l2} ${l1}`,
    `l3 ${l3} ${l2} ${l1}`,
    `l4 ${l4} ${l3} ${l2} ${l1}`,
    `r1 ${r1}`,
    `r2 ${r1} ${r2}`,
    `r3 ${r1} ${r2} ${r3}`,
    `lr ${l1} | ${r1}`,
    `lr2 ${l2} ${l1} | ${r1}`,
    `lr3 ${l1} | ${r1} ${r2}`,
    `t ${type}`,
    `tl ${type} ${l1}`,
    `tr ${type} ${r1}`,
    `tl2 ${type} ${l2} ${l1}`,
    `m ${link.match}`,
    `first ${at(0)} ${at(1)}`,
    `first ${at(0)} ${at(1)} ${type}`,
    `clause ${Math.sign(from - mentions.firstClause)}`,
  ];
  for (let index = Math.max(0, from - 8); index < from; index += 1)
    grams.push(`before ${at(index)}`, `before ${at(index)} ${at(index + 1)}`);
  for (let index = to; index < Math.min(words.length, to + 6); index += 1) grams.push(`after ${at(index)}`);
  for (let index = 0; index + 1 < words.length; index += 1) if (index < from - 8) grams.push(`far ${at(index)} ${at(index + 1)}`);
  return grams;
};

export const contextIndices = (grams: readonly string[]): number[] => [
  ...new Set(grams.map((gram) => hashText(gram) & (CONTEXT_SPACE - 1))),
];
