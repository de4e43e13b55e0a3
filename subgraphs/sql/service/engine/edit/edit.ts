/** A follow-up as an edit of the last tree; null where it reads as a question of its own. */
import type { LinkedQuestion } from '../link/types';
import { believed } from '../read/agreement';
import { readCalendar } from '../read/calendar';
import { doubtsOf } from '../read/doubts';
import { addDimension, readGroups } from '../read/groups';
import { readFilters } from '../read/filters';
import { countRows, readMeasures } from '../read/measures';
import { readRanking } from '../read/ranking';
import { columnRef, Reading } from '../read/reading';
import { isDescribed } from '../schema/described';
import { coverage, DOUBTED, type RankedReading } from '../read/readings';
import { readRelations } from '../read/relations';
import { factTables } from '../render/safe';
import { unusedTokens } from '../explain/unused';
import type { SchemaTable } from '../schema/types';
import type { Expression, QueryTree, Window } from '../tree';
import { canonical, columnsIn, hasAggregate } from '../tree-walk';
import { dropConditions, mergeConditions, pairPeriods, saidPeriod, shiftPeriods } from './conditions';
import { asksWhich, isBad, readNouns, readOtherFunction, timeOf, withoutGuessedValues } from './references';
import { editColumns, editGroups, editMeasures, editOrder } from './shape';
import { readSignals, type Signals } from './signals';

const LEAST_COVERAGE = 0.3;

export function editTree(question: LinkedQuestion, lastTree: QueryTree, history: readonly QueryTree[] = []): RankedReading | null {
  const signals = readSignals(question);
  if (!signals.follows) return null;
  const all = new Set(question.tokens.map((token) => token.index));
  if (signals.undo) {
    const before = history.at(-1);
    return before ? { tree: before, confidence: 0.97, used: all, warnings: [] } : null;
  }
  if (signals.why) return { tree: lastTree, confidence: 0.97, used: all, warnings: [] };
  const reading = readFollowUp(question, lastTree);
  const tree = apply(reading, lastTree, signals);
  if (canonical(tree) === canonical(lastTree) && !signals.pronoun) return null;
  if (signals.asksWhich && !reading.ranked) return null;
  for (const token of question.tokens) if (fillers.has(token.lower)) reading.used.add(token.index);
  const covered = coverage(question, reading.used) || (unusedTokens(question.tokens, reading.used).length === 0 ? 0.8 : 0);
  // Only names that people have described tell a lost word from a filler.
  const sure = isDescribed(question.schema.model) ? believed(question, { tree, used: reading.used }) * DOUBTED ** doubtsOf(reading) : 1;
  const confidence = covered * sure;
  return confidence < LEAST_COVERAGE ? null : { tree, confidence, used: reading.used, warnings: [...reading.warnings] };
}

const fillers = new Set(
  'instead about same too well also only just now then remove drop add include filter sort order them those these their keep change switch split break restrict narrow exclude excluding make do before after earlier prior previous period again limit'.split(
    ' ',
  ),
);

function readFollowUp(linked: LinkedQuestion, lastTree: QueryTree): Reading {
  const question = withoutGuessedValues(linked);
  const reading = new Reading(question);
  const about = aboutTable(question, lastTree);
  if (about) reading.entity = { table: about, tokens: [] };
  reading.afterMeasure = lastTree.show.some((item) => hasAggregate(item.expression));
  if (reading.afterMeasure) readNouns(reading, lastTree);
  const other = readOtherFunction(reading, lastTree);
  if (other) reading.measures.push({ expression: other, tokens: [], better: 'up' });
  else readMeasures(reading);
  readGroups(reading);
  const time = timeOf(reading, lastTree, about);
  readCalendar(reading, time && { time });
  readRelations(reading);
  readFilters(reading);
  readRanking(reading);
  return reading;
}

/** What the rows of the last query were, or what it added up. */
function aboutTable({ schema }: LinkedQuestion, tree: QueryTree): SchemaTable | undefined {
  const named = tree.root ?? factTables(schema, tree)[0]?.name ?? tree.show.flatMap((item) => columnsIn(item.expression))[0]?.table;
  return named ? schema.tableByName.get(named.toLowerCase()) : undefined;
}

function apply(reading: Reading, lastTree: QueryTree, signals: Signals): QueryTree {
  let tree = lastTree;
  const leftover = readLeftover(reading, tree, signals);
  if (signals.drops) return dropConditions(tree, leftover, /\b(time|period|date|year|month)s?\b/.test(reading.question.text.toLowerCase()));
  if (signals.same && saidPeriod(tree)) {
    const unit = signals.same;
    for (const link of reading.question.times) reading.use(link);
    for (const cue of reading.cues('superlative')) reading.use(cue);
    reading.warnings.push(`“Last ${unit}” is taken as the ${unit} before the period asked about.`);
    return shiftPeriods({ ...tree }, -1, unit);
  }
  if (signals.shift !== 0) {
    const unit = /\b(year|month|quarter|week|day)\b/.exec(reading.question.text.toLowerCase())?.[1] as 'year' | undefined;
    for (const token of reading.question.tokens) if (token.lower === unit) reading.used.add(token.index);
    return shiftPeriods({ ...tree }, signals.shift, unit);
  }
  tree = mergeConditions(tree, pairPeriods(reading, tree), signals);
  tree = editMeasures(tree, measuresOf(reading, lastTree), signals);
  tree = editGroups(tree, reading.groups, signals);
  tree = editColumns(tree, leftover, signals);
  tree = applyWindow(reading, tree);
  return editOrder(tree, withoutOwn(reading, tree), reading.limit);
}

/** "how many are there?", "count them": the rows of the last query. */
function measuresOf(reading: Reading, lastTree: QueryTree): Expression[] {
  if (reading.measures.length > 0) return reading.measures.map((item) => item.expression);
  const [count] = reading.cues('count');
  const about = reading.entity?.table;
  if (
    !about ||
    (!count && !/^count\b|^how many\b/.test(reading.question.text.toLowerCase())) ||
    lastTree.show.some((item) => hasAggregate(item.expression))
  )
    return [];
  for (const token of reading.question.tokens) if (token.lower === 'count') reading.used.add(token.index);
  return [countRows(reading, about, count ? reading.use(count) : []).expression];
}

/** Names that no step has used: columns to show, or, of a measured query, to group by. */
function readLeftover(reading: Reading, tree: QueryTree, signals: Signals): Expression[] {
  const aggregated = tree.show.some((item) => hasAggregate(item.expression));
  const columns: Expression[] = [];
  for (const mention of reading.mentions) {
    const column = mention.columns[0];
    if (!reading.free(mention) || mention.number || mention.time) continue;
    if (
      mention.tables[0] &&
      mention.tables[0].table === reading.entity?.table &&
      !(column && column.strength > mention.tables[0].strength)
    ) {
      reading.use(mention);
      continue;
    }
    if (aggregated && !signals.drops) {
      addDimension(reading, mention, { each: false });
      continue;
    }
    if (!column || column.strength < 0.6) continue;
    const own =
      mention.columns.find((link) => link.column.table === reading.entity?.table && link.strength >= column.strength - 0.1) ?? column;
    columns.push(columnRef(reading, own.column, mention.from));
    reading.use(mention);
  }
  return columns;
}

/** A superlative without a measure of its own ranks by the last query's measure. */
function withoutOwn(reading: Reading, tree: QueryTree): QueryTree['sort'] {
  const superlative = reading.cues('superlative')[0];
  const measure = tree.show.find((item) => hasAggregate(item.expression) || item.expression.kind === 'window');
  if (superlative && measure && reading.measures.length === 0 && asksWhich(reading, tree)) {
    reading.use(superlative);
    [reading.ranked, reading.limit] = [true, 1];
    const worst = /^(best|worst)$/.test(reading.word(superlative.to - 1)) && isBad(reading, measure.expression);
    const up = (superlative.detail === 'asc') !== worst;
    return [{ expression: measure.expression, direction: up ? 'asc' : 'desc' }];
  }
  if (reading.sort.length > 0 && !(measure && reading.measures.length === 0 && !hasAggregate(reading.sort[0]!.expression)))
    return reading.sort;
  if (!measure || (!superlative && reading.cues('direction').length === 0)) return [];
  const number = reading.question.numbers.find((item) => item.role === 'top');
  if (number && superlative) {
    reading.use(number, superlative);
    reading.limit = number.value;
  }
  const way = superlative?.detail === 'asc' || reading.has('direction', 'asc') ? 'asc' : 'desc';
  return [{ expression: measure.expression, direction: way }];
}

const windowCues: readonly (readonly [cue: string, fn: Window['fn']])[] = [
  ['shareOfTotal', 'share'],
  ['share', 'share'],
  ['growth', 'growth'],
  ['running', 'running'],
  ['change', 'change'],
  ['previous', 'previous'],
];

function applyWindow(reading: Reading, tree: QueryTree): QueryTree {
  const measure = tree.show.find((item) => hasAggregate(item.expression) && item.expression.kind !== 'window');
  for (const [cue, fn] of windowCues) {
    const [found] = reading.cues(cue);
    if (!found || !measure || tree.show.length < 2) continue;
    reading.use(...reading.cues(cue));
    const within = fn === 'share' ? [] : tree.show.map((item) => item.expression).filter((item) => item.kind === 'column');
    return {
      ...tree,
      show: [
        ...tree.show.filter((item) => item.expression.kind !== 'window'),
        { expression: { kind: 'window', fn, of: measure.expression, ...(within.length > 0 ? { within } : {}) } },
      ],
    };
  }
  return tree;
}
