/** Word by word: what the question says, beside the best that the schema has for it and what a draft makes of it. */
import type { SchemaColumn, SchemaTable } from '../schema/types';
import type { BeamInput, Draft } from './beam-types';
import type { Mentions } from './mentions';
import type { RowWriter } from './role-features';

/** What all drafts of a question share. */
interface Words {
  /** Tokens that mean something, by index. */
  readonly tokens: readonly number[];
  /** By token, the greatest strength of a column's link, and of any link. */
  readonly columns: Float64Array;
  readonly all: Float64Array;
  /** By token, links of tables. */
  readonly tables: readonly (readonly { table: SchemaTable; strength: number }[])[];
  /** Things listed before the first clause word: "the name, age and city". */
  readonly listed: number;
}

const known = new WeakMap<Mentions, Words>();

const wordsOf = ({ question, mentions }: BeamInput): Words => {
  let found = known.get(mentions);
  if (found) return found;
  const count = question.tokens.length;
  const columns = new Float64Array(count);
  const all = new Float64Array(count);
  const tables: { table: SchemaTable; strength: number }[][] = question.tokens.map(() => []);
  mentions.rivals.forEach((list, at) => (columns[at] = all[at] = list[0]?.strength ?? 0));
  for (const { table, strength, from, to } of question.tables)
    for (let at = from; at < to; at += 1) {
      tables[at]!.push({ table, strength });
      all[at] = Math.max(all[at]!, strength);
    }
  for (const link of question.values)
    if (link.match !== 'unknown') for (let at = link.from; at < link.to; at += 1) all[at] = Math.max(all[at]!, 0.8 * link.strength);
  let listed = 1;
  for (let at = 1; at < mentions.firstClause; at += 1) {
    const token = question.tokens[at]!;
    if (token.text === ',' ? question.tokens[at + 1]?.lower !== 'and' : token.lower === 'and') listed += 1;
  }
  const tokens = question.tokens
    .filter((token) => token.kind === 'word' && !token.stop && all[token.index]! > 0.3)
    .map((token) => token.index);
  known.set(mentions, (found = { tokens, columns, all, tables, listed }));
  return found;
};

const strengthOf = (rivals: readonly { column: number; strength: number }[], used: ReadonlySet<number>): number => {
  // Strongest first.
  for (const rival of rivals) if (used.has(rival.column)) return rival.strength;
  return 0;
};

const idsOf = (columns: readonly (SchemaColumn | undefined)[]): Set<number> =>
  new Set(columns.flatMap((column) => (column ? [column.id] : [])));

export const writeCover = (
  write: RowWriter,
  input: BeamInput,
  { draft, tables }: { draft: Draft; tables: ReadonlySet<SchemaTable> },
): void => {
  const { mentions } = input;
  const { show, where, clauses } = draft;
  const words = wordsOf(input);
  const shown = idsOf(show.entries.map((entry) => entry.column));
  const used = idsOf([
    ...show.entries.map((entry) => entry.column),
    ...where.atoms.map((atom) => atom.column),
    clauses.group,
    clauses.having?.column,
    clauses.sort?.column,
  ]);
  let lost = 0;
  let most = 0;
  let front = 0;
  let columnsLost = 0;
  let shownLost = 0;
  let early = 0;
  for (const at of words.tokens) {
    const column = strengthOf(mentions.rivals[at]!, used);
    let best = column;
    for (const { table, strength } of words.tables[at]!) if (strength > best && tables.has(table)) best = strength;
    for (const atom of where.atoms) if (atom.from <= at && at < atom.to) best = Math.max(best, atom.strength);
    const missing = Math.max(0, words.all[at]! - best);
    lost += missing;
    most = Math.max(most, missing);
    columnsLost += Math.max(0, words.columns[at]! - Math.max(best, column));
    if (at >= mentions.firstClause) continue;
    front += missing;
    early += 1;
    shownLost += Math.max(0, words.columns[at]! - strengthOf(mentions.rivals[at]!, shown));
  }
  write.add('cover:lost', lost);
  write.add('cover:most', most);
  write.add('cover:front', front);
  write.add('cover:columns', columnsLost);
  write.add('cover:shown', early > 0 ? shownLost / early : undefined);
  // Words of the names shown that the question doesn't say.
  let unsaid = 0;
  let worst = 0;
  for (const { column } of show.entries) {
    if (!column) continue;
    const link = mentions.columns[column.id]![0];
    const missing = 1 - (link ? link.strength * link.coverage : 0);
    unsaid += missing;
    worst = Math.max(worst, missing);
  }
  write.add('cover:unsaid', unsaid);
  write.add('cover:unsaidMost', worst);
  write.add('cover:listed', words.listed);
  write.add('cover:listGap', words.listed - show.entries.length);
  write.add('cover:columnTwice', show.entries.filter((entry) => entry.column).length - shown.size);
  // Two columns that stand on the same words: usually one was meant.
  let crowded = 0;
  const spans: { from: number; to: number; name: string }[] = [];
  for (const id of used) {
    const link = mentions.columns[id]![0];
    if (!link || link.strength < 0.4) continue;
    const name = link.column.name.toLowerCase();
    if (spans.some((span) => span.from < link.to && link.from < span.to && span.name !== name)) crowded += 1;
    spans.push({ from: link.from, to: link.to, name });
  }
  write.add('cover:crowded', crowded);
  write.add('cover:phrases', spans.length);
};
