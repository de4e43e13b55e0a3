/** "customers from Germany with revenue over 10000", "towns with revenue above 500": what is listed is kept by a measure of it. */
import { addDimension } from './groups';
import type { Mention } from './mentions';
import type { Reading } from './reading';

const openers = /^(which|what|list|show|find|give|me|us|all|every|any|the|those)$/;
const joints = /^(with|whose|having|where|that|who|which|have|has|had)$/;
/** Words between a measure and the number that it is compared with: "revenue of more than 500". */
const reach = 4;

export function readMeasuredGroups(reading: Reading): void {
  const [first] = reading.mentions;
  if (!first || reading.entity || reading.measures.length === 0 || reading.groups.length > 0) return;
  if (!reading.free(first) || first.number || first.time || first.grain) return;
  const words = reading.question.tokens.map(({ lower }) => lower);
  if (!words.slice(0, first.from).every((word) => openers.test(word))) return;
  const isJoined = (measured: number): boolean => words.slice(first.to, measured).some((word) => joints.test(word));
  const isCompared = (mention: Mention): boolean =>
    mention.number?.operator !== undefined &&
    mention.number.role !== 'top' &&
    reading.free(mention) &&
    reading.measures.some(({ tokens }) => tokens.some((at) => at < mention.from && mention.from - at <= reach && isJoined(at)));
  if (!reading.mentions.some(isCompared)) return;
  const [table] = first.tables;
  const column = first.columns[0];
  if (table && table.strength >= (column?.strength ?? 0)) reading.entity = { table: table.table, tokens: reading.use(first) };
  else addDimension(reading, first, { each: false });
}
