/** "average number of items per order", "flights per day on average": rows counted, divided by what they are counted for. */
import type { Expression } from '../tree';
import { countedTable, countRows } from './measures';
import { nearestTime } from './measures';
import type { Mention } from './mentions';
import type { Reading } from './reading';

export function readAverageCounts(reading: Reading): void {
  const cue = reading.cues('aggregate', 'avg')[0];
  if (!cue || reading.mentions.some((mention) => mention.metric && mention.from <= cue.from && mention.to >= cue.to)) return;
  // "how many orders per day on average": the average may be said last.
  const isLast = /^on$/.test(reading.word(cue.from)) && cue.from > 0;
  const count = reading.cues('count').find((item) => (isLast ? item.to <= cue.from : item.from >= cue.to && item.from <= cue.to + 1));
  const first = isLast ? (count?.to ?? 0) : cue.to;
  const last = (count?.to ?? first) + 1;
  const counted = reading.mentions.find(
    (mention) => mention.from >= first && mention.from <= last && (mention.metric !== undefined || mention.tables.length > 0),
  );
  const opener = counted && [counted.to, counted.to + 1].find((i) => /^(per|each|every)$/.test(reading.word(i)));
  // Without "number of", "average revenue per customer" is no count.
  const table = counted && (count ? counted.tables[0]?.table : undefined);
  const home = table ?? (counted && countedTable(reading, counted));
  const perDay =
    opener === undefined ? undefined : reading.mentions.find((mention) => mention.grain && mention.from <= opener && mention.to > opener);
  const per = opener === undefined ? undefined : (perDay ?? nextAfter(reading, opener));
  if (!counted || !home || !per) return;
  const whole = perDay
    ? days(reading, perDay, home)
    : per.tables[0] && per.tables[0].table !== home
      ? countRows(reading, per.tables[0].table, []).expression
      : undefined;
  if (!whole) return;
  const expression: Expression = {
    kind: 'arithmetic',
    operator: '/',
    left: countRows(reading, home, []).expression,
    right: whole,
    metric: 'average',
  };
  const tokens = reading.use(cue, ...(count ? [count] : []), counted, { from: opener!, to: opener! + 1 }, per);
  const time = nearestTime(reading, home);
  reading.measures.push({ expression, tokens, better: 'up', home, ...(time ? { time } : {}) });
}

const nextAfter = (reading: Reading, opener: number): Mention | undefined =>
  reading.mentions.find((mention) => mention.from > opener && mention.from <= opener + 2);

/** Days, months or years on which something happened. */
function days(reading: Reading, mention: Mention, home: Parameters<typeof nearestTime>[1]): Expression | undefined {
  const of = nearestTime(reading, home);
  return of && { kind: 'aggregate', fn: 'count', distinct: true, of: { kind: 'bucket', grain: mention.grain!.grain, of } };
}
