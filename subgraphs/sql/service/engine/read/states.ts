/** "discontinued products", "open tickets": a state of the rows, kept as a flag or as a date that is missing until it is reached. */
import type { SchemaColumn, SchemaTable } from '../schema/types';
import { columnRef, type Reading } from './reading';

const unfinished = /^(open|unresolved|unclosed|unfinished|ongoing|outstanding|pending|unreturned|undelivered|unpaid|unshipped)$/;
const finished = /^(closed|resolved|finished|completed|settled|ended)$/;
/** Names and synonyms of a date at which something is over. */
const ends = /^(closed?|closing|resolved?|ended?|end|finish(ed)?|complet(ed|ion)|settled|deliver(y|ed)|return(ed)?|paid|shipped)$/;

/** Call before conditions and leftovers are read. */
export function readStates(reading: Reading): void {
  readFlags(reading);
  reading.question.tokens.forEach((token, i) => {
    const isOpen = unfinished.test(token.lower);
    if (reading.used.has(i) || (!isOpen && !finished.test(token.lower))) return;
    // A value of a status column says it already.
    if (reading.question.values.some((value) => value.from <= i && value.to > i && value.strength > 0.6)) return;
    const table = subjectAt(reading, i);
    const column = table && endOf(table, token.lower);
    if (!column) return;
    const not = /^(not|never)$/.test(reading.word(i - 1));
    const still = /^(still|yet)$/.test(reading.word(i - 1)) ? 1 : 0;
    const tokens = reading.use({ from: i - (not ? 1 : still), to: i + 1 });
    reading.conditions.push({ kind: 'null', of: columnRef(reading, column), ...(isOpen === not ? { negated: true } : {}), tokens });
  });
}

/** The table named right behind the word, or before "is", "are", "still". */
function subjectAt(reading: Reading, at: number): SchemaTable | undefined {
  const behind = reading.mentions.find((mention) => mention.from === at + 1);
  const predicate = /^(is|are|was|were|still|yet|not|remain|stay)$/.test(reading.word(at - 1));
  const before = predicate ? reading.mentions.filter((mention) => mention.to < at && mention.tables.length > 0).at(-1) : undefined;
  const named = behind?.tables[0] ?? before?.tables[0];
  const counted = reading.measures.find((item) => item.countOf && (predicate || behind?.metric))?.countOf;
  const home = behind?.metric ? reading.measures.find((item) => item.tokens.includes(behind.from))?.home : undefined;
  return (named && named.strength > 0.6 ? named.table : undefined) ?? home ?? counted;
}

/** The date of the end, of which some are missing: named by the word where several could be meant. */
function endOf(table: SchemaTable, word: string): SchemaColumn | undefined {
  const dates = table.columns.filter(
    (column) =>
      column.isTime &&
      (column.source.nullCount ?? 0) > 0 &&
      [column.words, ...column.aliases.map((alias) => alias.words)].some((words) => words.some((part) => ends.test(part))),
  );
  const root = word.replace(/^un/, '');
  const named = dates.filter((column) =>
    [column.words, ...column.aliases.map((alias) => alias.words)].some((words) => words.some((part) => part === root)),
  );
  return named.length === 1 ? named[0] : dates.length === 1 ? dates[0] : undefined;
}

/** A yes-or-no column beside what it describes. */
function readFlags(reading: Reading): void {
  for (const mention of reading.mentions) {
    if (!reading.free(mention) || reading.groups.some((group) => group.tokens.includes(mention.from))) continue;
    const flag = mention.columns.find((link) => link.column.type === 'boolean' && link.strength > 0.6)?.column;
    if (!flag || (mention.tables[0]?.strength ?? 0) > 0.8) continue;
    const before = reading.word(mention.from - 1);
    const describes = reading.mentions.some((item) => item.from === mention.to && item.tables.some(({ table }) => table === flag.table));
    if (!describes && !/^(is|are|was|were|been|not|that|who|only)$/.test(before)) continue;
    const not = /^(not|non|never)$/.test(before);
    const next = describes ? reading.mentions.find((item) => item.from === mention.to) : undefined;
    // What is measured belongs to the rows described: their name restricts nothing more.
    const named = next && reading.free(next) && reading.measures.length > 0 && !reading.entity ? [next] : [];
    reading.conditions.push({
      kind: 'compare',
      operator: '=',
      left: columnRef(reading, flag),
      right: { kind: 'literal', value: !not, type: 'boolean' },
      tokens: reading.use(not ? { from: mention.from - 1, to: mention.to } : mention, ...named),
    });
  }
}
