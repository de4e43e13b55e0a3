/** Per column and table, what the question says about it: the best link, its rivals, and where values and numbers stand. */
import type { ColumnLink, LinkedQuestion, TableLink, ValueLink } from '../link/types';

export interface Mentions {
  readonly question: LinkedQuestion;
  /** By column id, strongest first. */
  readonly columns: readonly (readonly ColumnLink[])[];
  readonly tables: readonly (readonly TableLink[])[];
  readonly values: readonly (readonly ValueLink[])[];
  /** For each token, the strengths of the column links that cover it, greatest first. */
  readonly rivals: readonly (readonly { column: number; strength: number }[])[];
  /** Tokens that begin a condition or an order: with, whose, that, ordered by … */
  readonly firstClause: number;
}

const byStrength = (a: { strength: number }, b: { strength: number }): number => b.strength - a.strength;

const CLAUSE_WORDS = new Set([
  'with',
  'whose',
  'that',
  'who',
  'where',
  'having',
  'ordered',
  'sorted',
  'order',
  'sort',
  'for',
  'by',
  'in',
  'which',
  'from',
  'than',
]);

export const gatherMentions = (question: LinkedQuestion): Mentions => {
  const { schema, tokens } = question;
  const columns: ColumnLink[][] = schema.columns.map(() => []);
  const tables: TableLink[][] = schema.tables.map(() => []);
  const values: ValueLink[][] = schema.columns.map(() => []);
  const rivals: { column: number; strength: number }[][] = tokens.map(() => []);
  for (const link of question.columns) {
    columns[link.column.id]!.push(link);
    for (let at = link.from; at < link.to; at += 1) rivals[at]?.push({ column: link.column.id, strength: link.strength });
  }
  for (const link of question.tables) tables[link.table.id]!.push(link);
  for (const link of question.values) values[link.column.id]!.push(link);
  for (const list of [...columns, ...tables, ...values]) list.sort(byStrength);
  for (const list of rivals) list.sort(byStrength);
  let firstClause = tokens.findIndex((token, index) => index > 1 && CLAUSE_WORDS.has(token.lower));
  if (firstClause < 0) firstClause = tokens.length;
  return { question, columns, tables, values, rivals, firstClause };
};
