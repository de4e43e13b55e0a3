/** What is measured: metrics, aggregates of columns, counts of rows. */
import { resolveMetric } from '../../semantic-model/expression/resolve';
import type { SchemaColumn, SchemaTable } from '../schema/types';
import { homeOf } from '../render/safe';
import { isDescribed } from '../schema/described';
import { aggregatesIn } from '../tree-walk';
import type { AggregateFunction, ColumnRef, Expression } from '../tree';
import { measureOf } from './main-measure';
import type { Mention } from './mentions';
import { columnRef, type MeasureReading, type Reading } from './reading';

export function readMeasures(reading: Reading): void {
  readAggregates(reading);
  readCounts(reading);
  readMostOf(reading);
  readMetrics(reading);
  readBareMeasures(reading);
  reading.measures.sort((a, b) => a.tokens[0]! - b.tokens[0]!);
}

/** "average delay", "total distance", "maximum price". */
function readAggregates(reading: Reading): void {
  for (const cue of reading.cues('aggregate')) {
    const fn = cue.detail as AggregateFunction;
    if (reading.used.has(cue.from)) continue;
    // "above the average" compares; it does not ask for the average.
    if (reading.cues('average').some((other) => other.from <= cue.from && other.to >= cue.to)) continue;
    const covered = reading.mentions.find((mention) => mention.metric && mention.from <= cue.from && mention.to >= cue.to);
    if (covered) continue;
    let mention = reading.next(cue.to, 3);
    if (mention && (mention.time || mention.number)) mention = undefined;
    if (mention?.metric && !countedTable(reading, mention)) {
      if (fn === 'sum') reading.use(cue);
      else if (mention.columns[0]?.column.isNumeric) addAggregate(reading, { fn, column: mention.columns[0].column, mention, cue });
      else if (fn !== 'quantile') addMetric(reading, mention, fn, cue);
      continue;
    }
    const column =
      mention?.columns.map((link) => link.column).find((item) => item.isNumeric && !item.isId) ??
      (fn === 'min' || fn === 'max' ? mention?.columns.map((link) => link.column).find((item) => item.isTime) : undefined);
    if (mention && column) addAggregate(reading, { fn, column: prefer(reading, mention, column), mention, cue });
    else if (mention && mention.tables.length > 0 && fn === 'sum') reading.use(cue);
  }
}

/** Of several columns of the same name, the one whose table the question is about. */
function prefer(reading: Reading, mention: Mention, fallback: SchemaColumn): SchemaColumn {
  const about = reading.focus();
  const best = mention.columns
    .filter((link) => link.column.isNumeric && !link.column.isId && link.strength >= mention.columns[0]!.strength - 0.05)
    .map((link) => link.column);
  const isDescribed = (column: SchemaColumn): boolean => measureOf(reading, column) !== undefined;
  const near = best.filter((column) => about.includes(column.table));
  // Of equals, the one that the model calls a measure.
  return near.find(isDescribed) ?? near[0] ?? best.find(isDescribed) ?? fallback;
}

function addAggregate(
  reading: Reading,
  { fn, column, mention, cue }: { fn: AggregateFunction; column: SchemaColumn; mention: Mention; cue: { from: number; to: number } },
): void {
  const quantile = fn === 'quantile' ? reading.quantiles.find((link) => link.from === cue.from) : undefined;
  const expression: Expression = {
    kind: 'aggregate',
    fn,
    of: columnRef(reading, column),
    ...(quantile ? { fraction: quantile.fraction } : {}),
  };
  reading.measures.push(measure(reading, { expression, tokens: reading.use(cue, mention), better: 'up', home: column.table }));
}

/** "how many flights", "number of orders": rows of the table that is named next. */
function readCounts(reading: Reading): void {
  for (const cue of reading.cues('count')) {
    if (reading.used.has(cue.from) || reading.mentions.some((item) => item.metric && item.from <= cue.from && item.to >= cue.to)) continue;
    const distinct = reading.cues('distinctCount').some((other) => other.from <= cue.from && other.to > cue.from);
    const mention = reading.mentions.find(
      (item) =>
        item.from >= cue.to &&
        item.from <= cue.to + 3 &&
        reading.free(item) &&
        (item.metric || item.tables.length > 0 || item.columns.length > 0),
    );
    if (!mention) continue;
    const strongColumn =
      mention.columns[0] && (!mention.tables[0] || mention.columns[0].strength > mention.tables[0].strength + 0.1)
        ? mention.columns[0].column
        : undefined;
    if (mention.metric && !distinct && !strongColumn) {
      addMetric(reading, mention, undefined, cue);
      continue;
    }
    const table = mention.tables[0]?.table;
    if (table && !(distinct && strongColumn)) reading.measures.push(countRows(reading, table, reading.use(cue, mention)));
    else if (strongColumn) {
      // "how many units": what is added up is not counted.
      const isSum = !distinct && measureOf(reading, strongColumn)?.aggregate === 'sum' && isDescribed(reading.schema.model);
      const of = columnRef(reading, strongColumn);
      const expression: Expression = isSum ? { kind: 'aggregate', fn: 'sum', of } : { kind: 'aggregate', fn: 'count', of, distinct: true };
      reading.measures.push(
        measure(reading, {
          expression,
          tokens: reading.use(cue, mention, ...reading.cues('distinctCount')),
          better: 'up',
          home: strongColumn.table,
        }),
      );
    }
  }
}

export function countRows(reading: Reading, table: SchemaTable, tokens: number[]): MeasureReading {
  return measure(reading, {
    expression: { kind: 'aggregate', fn: 'count', rows: table.name },
    tokens,
    better: 'up',
    home: table,
    countOf: table,
  });
}

/** "campaigns with the most orders", "busiest airports": related rows are counted. */
function readMostOf(reading: Reading): void {
  if (reading.measures.length > 0) return;
  const subject = reading.mentions.find((mention) => mention.tables[0] && mention.tables[0].strength > 0.7);
  if (!subject) return;
  const own = subject.tables[0]!.table;
  for (const cue of [...reading.cues('superlative'), ...reading.cues('rare'), ...reading.cues('frequent')]) {
    const word = reading.word(cue.to - 1);
    const counted = reading.mentions.find(
      (mention) =>
        mention.from >= cue.to &&
        mention.from <= cue.to + 1 &&
        mention !== subject &&
        mention.tables[0] &&
        mention.tables[0].table !== own &&
        mention.tables[0].strength > 0.7,
    );
    if (counted && /^(most|least|fewest|of)$/.test(word)) {
      reading.measures.push(countRows(reading, counted.tables[0]!.table, reading.use(counted)));
      return;
    }
    // "busiest hour for orders": the hour is busy, and orders are what it has.
    if (!/^(busiest|popular|active|frequent|common)$/.test(word) || subject.from > cue.to) continue;
    const many = reading.schema.edges.find((edge) => edge.to[0]!.table === own && !edge.from[0]!.table.hidden);
    if (many) {
      reading.measures.push(countRows(reading, many.from[0]!.table, []));
      return;
    }
  }
}

/** Metrics that are named; one that only counts a table's rows needs a sign that a number is wanted. */
function readMetrics(reading: Reading): void {
  for (const mention of reading.mentions) {
    if (!mention.metric || !reading.free(mention)) continue;
    // "cancelled" is the status before it is the number of cancellations.
    if (mention.metric.match === 'stem' && mention.to - mention.from === 1 && (mention.values[0]?.strength ?? 0) > 0.6) continue;
    const shy = countedTable(reading, mention);
    if (shy && !wantsNumber(reading, mention)) continue;
    addMetric(reading, mention);
  }
}

function wantsNumber(reading: Reading, mention: Mention): boolean {
  const inside = reading.cues('count').some((cue) => cue.from >= mention.from && cue.to <= mention.to);
  if (inside || reading.afterMeasure) return true;
  const after = reading.word(mention.to);
  const before = reading.word(mention.from - 1);
  if (
    /^(top|worst|best|which|what|list|all|every|each|most|least)$/.test(before) ||
    reading.question.numbers.some((number) => number.to === mention.from)
  )
    return false;
  if (before === 'by' && /^(sort|sorted|order|ordered|ranked)$/.test(reading.word(mention.from - 2)))
    return reading.measures.length === 0 && countedTable(reading, mention) !== undefined;
  if (before === 'by' && reading.has('superlative')) return true;
  if (reading.measures.length > 0 && /^(of|for|in|on)$/.test(before)) return false;
  const grouped =
    groupedLater(reading, mention) ||
    after === 'by' ||
    after === 'per' ||
    after === 'each' ||
    (after === 'in' && reading.word(mention.to + 1) === 'each');
  return (
    grouped ||
    reading.question.grains.length > 0 ||
    reading.has('growth') ||
    reading.has('running') ||
    reading.moving !== undefined ||
    reading.has('share') ||
    reading.has('trend')
  );
}

/** "orders in the last 7 days by channel": something to group by follows, which is no order. */
function groupedLater(reading: Reading, mention: Mention): boolean {
  return reading.question.tokens.some((token, i) => {
    if (
      i < mention.to ||
      !/^(by|per)$/.test(token.lower) ||
      /^(sort|sorted|order|ordered|ranked|arranged|placed|made)$/.test(reading.word(i - 1))
    )
      return false;
    const next = reading.next(i + 1, 1);
    return (
      next !== undefined && (next.grain !== undefined || next.columns.some(({ column, strength }) => strength > 0.7 && !column.isNumeric))
    );
  });
}

export function countedTable(reading: Reading, mention: Mention): SchemaTable | undefined {
  const metric = reading.schema.model.metrics.find((item) => item.name === mention.metric?.metric);
  const match = metric && (metric.filters ?? []).length === 0 ? /^count\(\s*(\w+)\s*\)$/.exec(metric.expression.trim()) : null;
  const name = match?.[1]?.toLowerCase();
  if (!name) return undefined;
  const entity = reading.schema.model.entities.find((item) => item.name.toLowerCase() === name);
  return reading.schema.tableByName.get(name) ?? reading.schema.tableByName.get(entity?.table.toLowerCase() ?? '');
}

function addMetric(reading: Reading, mention: Mention, fn?: AggregateFunction, cue?: { from: number; to: number }): void {
  const name = mention.metric!.metric;
  const { schema } = reading;
  const definition = schema.model.metrics.find((item) => item.name === name);
  const expression = resolveMetric(name, { catalog: schema.catalog, model: schema.model }, fn);
  const time = definition?.time ? timeColumn(reading, definition.time) : undefined;
  reading.measures.push(
    measure(reading, {
      expression,
      tokens: reading.use(...(cue ? [cue] : []), mention),
      better: definition?.better ?? 'up',
      ...(time ? { time } : {}),
    }),
  );
}

function timeColumn(reading: Reading, path: string): ColumnRef | undefined {
  const [table, column] = path.split('.');
  const found = reading.schema.tableByName
    .get(table!.toLowerCase())
    ?.columns.find((item) => item.name.toLowerCase() === column?.toLowerCase());
  return found && { kind: 'column', table: found.table.name, column: found.name };
}

/** "delay by airport": a number that is grouped without a function takes the measure's usual one. */
function readBareMeasures(reading: Reading): void {
  if (reading.measures.length > 0) return;
  const grouped =
    reading.has('by') ||
    reading.has('each') ||
    reading.calendar.some((link) => !link.values) ||
    reading.question.tokens.some((token) => /^(vs|versus)$/.test(token.lower)) ||
    reading.question.grains.length > 0 ||
    reading.has('growth') ||
    reading.has('running') ||
    reading.moving !== undefined ||
    reading.has('trend');
  if (!grouped || reading.has('sort')) return;
  for (const mention of reading.mentions) {
    const column = mention.columns[0]?.column;
    if (!column?.isNumeric || column.isId || !reading.free(mention) || mention.columns[0]!.strength < 0.8) continue;
    const entity = reading.schema.model.entities.find((item) => item.table.toLowerCase() === column.table.name.toLowerCase());
    const definition = entity?.measures.find((item) => item.expression.toLowerCase() === column.name.toLowerCase());
    if (!definition || /^(by|per|each)$/.test(reading.word(mention.from - 1))) continue;
    const expression: Expression = { kind: 'aggregate', fn: definition.aggregate ?? 'sum', of: columnRef(reading, column) };
    reading.measures.push(measure(reading, { expression, tokens: reading.use(mention), better: 'up', home: column.table }));
    return;
  }
}

/** Fills in the home table and the column that periods refer to. */
function measure(reading: Reading, item: MeasureReading): MeasureReading {
  const { schema } = reading;
  const home =
    item.home ??
    aggregatesIn(item.expression)
      .map((aggregate) => homeOf(schema, aggregate))
      .find((table) => table !== undefined);
  const time = item.time ?? (home ? nearestTime(reading, home) : undefined);
  return { ...item, ...(home ? { home } : {}), ...(time ? { time } : {}) };
}

/** The table's own time, else that of the nearest table that its rows belong to. */
export function nearestTime(reading: Reading, home: SchemaTable): ColumnRef | undefined {
  if (home.time) return columnRef(reading, home.time);
  const parents = reading.schema.edges
    .filter((edge) => edge.from[0]!.table === home && edge.to[0]!.table.time)
    .map((edge) => edge.to[0]!.table);
  const parent = parents[0];
  return parent?.time && columnRef(reading, parent.time);
}
