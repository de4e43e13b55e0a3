/** "first order date per customer", "last order of each customer": the earliest or latest moment of what each of them has. */
import { countedTable, nearestTime } from './measures';
import type { Reading } from './reading';

/** Call before other measures are read. */
export function readFirstDates(reading: Reading): void {
  const { tokens } = reading.question;
  const at = tokens.findIndex((token) => /^(first|last|latest|earliest|most)$/.test(token.lower));
  if (at < 0 || (reading.word(at) === 'most' && reading.word(at + 1) !== 'recent')) return;
  const from = reading.word(at) === 'most' ? at + 2 : at + 1;
  const mention = reading.mentions.find((item) => item.from === from && !item.time && !item.number);
  const dated = mention?.columns.find((link) => link.column.isTime && link.strength > 0.6)?.column;
  const table = mention && (dated?.table ?? countedTable(reading, mention) ?? mention.tables[0]?.table);
  const date = mention && /^(date|day|time)$/.test(reading.word(mention.to)) ? mention.to + 1 : (mention?.to ?? 0);
  if (!mention || !table || reading.measures.length > 0) return;
  const each =
    /^(per|each|every)$/.test(reading.word(date)) ||
    (/^(of|for|by|from)$/.test(reading.word(date)) && /^(each|every)$/.test(reading.word(date + 1)));
  const of = dated ? { kind: 'column' as const, table: dated.table.name, column: dated.name } : nearestTime(reading, table);
  if (!each || !of) return;
  const fn = /^(first|earliest)$/.test(reading.word(at)) ? 'min' : 'max';
  reading.measures.push({
    expression: { kind: 'aggregate', fn, of },
    tokens: reading.use({ from: at, to: date }),
    better: 'up',
    home: table,
    time: of,
  });
}
