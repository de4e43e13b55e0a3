/** When there is no answer: what was not understood, and the names that come nearest to it. */
import { withinDistance } from '../link/value-index';
import type { LinkedQuestion } from '../link/types';
import type { Schema } from '../schema/types';
import type { Clarification } from '../types';
import { spoken } from './phrases';
import { unusedTokens } from './unused';

export function clarify(question: LinkedQuestion, used: ReadonlySet<number>): Clarification {
  const words = unusedTokens(question.tokens, used).map((token) => token.text);
  const names = knownNames(question.schema);
  const nearest = words.flatMap((word) => {
    const found = names.filter((name) => name.split(' ').some((part) => similar(word.toLowerCase(), part))).slice(0, 3);
    return found.length > 0 ? [{ words: word, names: found }] : [];
  });
  const topics = question.schema.tables
    .filter((table) => !table.hidden && !table.bridge)
    .slice(0, 6)
    .map((table) => spoken(table.name));
  const text =
    words.length > 0
      ? `I could not connect ${quote(words)} to this data.${nearest.length > 0 ? ` Did you mean ${quote([...new Set(nearest.flatMap((item) => item.names))].slice(0, 3))}?` : ` It is about ${topics.join(', ')}.`}`
      : `I know these words, but not what they ask for together. Please say it in other words: this data is about ${topics.join(', ')}.`;
  return { question: text, notUnderstood: words, nearest, options: [] };
}

const quote = (words: readonly string[]): string => words.map((word) => `“${word}”`).join(', ');

const similar = (word: string, name: string): boolean =>
  word.length > 3 &&
  name.length > 3 &&
  (withinDistance(word, name, word.length > 6 ? 2 : 1) ||
    (word.length > 4 && (name.startsWith(word.slice(0, 5)) || word.startsWith(name.slice(0, 5)))));

function knownNames(schema: Schema): string[] {
  const names = [
    ...schema.model.metrics.map((metric) => metric.label ?? metric.name),
    ...schema.tables.filter((table) => !table.hidden).map((table) => table.name),
    ...schema.columns.filter((column) => !column.hidden).map((column) => column.name),
  ];
  return [...new Set(names.map((name) => spoken(name)))];
}
