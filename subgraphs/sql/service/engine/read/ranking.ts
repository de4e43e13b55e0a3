/** Order and limits: "top 5 products by revenue", "worst ten", "the most expensive product", "top 3 per region", "sorted by date". */
import type { ColumnLink } from '../link/types';
import { stem } from '../text/stem';
import type { Expression, SortItem } from '../tree';
import { columnRef, type Reading } from './reading';

export interface Ranking {
  sort: SortItem[];
  limit?: number;
  tokens: number[];
}

export function readRanking(reading: Reading): void {
  const explicit = readSorted(reading);
  const superlative = readSuperlative(reading);
  reading.sort = explicit?.sort ?? superlative?.sort ?? [];
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
  const tokens = reading.use(...(cue ? [cue] : []), ...(number ? [number] : []), ...(frequent ? [frequent] : []));
  const limit = number ? Math.min(number.value, CAPPED) : limitFor(reading);
  const better = reading.measures[0]?.better ?? 'up';
  let way: 'asc' | 'desc' = cue?.detail === 'asc' || (!cue && reading.cues('rare').length > 0) ? 'asc' : 'desc';
  // Best and worst depend on what is measured: the worst delay is the highest.
  if (/^(best|worst)$/.test(word) && (better === 'down' || bad(reading))) way = way === 'asc' ? 'desc' : 'asc';
  const expression = rankBy(reading, cue, word, tokens);
  if (!expression) return undefined;
  if (expression.direction && /^(most|least|top|bottom|first|last)$/.test(word) === false) way = expression.direction;
  return { sort: [{ expression: expression.expression, direction: way, tokens }], ...(limit === undefined ? {} : { limit }), tokens };
}

/** "delay by airport, worst ten": of delays, costs and returns the most is the worst. */
const bad = (reading: Reading): boolean => {
  const measure = reading.measures[0];
  const text = JSON.stringify(measure?.expression ?? '').toLowerCase();
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
    ) || reading.cues('direction').some(inside)
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
  const mention =
    cue &&
    reading.mentions.find(
      (item) => item.from >= cue.to && item.from <= cue.to + 3 && item.columns.some((link) => link.column.isNumeric || link.column.isTime),
    );
  const by = reading.question.tokens.findIndex((token, i) => token.lower === 'by' && cue !== undefined && i > cue.from);
  const named = by >= 0 ? reading.next(by + 1, 2) : undefined;
  const target =
    named?.columns[0] ??
    (concept && !/^(most|least|highest|lowest|top|best|worst)$/.test(word)
      ? concept
      : mention?.columns.find((link) => link.column.isNumeric || link.column.isTime)) ??
    concept;
  if (!target) return undefined;
  tokens.push(...reading.use(target, ...(by >= 0 && named ? [{ from: by, to: by + 1 }] : [])));
  return {
    expression: columnRef(reading, target.column, target.from),
    ...('direction' in target && target.direction ? { direction: target.direction } : {}),
  };
}

function conceptAt(reading: Reading, cue: { from: number; to: number }): ColumnLink | undefined {
  const about = reading.entity?.table;
  return reading.question.columns
    .filter((link) => link.match === 'concept' && link.direction && link.from >= cue.from && link.to <= cue.to)
    .sort((a, b) => b.strength + (b.column.table === about ? 0.3 : 0) - a.strength - (a.column.table === about ? 0.3 : 0))[0];
}
