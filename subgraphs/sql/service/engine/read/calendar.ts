/** Weekdays, months of the year and hours of the day: parts of a moment that come back, to group by or to restrict to. */
import { resolveMetric } from '../../semantic-model/expression/resolve';
import type { ColumnRef, DatePart, Expression } from '../tree';
import { countRows, countedTable, nearestTime } from './measures';
import type { Reading } from './reading';

/** Call once what is measured or listed is known, and before conditions are read; a follow-up keeps the time of the last query. */
export function readCalendar(reading: Reading, last?: { time: ColumnRef }): void {
  for (const link of reading.calendar) {
    if (!link.values && reading.measures.length === 0 && !reading.afterMeasure) countMost(reading);
    const time = last?.time ?? timeOf(reading);
    // A date without a time of day has no hours.
    if (!time || (link.part === 'hour' && !hasHours(reading, time))) continue;
    const of: DatePart = { kind: 'part', part: link.part, of: time };
    if (link.values) {
      const negated = reading.cues('negation').find((cue) => link.from - cue.to >= 0 && link.from - cue.to <= 1);
      const values = [...new Set(link.values)].map((value) => ({ kind: 'literal' as const, value, type: 'number' as const }));
      const tokens = reading.use(link, ...(negated ? [negated] : []));
      reading.conditions.push(
        values.length === 1
          ? { kind: 'compare', operator: negated ? '!=' : '=', left: of, right: values[0]!, tokens }
          : { kind: 'in', of, values, ...(negated ? { negated: true } : {}), tokens },
      );
      continue;
    }
    const each = /^(per|each|every)$/.test(reading.word(link.from));
    if (each && averagePerDay(reading, time)) reading.warnings.push('The average is taken over the days that have rows.');
    // Shown by name, in the order of the calendar.
    const shown: Expression = link.part === 'hour' ? of : { ...of, named: true };
    reading.groups.push({ expression: shown, ...(shown === of ? {} : { key: [of] }), tokens: reading.use(link), each: false });
    reading.sort.push({ expression: of, direction: 'asc', tokens: [] });
  }
}

/** "which weekday has the most orders": what is counted is named, and nothing else is measured. */
function countMost(reading: Reading): void {
  if (reading.entity) {
    if (!reading.has('superlative')) return;
    reading.measures.push(countRows(reading, reading.entity.table, reading.entity.tokens));
    reading.entity = undefined;
    return;
  }
  for (const mention of reading.mentions) {
    const table = countedTable(reading, mention) ?? ((mention.tables[0]?.strength ?? 0) > 0.7 ? mention.tables[0]!.table : undefined);
    if (!table || !reading.free(mention)) continue;
    reading.measures.push(countRows(reading, table, reading.use(mention)));
    return;
  }
}

/** "average revenue per weekday": what is added up on each of those days, not the average row. */
function averagePerDay(reading: Reading, time: ColumnRef): boolean {
  const [cue] = reading.cues('aggregate', 'avg');
  const [only] = reading.measures;
  const mention = cue && reading.mentions.find((item) => item.metric && item.from >= cue.to && item.from <= cue.to + 1);
  if (!only || !cue || !mention || reading.measures.length !== 1) return false;
  const { catalog, model } = reading.schema;
  const left = resolveMetric(mention.metric!.metric, { catalog, model });
  if (left.kind !== 'aggregate' || (left.fn !== 'sum' && left.fn !== 'count') || !mention.metric!.metric || left.distinct) return false;
  const days: Expression = { kind: 'aggregate', fn: 'count', distinct: true, of: { kind: 'bucket', grain: 'day', of: time } };
  reading.measures = [
    { ...only, expression: { kind: 'arithmetic', operator: '/', left, right: days, metric: `average ${mention.metric!.metric}` } },
  ];
  reading.use(cue);
  return true;
}

function timeOf(reading: Reading): ColumnRef | undefined {
  const measured = reading.measures.map((item) => item.time).find((time) => time !== undefined);
  const table = reading.entity?.table ?? reading.focus()[0];
  return measured ?? (table && nearestTime(reading, table));
}

const hasHours = (reading: Reading, time: ColumnRef): boolean =>
  reading.schema.tableByName.get(time.table.toLowerCase())?.columns.find(({ name }) => name === time.column)?.type === 'timestamp';
