/** Related rows: "customers who never ordered", "products with returns", "customers with more than 3 orders". */
import type { SchemaTable } from '../schema/types';
import type { ComparisonOperator, Has } from '../tree';
import type { Mention } from './mentions';
import { negatedAt } from './filters';
import type { Reading } from './reading';

export function readRelations(reading: Reading): void {
  const subject = subjectTable(reading);
  if (!subject) return;
  for (const mention of reading.mentions) {
    const table = relatedTable(reading, mention, subject);
    if (!table || !reading.free(mention)) continue;
    const number = countBefore(reading, mention);
    const never = negatedAt(reading, mention.from) || neverAt(reading, mention.from);
    const relative = relativeAt(reading, mention.from);
    if (!number && !never && !relative) continue;
    const has: Has = { kind: 'has', of: subject.name, table: table.name, tokens: reading.use(mention, ...(number ? [number.span] : [])) };
    if (number) has.count = { operator: number.operator, value: number.value };
    if (never) has.negated = true;
    reading.conditions.push(has);
  }
}

/** What the rows are: the entity listed, or what is counted. */
const subjectTable = (reading: Reading): SchemaTable | undefined =>
  reading.entity?.table ?? reading.measures.find((item) => item.countOf)?.countOf ?? undefined;

function relatedTable(reading: Reading, mention: Mention, subject: SchemaTable): SchemaTable | undefined {
  const link = mention.tables.find((item) => item.table !== subject && item.strength >= 0.7);
  if (!link || reading.distance(subject, link.table) === Infinity) return undefined;
  const column = mention.columns[0];
  if (column && column.strength > link.strength + 0.05 && column.column.table === subject) return undefined;
  return link.table;
}

function neverAt(reading: Reading, position: number): boolean {
  return reading.cues('never').some((cue) => cue.to <= position && position - cue.to <= 3 && reading.use(cue).length > 0);
}

/** "that have", "with", "who ordered", "returned orders" (an adjective right before the subject). */
function relativeAt(reading: Reading, position: number): boolean {
  for (let i = position - 1; i >= Math.max(0, position - 5); i -= 1) {
    if (/^(with|who|that|which|have|has|had|having|were|was|been|made|placed|got|received|whose)$/.test(reading.word(i)) && i > 0)
      return true;
    if (/^(by|per|of|for|in)$/.test(reading.word(i))) return false;
  }
  const subject = subjectTable(reading);
  return reading.mentions.some((item) => item.from === position + 1 && item.tables[0]?.table === subject);
}

function countBefore(
  reading: Reading,
  mention: Mention,
): { operator: ComparisonOperator; value: number; span: { from: number; to: number } } | undefined {
  const near = reading.mentions.find(
    (item) =>
      item.number &&
      reading.free(item) &&
      ((item.to <= mention.from && mention.from - item.to <= 1) ||
        (item.from >= mention.to && item.from - mention.to <= 3 && /^times?$/.test(reading.word(item.to)))),
  );
  if (!near?.number || near.number.role === 'top') return undefined;
  const times = /^times?$/.test(reading.word(near.to)) ? near.to + 1 : near.to;
  return { operator: near.number.operator ?? '=', value: near.number.value, span: { from: near.from, to: times } };
}
