/** "which country has the most customers", "most common reason for returns", "which day had the most flights": groups by how many rows they have. */
import type { CueLink } from '../link/types';
import type { SchemaTable } from '../schema/types';
import { multiplies } from '../render/safe';
import { addDimension } from './groups';
import { countedTable, countRows } from './measures';
import type { Mention } from './mentions';
import type { Reading } from './reading';

/** Call before other measures are read. */
export function readMostGroups(reading: Reading): void {
  // "how many …", "average …": another number is asked for.
  if (reading.measures.length > 0 || reading.has('aggregate') || reading.cues('count').some((cue) => cue.from === 0)) return;
  const cues = [...reading.cues('frequent'), ...reading.cues('rare'), ...reading.cues('superlative')];
  cues.some((cue) => readMost(reading, cue) || readCommon(reading, cue));
}

/** Something is said to have the most of something else. */
function readMost(reading: Reading, cue: CueLink): boolean {
  const word = reading.word(cue.to - 1);
  if (!/^(most|least|fewest|of|highest|lowest|largest|biggest)$/.test(word)) return false;
  const counted = reading.mentions.find((mention) => mention.from >= cue.to && mention.from <= cue.to + 1);
  const table = counted && ((counted.tables[0]?.strength ?? 0) > 0.7 ? counted.tables[0]!.table : countedTable(reading, counted));
  if (!counted || !table || (word !== 'most' && word !== 'least' && word !== 'fewest' && word !== 'of')) return false;
  const subject = reading.mentions.filter((mention) => mention.to <= cue.from).find((mention) => isGroup(mention));
  if (!subject || subject === counted) return false;
  if (!subject.grain && !belongs(reading, subject, table)) return false;
  const measure = countRows(reading, table, reading.use(counted));
  reading.measures.push(measure);
  return subject.grain !== undefined || addDimension(reading, subject, { each: false });
}

/** A value is said to be common. */
function readCommon(reading: Reading, cue: CueLink): boolean {
  if (cue.cue === 'superlative' || !/^(common|popular|frequent|frequently|often|commonly)$/.test(reading.word(cue.to - 1))) return false;
  const subject = reading.mentions.find((mention) => mention.from >= cue.to && mention.from <= cue.to + 1);
  const column = subject?.columns[0];
  if (!subject || !column || column.strength < 0.6 || column.column.isNumeric || (subject.tables[0]?.strength ?? 0) > column.strength)
    return false;
  if (!addDimension(reading, subject, { each: false })) return false;
  reading.measures.push(countRows(reading, column.column.table, []));
  return true;
}

/** A column to group by, or a unit of time; a table has a rule of its own. */
const isGroup = ({ columns, tables, grain, time, number }: Mention): boolean =>
  grain !== undefined ||
  (time === undefined &&
    number === undefined &&
    columns.length > 0 &&
    !columns[0]!.column.isNumeric &&
    columns[0]!.strength > Math.max(0.6, (tables[0]?.strength ?? 0) - 0.02));

/** The rows counted have, or belong to something that has, the column. */
const belongs = (reading: Reading, subject: Mention, counted: SchemaTable): boolean =>
  subject.columns.some((link) => {
    const { table } = link.column;
    return table === counted || (reading.distance(counted, table) < 9 && !multiplies(reading.schema, counted, table));
  });
