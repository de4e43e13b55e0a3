/** The business reader: question → one query tree, clause by clause, and how much of the question it explains. */
import type { LinkedQuestion } from '../link/types';
import { multiplies } from '../render/safe';
import type { SchemaTable } from '../schema/types';
import type { Expression, QueryTree, ShowItem } from '../tree';
import { allOf, canonical, columnsIn } from '../tree-walk';
import { readAverages } from './averages';
import { readBothPeriods } from './both-periods';
import { readCalendar } from './calendar';
import { comparePeriods } from './compared-periods';
import { compareValues } from './compared-values';
import { doubtsOf } from './doubts';
import { readFilters } from './filters';
import { addDimension, entityGroup, readGroups } from './groups';
import { mainColumn } from './main-measure';
import { countRows, readMeasures } from './measures';
import { readRankedDimension } from './ranked-dimensions';
import { readRankedMeasure, readRanking } from './ranking';
import { readAverageCounts } from './average-counts';
import { readFirstDates } from './first-dates';
import { readPerEntity } from './per-entity';
import { readQuantilesOfRatios, settleQuantiles } from './quantiles';
import { readRatio } from './ratios';
import { applyInclusions, readInclusions } from './inclusions';
import { readMeasuredGroups } from './measured-groups';
import { readMeasuredRows } from './measured-rows';
import { readMostGroups } from './most-groups';
import { readStates } from './states';
import type { Mention } from './mentions';
import { columnRef, Reading, type MeasureReading } from './reading';
import { readRelations } from './relations';
import { readValuedRows } from './valued-rows';
import { applyWindows } from './windows';

export interface BusinessReading {
  tree: QueryTree;
  warnings: readonly string[];
  /** Things asked for that the query does not do. */
  doubts: number;
  used: ReadonlySet<number>;
  reading: Reading;
}

export function readBusiness(question: LinkedQuestion): BusinessReading | undefined {
  const reading = new Reading(question);
  readRatio(reading);
  readAverageCounts(reading);
  readFirstDates(reading);
  readPerEntity(reading);
  readQuantilesOfRatios(reading);
  readMostGroups(reading);
  readInclusions(reading);
  readMeasures(reading);
  applyInclusions(reading);
  readGroups(reading);
  readCountedGroups(reading);
  readEntity(reading);
  readMeasuredGroups(reading);
  readRankedMeasure(reading);
  readRankedDimension(reading);
  readMeasuredRows(reading);
  readCalendar(reading);
  readStates(reading);
  readAverages(reading);
  readRelations(reading);
  readValuedRows(reading);
  readFilters(reading);
  readBothPeriods(reading);
  compareValues(reading);
  nameValuesTable(reading);
  readRanking(reading);
  readLeftovers(reading);
  readAsides(reading);
  const tree = reading.rowRatio
    ? assembleRows(reading)
    : reading.measures.length > 0
      ? assembleMeasured(reading)
      : assembleListing(reading);
  return tree && { tree, used: reading.used, reading, warnings: reading.warnings, doubts: doubtsOf(reading) };
}

const bringing =
  /^(brought|brings?|generated?|generates|made|makes|earned|earns|yielded|yields|produced|produces|contributed|contributes|drove|drives)$/;

/** "how many products do we sell": who has them is the house, whatever the verb. */
function readAsides(reading: Reading): void {
  reading.question.tokens.forEach((token, i) => {
    if (
      /^(sell|offer|carry|stock|serve|own|run|keep)$/.test(token.lower) &&
      /^(we|you|they)$/.test(reading.word(i - 1)) &&
      /^(do|did)$/.test(reading.word(i - 2))
    )
      reading.use({ from: i, to: i + 1 });
    // "which campaign brought the most revenue": whatever the verb, it is the most of it.
    if (
      bringing.test(token.lower) &&
      reading.measures.length > 0 &&
      reading.cues('superlative').some((cue) => cue.from === i + 1 || cue.from === i + 2)
    )
      reading.use({ from: i, to: i + 1 });
    // "how many units were sold": what is added up has happened.
    if (
      /^(sold|bought|made|placed|recorded|shipped)$/.test(token.lower) &&
      /^(were|was|been|are|is)$/.test(reading.word(i - 1)) &&
      reading.measures.length > 0
    )
      reading.use({ from: i, to: i + 1 });
    // "new customers in 2024": whoever is counted by the day of joining is new then.
    const isDated = reading.conditions.some((condition) => condition.kind === 'time') || reading.groups.some((group) => group.grain);
    if (
      token.lower === 'new' &&
      isDated &&
      reading.measures.some(
        ({ expression, tokens }) => expression.kind === 'aggregate' && expression.fn === 'count' && tokens.includes(i + 1),
      )
    )
      reading.use({ from: i, to: i + 1 });
  });
}

/** "towns with more than 3 shops": values of a column, kept by how many rows have them. */
function readCountedGroups(reading: Reading): void {
  const number = reading.mentions.find((mention) => mention.number?.operator && mention.number.role !== 'top');
  const [first] = reading.mentions;
  const counted = number && reading.mentions.find((mention) => mention.from === number.to && (mention.tables[0]?.strength ?? 0) > 0.7);
  if (!number || !counted || !first || first === number || reading.measures.length > 0) return;
  const column = first.columns[0];
  const table = counted.tables[0]!.table;
  if (
    !column ||
    (first.tables[0]?.strength ?? 0) > 0.7 ||
    (column.column.table !== table && multiplies(reading.schema, table, column.column.table))
  )
    return;
  addDimension(reading, first, { each: false });
  const count = countRows(reading, table, reading.use(counted)).expression;
  const link = number.number!;
  reading.having.push({
    kind: 'compare',
    operator: link.operator!,
    left: count,
    right: { kind: 'literal', value: link.value, type: 'number' },
    tokens: reading.use(number),
  });
}

/** The rows that are asked for: the first table named that is not measured or grouped by. */
function readEntity(reading: Reading): void {
  const ranked = reading.question.numbers.find((number) => number.role === 'top');
  for (const mention of reading.mentions) {
    const link = mention.tables[0];
    if (!link || !reading.free(mention) || link.strength < 0.7 || mention.grain) continue;
    if (mention.columns[0] && mention.columns[0].strength > link.strength + 0.05) continue;
    const lead = reading.word(mention.from - 1);
    const topped = reading.question.cues.some(
      (cue) => (cue.cue === 'superlative' || cue.cue === 'frequent' || cue.cue === 'rare') && cue.to === mention.from,
    );
    const asked =
      topped ||
      /^(which|what|list|show|all|every|the|top|best|worst|find|give|are|any)$/.test(lead) ||
      mention.from === 0 ||
      ranked?.to === mention.from ||
      (ranked !== undefined && mention.from - ranked.to <= 1 && mention.from >= ranked.to);
    const described =
      mention.from === 0 &&
      (/^(with|whose|that|where|having|without|who|sorted|ordered|above|below)$/.test(reading.word(mention.to)) ||
        reading.question.tokens.some((token, i) => i > mention.to && /^(who|whose)$/.test(token.lower)));
    if (
      reading.measures.length > 0 &&
      !(
        asked &&
        (ranked !== undefined || reading.has('superlative') || reading.has('frequent') || described || /^(which|what|list)$/.test(lead))
      )
    )
      continue;
    reading.entity = { table: link.table, tokens: reading.use(mention) };
    return;
  }
}

/** Names left over are shown, or, beside a measure, grouped by. */
function readLeftovers(reading: Reading): void {
  for (const mention of reading.mentions) {
    if (!reading.free(mention) || mention.number || mention.time) continue;
    const column = mention.columns[0];
    if (reading.measures.length > 0) {
      const lead = reading.word(mention.from - 1);
      if (saysHome(reading, mention)) {
        reading.use(mention);
        continue;
      }
      const topped =
        reading.question.numbers.some((number) => number.role === 'top' && number.to === mention.from) ||
        reading.cues('superlative').some((cue) => cue.to === mention.from);
      if (reading.entity || !(topped || /^(which|what|and|,)$/.test(lead))) continue;
      addDimension(reading, mention, { each: false });
    } else if (column && column.strength > 0.6 && isRelation(reading, mention)) {
      const { table } = column.column;
      reading.conditions.push({ kind: 'has', of: reading.entity!.table.name, table: table.name, tokens: reading.use(mention) });
    } else if (column && column.strength > 0.6) {
      const own =
        mention.columns.find((link) => link.column.table === reading.entity?.table && link.strength >= column.strength - 0.1) ?? column;
      reading.shown.push({ expression: columnRef(reading, own.column, mention.from), tokens: reading.use(mention) });
    } else if (!reading.entity && mention.tables[0]) reading.entity = { table: mention.tables[0].table, tokens: reading.use(mention) };
  }
}

/** "who ordered": a verb that belongs to another table relates the rows to it. */
function isRelation(reading: Reading, mention: Mention): boolean {
  const table = mention.columns[0]!.column.table;
  const own = reading.entity?.table;
  if (
    !own ||
    mention.columns.some((link) => link.column.table === own && link.strength >= mention.columns[0]!.strength - 0.1) ||
    !multiplies(reading.schema, own, table)
  )
    return false;
  return (
    /^(who|that|which|have|has|been|were|was|ever|also)$/.test(reading.word(mention.from - 1)) ||
    (/ed$/.test(reading.word(mention.from)) && mention.columns[0]!.column.isTime) ||
    reading.word(mention.from) === 'bought'
  );
}

/** "average delay of flights": the rows that are measured, or that they belong to, are named; nothing is restricted by it. */
function saysHome(reading: Reading, mention: Mention): boolean {
  const table = mention.tables[0]?.table;
  if (!table || (mention.columns[0] && mention.columns[0].strength > mention.tables[0]!.strength)) return false;
  return reading.measures.some(
    (item) =>
      item.home && (item.home === table || (reading.distance(item.home, table) < 9 && !multiplies(reading.schema, item.home, table))),
  );
}

function assembleMeasured(reading: Reading): QueryTree {
  if (reading.entity && !reading.groups.some((group) => group.tokens.some((token) => reading.entity!.tokens.includes(token)))) {
    const group = entityGroup(reading, reading.entity.table, { from: reading.entity.tokens[0]!, to: reading.entity.tokens[0]! + 1 });
    if (group) reading.groups.unshift({ ...group, tokens: reading.entity.tokens, each: false });
  }
  comparePeriods(reading);
  settleQuantiles(reading);
  const measures = applyWindows(reading);
  const topPer = readTopPer(reading);
  const groups = uniqueGroups(reading);
  const show: ShowItem[] = [
    ...groups.map((group) => ({ expression: group.expression, tokens: group.tokens })),
    ...measures.map((expression, i) => showMeasure(expression, reading.measures[i])),
  ];
  const per = groups.flatMap((group) => group.key ?? []);
  const timed = groups.filter((group) => group.grain);
  const sort = reading.sort.length > 0 ? reading.sort : timed.map((group) => ({ expression: group.expression, direction: 'asc' as const }));
  return {
    show,
    sort,
    distinct: false,
    through: [],
    fanOut: 'safe',
    ...clauses(reading),
    ...(per.length > 0 ? { per } : {}),
    ...(topPer ? { topPer } : {}),
    ...(reading.limit !== undefined && !topPer && groups.length > 0 ? { limit: reading.limit } : {}),
  };
}

const showMeasure = (expression: Expression, measure: MeasureReading | undefined): ShowItem => ({
  expression,
  ...(measure ? { tokens: measure.tokens } : {}),
  ...(measure?.label ? { label: measure.label } : {}),
});

const uniqueGroups = (reading: Reading) =>
  reading.groups.filter(
    (group, i) => reading.groups.findIndex((other) => canonical(other.expression) === canonical(group.expression)) === i,
  );

/** "top 3 products by revenue in each region": the limit holds within the group said with "each" or "per". */
function readTopPer(reading: Reading): QueryTree['topPer'] {
  if (reading.limit === undefined || reading.sort.length === 0) return undefined;
  const by = reading.groups.filter((group) => group.each || group.grain);
  const rest = reading.groups.filter((group) => !by.includes(group));
  return by.length > 0 && rest.length > 0 ? { by: by.map((group) => group.expression), count: reading.limit } : undefined;
}

function assembleListing(reading: Reading): QueryTree | undefined {
  const { entity } = reading;
  // "sales by town": rows that are split are counted.
  if (entity && reading.groups.length > 0 && reading.limit === undefined && reading.sort.length === 0 && reading.shown.length === 0) {
    reading.measures.push(countRows(reading, entity.table, entity.tokens));
    reading.entity = undefined;
    const column = mainColumn(reading, entity.table);
    if (column) reading.warnings.push(`Rows are counted: say “${column.name.replaceAll('_', ' ')}” for its sum.`);
    return assembleMeasured(reading);
  }
  if (!entity && reading.shown.length === 0 && reading.groups.length === 0) return undefined;
  if (!entity && reading.groups.length > 0 && reading.having.length > 0)
    return {
      show: reading.groups.map((group) => ({ expression: group.expression, tokens: group.tokens })),
      per: reading.groups.flatMap((group) => group.key ?? []),
      sort: reading.sort,
      distinct: false,
      through: [],
      fanOut: 'safe',
      ...clauses(reading),
    };
  if (!entity && reading.groups.length > 0 && reading.shown.length === 0) return assembleCounted(reading);
  const shown: ShowItem[] = reading.shown.map((item) => ({ ...item }));
  if (
    entity &&
    !shown.some(
      (item) =>
        item.expression.kind === 'column' &&
        item.expression.column === entity.table.title?.name &&
        item.expression.table === entity.table.name,
    )
  ) {
    const star = reading.cues('star')[0];
    if (star) reading.use(star);
    const named =
      entity.table.title &&
      (entity.table.title.isName ||
        entity.table.title.isUnique ||
        reading.schema.model.entities.some((item) => item.table === entity.table.name && item.title));
    const title = star || !named ? undefined : entity.table.title;
    if (title || star || shown.length === 0)
      shown.unshift({
        expression: title ? columnRef(reading, title, entity.tokens[0]) : { kind: 'all', table: entity.table.name },
        tokens: entity.tokens,
      });
  }
  const distinct = reading.has('distinct') || (!entity && shown.length === 1);
  const [cue] = reading.cues('distinct');
  if (cue) reading.use(cue);
  const top = entity && readTopRows(reading);
  if (top) shown.unshift(...top.by.map((expression) => ({ expression })));
  return {
    show: shown,
    sort: reading.sort,
    distinct,
    through: [],
    fanOut: 'safe',
    ...(entity ? { root: entity.table.name } : {}),
    ...clauses(reading),
    ...(top ? { topPer: top } : reading.limit !== undefined && reading.sort.length > 0 ? { limit: reading.limit } : {}),
  };
}

/** "cheapest product in each category": the limit holds within each group of rows. */
function readTopRows(reading: Reading): QueryTree['topPer'] {
  const { limit, groups, sort } = reading;
  if (limit === undefined || sort.length === 0 || groups.length === 0) return undefined;
  return { by: groups.map((group) => group.expression), count: limit };
}

/** "cheapest laptop": rows are asked for by a value alone; they are those of its table. */
function nameValuesTable(reading: Reading): void {
  if (reading.entity || reading.measures.length > 0 || reading.groups.length > 0 || !reading.has('superlative')) return;
  const [only] = reading.conditions.filter((condition) => condition.kind === 'compare' || condition.kind === 'in');
  const column = only && columnsIn(only)[0];
  const table = column && reading.schema.tableByName.get(column.table.toLowerCase());
  if (table?.title) reading.entity = { table, tokens: [...(only?.tokens ?? [])] };
}

/** A ratio for each row, beside the row's key or what names it. */
function assembleRows(reading: Reading): QueryTree {
  const { expression, tokens, table } = reading.rowRatio!;
  const named = reading.groups.filter(
    (group) =>
      group.expression.kind === 'column' &&
      group.expression.table === table.name &&
      !(group.expression.column === table.title?.name && !table.title.isName),
  );
  const title = table.title?.isName ? table.title : (table.primaryKey[0] ?? table.title);
  // "for each course id": the identifier itself is asked for.
  const key = reading.mentions
    .filter((mention) => !tokens.includes(mention.from))
    .flatMap((mention) =>
      mention.columns
        .filter((link) => link.column.table === table && link.column.isId && link.strength > 0.8)
        .map((link) => ({ column: link.column, mention })),
    )[0];
  if (key) reading.use(key.mention);
  const shown: ShowItem[] = key
    ? [{ expression: columnRef(reading, key.column), tokens: [key.mention.from] }]
    : named.length > 0
      ? named.map((group) => ({ expression: group.expression, tokens: group.tokens }))
      : title
        ? [{ expression: columnRef(reading, title) }]
        : [];
  return {
    show: [...shown, { expression, tokens }],
    sort: reading.sort,
    distinct: false,
    through: [],
    fanOut: 'safe',
    root: table.name,
    ...clauses(reading),
    ...(reading.limit !== undefined && reading.sort.length > 0 ? { limit: reading.limit } : {}),
  };
}

/** "flights by airline": with nothing else to measure, rows are counted. */
function assembleCounted(reading: Reading): QueryTree | undefined {
  const table: SchemaTable | undefined = reading.mentions.find(
    (mention) => mention.tables[0] && !reading.groups.some((group) => group.tokens.includes(mention.from)),
  )?.tables[0]?.table;
  if (!table) return undefined;
  reading.measures.push(countRows(reading, table, []));
  return assembleMeasured(reading);
}

function clauses(reading: Reading): Pick<QueryTree, 'where' | 'having'> {
  const where = allOf(reading.conditions);
  const having = allOf(reading.having);
  return { ...(where ? { where } : {}), ...(having ? { having } : {}) };
}
