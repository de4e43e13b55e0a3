/** Order and limits: "top 5 products by revenue", "worst ten", "the most expensive product", "top 3 per region", "sorted by date". */
import type { ColumnLink } from '../link/types';
import { multiplies } from '../render/safe';
import type { SchemaTable } from '../schema/types';
import { stem } from '../text/stem';
import type { Expression, SortItem } from '../tree';
import { aggregatesIn, columnsIn } from '../tree-walk';
import { mainMeasure, measureOf } from './main-measure';
import { nearestTime } from './measures';
import { columnRef, type MeasureReading, type Reading } from './reading';

export interface Ranking {
  sort: SortItem[];
  limit?: number;
  tokens: number[];
}

export function readRanking(reading: Reading): void {
  const explicit = readSorted(reading);
  const superlative = readSuperlative(reading);
  reading.sort = explicit?.sort ?? superlative?.sort ?? reading.sort;
  const limit = superlative?.limit ?? explicit?.limit;
  if (limit !== undefined) reading.limit = limit;
}

/** "highest first", "descending". */
const direction = (reading: Reading): 'asc' | 'desc' | undefined => {
  const [down] = reading.cues('direction', 'desc');
  const [up] = reading.cues('direction', 'asc');
  if (down) reading.use(down);
  else if (up) reading.use(up);
  const word = reading.word((down ?? up)?.from ?? -1);
  const turned = /^(best|worst)$/.test(word) && (reading.measures[0]?.better === 'down' || bad(reading));
  return down ? (turned ? 'asc' : 'desc') : up ? (turned ? 'desc' : 'asc') : undefined;
};

/** "sorted by revenue descending", "ordered alphabetically". */
function readSorted(reading: Reading): Ranking | undefined {
  const [cue] = reading.cues('sort').filter((item) => !reading.used.has(item.from));
  const by = reading.question.tokens.findIndex((token, i) => token.lower === 'by' && cue && i >= cue.from && i <= cue.to + 3);
  const turned = direction(reading);
  if (!cue && !turned) return undefined;
  const at = by >= 0 ? by + 1 : cue ? cue.to : -1;
  const mention = at < 0 ? undefined : reading.next(at, 2);
  const measured = mention && reading.measures.find((item) => item.tokens.includes(mention.from));
  const own = mention?.columns.filter((link) => link.strength >= mention.columns[0]!.strength - 0.1);
  const column = (own?.find((link) => link.column.table === reading.entity?.table) ?? mention?.columns[0])?.column;
  const expression: Expression | undefined =
    measured?.expression ??
    (column
      ? columnRef(reading, column, mention!.from)
      : (reading.measures[0]?.expression ??
        reading.groups[0]?.expression ??
        (reading.entity?.table.title && columnRef(reading, reading.entity.table.title))));
  if (!expression) return undefined;
  const tokens = reading.use(
    ...(cue ? [cue] : []),
    ...(by >= 0 ? [{ from: by, to: by + 1 }] : []),
    ...(mention && column ? [mention] : []),
  );
  return { sort: [{ expression, direction: turned ?? 'asc', tokens }], tokens };
}

const CAPPED = 10_000;

function readSuperlative(reading: Reading): Ranking | undefined {
  const number = reading.mentions.find((item) => item.number?.role === 'top')?.number;
  const cues = reading.cues('superlative').filter((cue) => !insideOther(reading, cue));
  const near = number && cues.find((cue) => cue.to === number.from || number.to === cue.from || Math.abs(cue.from - number.from) <= 2);
  const cue = near ?? cues[0];
  const frequent = reading.cues('frequent')[0] ?? reading.cues('rare')[0];
  if (!cue && !number && !frequent) return undefined;
  const word = cue ? reading.word(cue.to - 1) : '';
  const spans = [...(cue ? [cue] : []), ...(number ? [number] : []), ...(frequent ? [frequent] : [])];
  const tokens = spans.flatMap((span) => Array.from({ length: span.to - span.from }, (_, i) => span.from + i));
  const limit = number ? Math.min(number.value, CAPPED) : limitFor(reading);
  const better = reading.measures[0]?.better ?? 'up';
  let way: 'asc' | 'desc' = cue?.detail === 'asc' || (!cue && reading.cues('rare').length > 0) ? 'asc' : 'desc';
  // Best and worst depend on what is measured: the worst delay is the highest.
  const expression = rankBy(reading, cue, word, tokens);
  if (/^(best|worst)$/.test(word) && ((reading.measures[0]?.better ?? better) === 'down' || bad(reading)))
    way = way === 'asc' ? 'desc' : 'asc';
  if (!expression) return undefined;
  reading.use(...spans);
  // "best selling", "top performing": the word says how, and the measure is that.
  if (cue && /^(selling|performing|earning|sold)$/.test(reading.word(cue.to))) reading.use({ from: cue.to, to: cue.to + 1 });
  if (expression.direction && /^(most|least|top|bottom|first|last)$/.test(word) === false) way = expression.direction;
  return { sort: [{ expression: expression.expression, direction: way, tokens }], ...(limit === undefined ? {} : { limit }), tokens };
}

/** "delay by airport, worst ten": of delays, costs and returns the most is the worst. */
const bad = (reading: Reading): boolean => {
  const measure = reading.measures[0];
  // What is added up tells, not the conditions beside it: revenue "without cancelled orders" is good.
  const text = (measure ? aggregatesIn(measure.expression) : [])
    .flatMap((item) => [item.rows ?? '', ...(item.of ? columnsIn(item.of).map(({ column }) => column) : [])])
    .join(' ')
    .toLowerCase();
  return /delay|late|cost|loss|error|complaint|refund|return|defect|churn|cancel|wait/.test(text) && measure?.better !== 'down';
};

/** "the last quarter" is a period and "first name" a column, not a superlative. */
function insideOther(reading: Reading, cue: { from: number; to: number }): boolean {
  const inside = (span: { from: number; to: number }) => span.from <= cue.from && span.to >= cue.to;
  return (
    reading.mentions.some(
      (mention) =>
        inside(mention) &&
        !mention.number &&
        (mention.columns.length > 0 || mention.time !== undefined || mention.values.length > 0 || mention.metric !== undefined),
    ) ||
    reading.cues('direction').some(inside) ||
    // "first order date": the first is what is measured.
    reading.measures.some((item) => item.tokens.includes(cue.from) && /^(first|last|latest|earliest)$/.test(reading.word(cue.from)))
  );
}

/** "which product has the highest revenue" asks for one; "products with the highest revenue" does too. */
function limitFor(reading: Reading): number | undefined {
  const spot = reading.entity?.tokens[0] ?? reading.groups.find((group) => !group.grain)?.tokens[0];
  const word = spot === undefined ? '' : reading.word(spot);
  // The plural asks for a ranking, the singular for the one on top.
  return word.endsWith('s') && !word.endsWith('ss') && stem(word) !== word ? undefined : 1;
}

function rankBy(
  reading: Reading,
  cue: { from: number; to: number } | undefined,
  word: string,
  tokens: number[],
): { expression: Expression; direction?: 'asc' | 'desc' } | undefined {
  if (reading.measures.length > 0) {
    const after = cue && reading.measures.find((item) => item.tokens[0]! >= cue.to);
    return { expression: (after ?? reading.measures[0]!).expression };
  }
  const concept = cue && conceptAt(reading, cue);
  // "the most recent orders": by their own date, not by one of what they have.
  const own = reading.entity?.table;
  if (concept?.column.isTime && own?.time && concept.column.table !== own)
    return { expression: columnRef(reading, own.time), ...(concept.direction ? { direction: concept.direction } : {}) };
  const mention =
    cue &&
    reading.mentions.find(
      (item) => item.from >= cue.to && item.from <= cue.to + 3 && item.columns.some((link) => link.column.isNumeric || link.column.isTime),
    );
  const by = reading.question.tokens.findIndex((token, i) => token.lower === 'by' && cue !== undefined && i > cue.from);
  const named = by >= 0 ? reading.next(by + 1, 2) : undefined;
  const found =
    named?.columns[0] ??
    (concept && !/^(most|least|highest|lowest|top|best|worst)$/.test(word)
      ? concept
      : mention?.columns.find((link) => link.column.isNumeric || link.column.isTime)) ??
    concept;
  // A key says nothing about which is the best.
  const target = found && !isKey(found.column) ? found : undefined;
  if (!target) return undefined;
  tokens.push(...reading.use(target, ...(by >= 0 && named ? [{ from: by, to: by + 1 }] : [])));
  return {
    expression: columnRef(reading, target.column, target.from),
    ...('direction' in target && target.direction ? { direction: target.direction } : {}),
  };
}

const isKey = ({ isKey: key, isForeignKey, isId }: ColumnLink['column']): boolean => key || isForeignKey || isId;

/** What the rows are ranked by where each has many: known before conditions are read, since periods are then about it. */
export function readRankedMeasure(reading: Reading): void {
  const own = reading.entity?.table;
  const cue = reading.cues('superlative').find((item) => !insideOther(reading, item));
  if (!own || !cue || reading.measures.length > 0) return;
  const word = reading.word(cue.to - 1);
  const by = reading.question.tokens.findIndex((token, i) => token.lower === 'by' && i > cue.from);
  const named = by >= 0 ? reading.next(by + 1, 2)?.columns[0] : undefined;
  const behind = reading.mentions.find(
    (item) => item.from >= cue.to && item.from <= cue.to + 3 && item.columns.some(({ column }) => column.isNumeric || column.isTime),
  );
  const found = named ?? behind?.columns.find(({ column }) => column.isNumeric || column.isTime) ?? conceptAt(reading, cue);
  const target = found && !isKey(found.column) ? found : undefined;
  if (!target && /^(best|worst|top|leading|bottom|biggest|largest)$/.test(word)) byMainMetric(reading, own);
  else if (target?.column.isNumeric && target.column.table !== own && multiplies(reading.schema, own, target.column.table))
    byMeasureOf(reading, target, by >= 0 && named ? [{ from: by, to: by + 1 }] : []);
}

/** "our best customer": by what the model adds up first for each of them, and said so. */
function byMainMetric(reading: Reading, own: SchemaTable): void {
  const main = mainMeasure(reading, own);
  if (!main || main.home === own) return;
  addMeasure(reading, { expression: main.expression, tokens: [], better: main.better, home: main.home });
  reading.guesses += 1;
  reading.warnings.push(`“Best” is not defined here: it is taken as the highest ${main.name}.`);
}

/** "which airport has the worst delays": each has many, so their usual aggregate decides. */
function byMeasureOf(reading: Reading, target: ColumnLink, more: readonly { from: number; to: number }[]): void {
  const { column } = target;
  const definition = measureOf(reading, column);
  if (!definition) return;
  const expression: Expression = { kind: 'aggregate', fn: definition.aggregate ?? 'sum', of: columnRef(reading, column) };
  addMeasure(reading, { expression, tokens: reading.use(target, ...more), better: 'up', home: column.table });
}

function addMeasure(reading: Reading, item: MeasureReading): void {
  const time = item.time ?? (item.home && nearestTime(reading, item.home));
  reading.measures.push({ ...item, ...(time ? { time } : {}) });
}

function conceptAt(reading: Reading, cue: { from: number; to: number }): ColumnLink | undefined {
  const about = reading.entity?.table;
  return reading.question.columns
    .filter((link) => link.match === 'concept' && link.direction && link.from >= cue.from && link.to <= cue.to)
    .sort((a, b) => b.strength + (b.column.table === about ? 0.3 : 0) - a.strength - (a.column.table === about ? 0.3 : 0))[0];
}
