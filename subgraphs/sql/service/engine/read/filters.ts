/** Conditions: values, numbers beside columns, periods of time, missing values, comparisons with the average. */
import type { TimeLink, ValueLink } from '../link/types';
import { joinTree } from '../schema/join-tree';
import type { SchemaColumn, SchemaTable } from '../schema/types';
import { multiplies } from '../render/safe';
import { allOf, canonical, columnsIn } from '../tree-walk';
import type { ColumnRef, ComparisonOperator, Condition, Expression, Has, Literal, TimeRange } from '../tree';
import type { Mention } from './mentions';
import { nearestTime } from './measures';
import { columnRef, type Reading } from './reading';

export function readFilters(reading: Reading): void {
  readLikes(reading);
  readValues(reading);
  readTimes(reading);
  readNumbers(reading);
  readMissing(reading);
}

export const literal = (value: string | number): Literal => ({
  kind: 'literal',
  value,
  type: typeof value === 'number' ? 'number' : 'text',
});

function readTimes(reading: Reading): void {
  let last: { of: ColumnRef; to: number } | undefined;
  for (const mention of reading.mentions) {
    if (!mention.time || !reading.free(mention)) continue;
    // "ordered in 2023 and 2024": periods that are joined are of the same column.
    const isJoined = last?.to === mention.from - 1 && /^(and|or|vs|versus|,)$/.test(reading.word(last.to));
    const of: ColumnRef | undefined = isJoined ? last!.of : timeFor(reading, mention);
    if (!of) continue;
    last = { of, to: mention.to };
    const negated = negatedAt(reading, mention.from, 0);
    const range = withinData(reading, mention, of);
    const period: TimeRange = { kind: 'time', of, ...range, ...(negated ? { negated: true } : {}), tokens: reading.use(mention) };
    if (insideRelation(reading, period, of) || eachInItsTime(reading, period)) continue;
    reading.conditions.push(period);
  }
}

/** "who ordered more than 5 times in 2025", "without orders in 2025": the orders of 2025 are counted, or missing. */
function insideRelation(reading: Reading, period: TimeRange, of: ColumnRef): boolean {
  const at = reading.conditions.findIndex(
    (condition) =>
      condition.kind === 'has' && condition.table === of.table && (condition.count !== undefined || condition.negated === true),
  );
  const has = reading.conditions[at];
  if (has?.kind !== 'has') return false;
  reading.conditions[at] = { ...has, where: allOf([...(has.where ? [has.where] : []), period])! };
  return true;
}

/** "revenue and refunds in 2025": sales of that year beside refunds of that year, each by its own date. */
function eachInItsTime(reading: Reading, period: TimeRange): boolean {
  const times = new Set(reading.measures.map((item) => canonical(item.time ?? period.of)));
  if (times.size < 2 || reading.groups.some((group) => group.grain) || !reading.measures.every((item) => item.time)) return false;
  reading.measures = reading.measures.map((item) => ({
    ...item,
    expression: withCondition(item.expression, { ...period, of: item.time! }),
  }));
  return true;
}

function withCondition(expression: Expression, condition: Condition): Expression {
  if (expression.kind === 'aggregate')
    return { ...expression, where: allOf([...(expression.where ? [expression.where] : []), condition])! };
  if (expression.kind !== 'arithmetic') return expression;
  return { ...expression, left: withCondition(expression.left, condition), right: withCondition(expression.right, condition) };
}

/** "in March" without a year is the last March that the data has. */
function withinData(reading: Reading, mention: Mention, of: ColumnRef): TimeLink['range'] {
  const { range } = mention.time!;
  const column = reading.schema.tableByName.get(of.table.toLowerCase())?.columns.find(({ name }) => name === of.column);
  const last = String(column?.source.max ?? '').slice(0, 10);
  const said = reading.question.tokens.slice(mention.from, mention.to);
  if (range.phrase || !range.from || !range.to || !/^\d{4}-\d\d-\d\d$/.test(last) || range.from.slice(0, 10) <= last) return range;
  if (said.some(({ lower }) => /\d{4}/.test(lower))) return range;
  const shift = (date: string, years: number): string => `${String(Number(date.slice(0, 4)) - years)}${date.slice(4)}`;
  let years = Number(range.from.slice(0, 4)) - Number(last.slice(0, 4));
  if (shift(range.from, years).slice(0, 10) > last) years += 1;
  const from = shift(range.from, years);
  reading.warnings.push(`The data ends on ${last}: the period is taken to begin on ${from.slice(0, 10)}.`);
  return { from, to: shift(range.to, years) };
}

/** A date column named beside the period, else the time of what is measured or listed. */
function timeFor(reading: Reading, mention: Mention): ColumnRef | undefined {
  const named = reading.mentions.flatMap((item) =>
    item.columns.filter((link) => link.column.isTime && link.strength > 0.6 && mention.from - item.to <= 3 && mention.from >= item.to - 1),
  );
  const shape = named.sort((a, b) => b.strength - a.strength)[0];
  if (shape && (reading.measures.length === 0 || shape.strength > 0.75)) {
    reading.use(shape);
    return columnRef(reading, shape.column);
  }
  const grouped = reading.groups.find((group) => group.grain)?.expression;
  if (grouped?.kind === 'bucket' && grouped.of.kind === 'column') return grouped.of;
  const measured = reading.measures.map((item) => item.time).find((time) => time !== undefined);
  if (measured) return measured;
  const related = reading.conditions
    .filter((condition) => condition.kind === 'has')
    .flatMap((condition) => reading.schema.tableByName.get(condition.table.toLowerCase()) ?? []);
  const onPath = betweenTables(reading);
  const verbs = reading.mentions
    .filter((item) => item.to <= mention.from && item.columns[0]?.column.isTime && item.columns[0].strength > 0.6)
    .map((item) => item.columns[0]!.column.table);
  const tables = [...verbs.reverse(), ...related, ...onPath, ...reading.focus()];
  for (const table of tables) {
    const time = nearestTime(reading, table);
    if (time) return time;
  }
  return undefined;
}

/** "shops that sold Rye Loaf in 2024": the sale between shop and loaf is what happened then. */
function betweenTables(reading: Reading): SchemaTable[] {
  const from = reading.entity?.table;
  if (!from) return [];
  const far = reading.conditions
    .flatMap((condition) => columnsIn(condition))
    .flatMap((column) => reading.schema.tableByName.get(column.table.toLowerCase()) ?? [])
    .filter((table) => multiplies(reading.schema, from, table));
  return far
    .flatMap((table) => (joinTree(reading.schema, [from.id, table.id])?.tables ?? []).map((id) => reading.schema.tables[id]!))
    .filter((table) => table !== from && table.time && multiplies(reading.schema, from, table));
}

/** "whose name contains Smith", "starting with A". */
function readLikes(reading: Reading): void {
  for (const cue of reading.cues('like')) {
    if (reading.word(cue.from) === 'like' && !reading.question.tokens[cue.to]?.capital) continue;
    const token = reading.question.tokens.slice(cue.to, cue.to + 4).find((item) => item.kind === 'quoted' || item.capital);
    const before = reading.mentions.filter((item) => item.to <= cue.from && cue.from - item.to <= 3).at(-1);
    const named =
      before?.columns
        .filter((link) => link.column.isText && link.strength >= before.columns[0]!.strength - 0.1)
        .map((link) => link.column) ?? [];
    const column = named.find((item) => item.table === reading.entity?.table) ?? named[0] ?? before?.tables[0]?.table.title;
    if (!token || !column || reading.used.has(token.index)) continue;
    const negated = negatedAt(reading, cue.from);
    reading.conditions.push({
      kind: 'like',
      of: columnRef(reading, column, before!.from),
      match: cue.detail as 'contains',
      text: token.text,
      ...(negated ? { negated: true } : {}),
      tokens: reading.use(cue, before!.columns.length > 0 ? before! : cue, { from: token.index, to: token.index + 1 }),
    });
  }
}

export function negatedAt(reading: Reading, position: number, within = 2): boolean {
  return reading.cues('negation').some((cue) => cue.to <= position && position - cue.to <= within && reading.use(cue).length > 0);
}

/** Values of the same column that stand together are alternatives; other values all have to hold. */
function readValues(reading: Reading): void {
  const groups = new Map<string, { of: ColumnRef; values: ValueLink[]; negated: boolean; tokens: number[] }>();
  for (const mention of reading.mentions) {
    if (mention.values.length === 0 || !reading.free(mention)) continue;
    if (mention.metric && mention.values[0]!.strength < 0.6) continue;
    const strongest = mention.values[0]!.strength;
    const name = Math.max(mention.tables[0]?.strength ?? 0, mention.columns[0]?.strength ?? 0);
    if (name > 0.9 && strongest < 0.95 && !mention.values[0]!.capital) continue;
    const value = bestValue(reading, mention);
    if (!value) continue;
    const of = columnRef(reading, value.column, mention.from);
    const negated = negatedAt(reading, mention.from);
    useColumnName(reading, value, mention);
    if (value.match === 'partial') {
      const text = reading.question.tokens[mention.from]!.text;
      reading.conditions.push({ kind: 'like', of, match: 'contains', text, ...(negated ? { negated } : {}), tokens: reading.use(mention) });
      continue;
    }
    const key = `${of.table}.${of.column}.${of.role ?? ''}.${String(negated)}`;
    const group = groups.get(key) ?? { of, values: [], negated, tokens: [] };
    group.values.push(value);
    group.tokens.push(...reading.use(mention));
    groups.set(key, group);
  }
  for (const { of, values, negated, tokens } of groups.values()) {
    const unique = [...new Set(values.map((link) => link.value))];
    const ends = unique.length === 2 && !negated ? endsOf(reading, of, tokens) : undefined;
    if (ends) {
      const [one, other] = unique as [string | number, string | number];
      const at = (role: string, value: string | number): Condition => ({
        kind: 'compare',
        operator: '=',
        left: { ...of, role },
        right: literal(value),
      });
      const way = (from: string | number, to: string | number): Condition => ({
        kind: 'and',
        conditions: [at(ends[0], from), at(ends[1], to)],
      });
      reading.conditions.push({ kind: 'or', conditions: [way(one, other), way(other, one)], tokens });
      continue;
    }
    // "but no phone": none of the rows, where one of them is no phone says nothing.
    if (negated && isMany(reading, of))
      for (const value of unique) reading.conditions.push({ ...hasEach(reading, { of, value, tokens }), negated: true });
    else if (!negated && saysOnly(reading) && isMany(reading, of)) {
      const own = { kind: 'in' as const, of, values: unique.map(literal) };
      const one = { of, value: unique[0]!, tokens };
      reading.conditions.push(
        { ...hasEach(reading, one), where: own },
        { ...hasEach(reading, one), where: { ...own, negated: true }, negated: true },
      );
    } else if (unique.length > 1 && !negated && saysBoth(reading, tokens) && isMany(reading, of))
      for (const value of unique) reading.conditions.push(hasEach(reading, { of, value, tokens }));
    else if (unique.length === 1)
      reading.conditions.push({ kind: 'compare', operator: negated ? '!=' : '=', left: of, right: literal(unique[0]!), tokens });
    else reading.conditions.push({ kind: 'in', of, values: unique.map(literal), ...(negated ? { negated: true } : {}), tokens });
  }
}

/** "flights between Oslo and Bergen": the two joins to the table of the values, whichever way; undefined where there are not two. */
function endsOf(reading: Reading, of: ColumnRef, tokens: readonly number[]): [string, string] | undefined {
  const at = Math.min(...tokens) - 1;
  const home = reading.measures[0]?.home ?? reading.entity?.table;
  if (reading.word(at) !== 'between' || !home) return undefined;
  const roles = reading.schema.edges
    .filter((edge) => edge.from[0]!.table === home && edge.to[0]!.table.name.toLowerCase() === of.table.toLowerCase())
    .map(({ role }) => role);
  if (roles.length !== 2) return undefined;
  reading.use({ from: at, to: at + 1 });
  return [roles[0]!, roles[1]!];
}

/** "customers who bought both a laptop and a phone": one row each, not one row that is both. */
const saysBoth = (reading: Reading, tokens: readonly number[]): boolean => {
  const at = reading.question.tokens.findIndex((token, i) => token.lower === 'both' && i < Math.min(...tokens));
  if (at >= 0) return reading.use({ from: at, to: at + 1 }).length > 0;
  // "who bought laptops and phones" is both; "customers of laptops and phones", "laptops or phones" is any of them.
  const [first, last] = [Math.min(...tokens), Math.max(...tokens)];
  const between = reading.question.tokens.slice(first, last).map((token) => token.lower);
  const relative = reading.question.tokens.some((token, i) => i < first && /^(who|that|which|have|has)$/.test(token.lower) && i > 0);
  return relative && between.includes('and') && !between.includes('or');
};

/** "customers who only bought books": books, and nothing else. */
const saysOnly = (reading: Reading): boolean => {
  const at = reading.question.tokens.findIndex(
    (token, i) => token.lower === 'only' && /^(who|that|which|have|has)$/.test(reading.word(i - 1)),
  );
  return at >= 0 && reading.use({ from: at, to: at + 1 }).length > 0;
};

const ownerOf = (reading: Reading): SchemaTable | undefined =>
  reading.entity?.table ?? reading.measures.find((item) => item.countOf)?.countOf;

const isMany = (reading: Reading, of: ColumnRef): boolean => {
  const own = ownerOf(reading);
  const table = reading.schema.tableByName.get(of.table.toLowerCase());
  return own !== undefined && table !== undefined && own !== table && multiplies(reading.schema, own, table);
};

const hasEach = (reading: Reading, { of, value, tokens }: { of: ColumnRef; value: string | number; tokens: number[] }): Has => ({
  kind: 'has',
  of: ownerOf(reading)!.name,
  table: of.table,
  where: { kind: 'compare', operator: '=', left: of, right: literal(value), tokens },
  tokens,
});

/** "the Enterprise segment", "status cancelled": the column's name belongs to the condition. */
function useColumnName(reading: Reading, value: ValueLink, mention: Mention): void {
  const beside = reading.mentions.find(
    (item) =>
      item !== mention &&
      reading.free(item) &&
      (item.from === mention.to || (item.to <= mention.from && mention.from - item.to <= 1)) &&
      item.columns.some((link) => link.column === value.column && link.strength > 0.7),
  );
  if (beside && !/^(by|per|each)$/.test(reading.word(beside.from - 1))) reading.use(beside);
}

function bestValue(reading: Reading, mention: Mention): ValueLink | undefined {
  const about = reading.focus();
  const points = (link: ValueLink): number => {
    const { column } = link;
    let score = link.strength;
    const named = reading.mentions.some(
      (item) =>
        item !== mention &&
        Math.min(Math.abs(item.from - mention.to), Math.abs(mention.from - item.to)) <= 2 &&
        item.columns.some((other) => other.column === column && other.strength > 0.6),
    );
    if (named) score += 0.4;
    const distance = about.length > 0 ? Math.min(...about.map((table) => reading.distance(table, column.table))) : 0;
    score -= Math.min(distance, 6) * 0.08;
    const home = reading.measures[0]?.home ?? reading.entity?.table;
    if (home && multiplies(reading.schema, home, column.table)) score -= 0.2;
    if (column.isForeignKey) score -= 0.02;
    if (isEnd(reading, column, reading.word(mention.from - 1))) score += 0.5;
    return score;
  };
  return mention.values
    .map((link) => ({ link, score: points(link) }))
    .filter((item) => item.score > (isAlone(mention) && isStored(item.link) ? 0.1 : 0.25))
    .sort((a, b) => b.score - a.score)[0]?.link;
}

const ends: Readonly<Record<string, RegExp>> = {
  from: /^(from|origin|source|start|departure|sender)/,
  to: /^(to|destination|dest|target|end|arrival|recipient|receiver)/,
};

/** "from SFO to LAX": of two columns with the same values, the word before the value says which end of the way is meant. */
function isEnd(reading: Reading, column: SchemaColumn, lead: string): boolean {
  const join = reading.schema.model.joins.find((item) => item.from.toLowerCase() === `${column.table.name}.${column.name}`.toLowerCase());
  return (join?.synonyms ?? []).includes(lead) || (ends[lead]?.test(column.words[0] ?? '') ?? false);
}

/** Nothing else explains the words. */
const isAlone = ({ tables, columns, metric }: Mention): boolean => tables.length === 0 && columns.length === 0 && metric === undefined;

/** A cell says so; "unknown" and near spellings are guesses. */
const isStored = ({ match }: ValueLink): boolean => match !== 'unknown' && match !== 'typo' && match !== 'partial';

/** "delay over 60", "more than 5 orders" is read elsewhere; here a number meets a column or a measure. */
function readNumbers(reading: Reading): void {
  for (const mention of reading.mentions) {
    const link = mention.number;
    if (!link || !reading.free(mention) || link.role === 'top' || link.role === 'ordinal') continue;
    const target = numberTarget(reading, mention);
    if (!target) continue;
    const negated = negatedAt(reading, mention.from);
    const operator: ComparisonOperator = link.operator ?? (negated ? '!=' : '=');
    const unitSpan =
      link.unit !== undefined && !reading.mentions.some((item) => item.from === link.unit) ? [{ from: link.unit, to: link.unit + 1 }] : [];
    const before = reading.word(mention.from - 1);
    const than =
      before === 'than'
        ? [{ from: mention.from - 2, to: mention.from }]
        : link.operator && /^(above|over|below|under|exceeding|exceeds)$/.test(before)
          ? [{ from: mention.from - 1, to: mention.from }]
          : [];
    const tokens = reading.use(mention, ...target.spans, ...unitSpan, ...than);
    const condition = (of: Expression): Condition =>
      link.upper !== undefined
        ? { kind: 'between', of, low: literal(link.value), high: literal(link.upper), tokens }
        : {
            kind: 'compare',
            operator,
            left: of,
            right: literal(link.role === 'percent' && target.ratio ? link.value / 100 : link.value),
            tokens,
          };
    (target.having ? reading.having : reading.conditions).push(condition(target.expression));
  }
}

interface NumberTarget {
  expression: Expression;
  having: boolean;
  ratio: boolean;
  spans: { from: number; to: number }[];
}

function numberTarget(reading: Reading, mention: Mention): NumberTarget | undefined {
  const link = mention.number!;
  const numeric = (column: SchemaColumn) => column.isNumeric && !(column.isId && link.operator !== undefined && link.operator !== '=');
  const near = reading.mentions
    .filter((item) => item !== mention && !item.number && !item.time)
    .map((item) => ({ item, distance: item.to <= mention.from ? mention.from - item.to : item.from - mention.to + 0.5 }))
    .filter(({ distance }) => distance >= 0 && distance <= 6)
    .sort((a, b) => a.distance - b.distance);
  const unit = unitColumn(reading, link.unit);
  for (const { item, distance } of near) {
    const measured = reading.measures.find((measure) => measure.tokens.includes(item.from));
    // "flights delayed more than 15 minutes by month": minutes are of each flight, not of how many there are.
    const isOfRows = unit !== undefined && measured?.expression.kind === 'aggregate' && measured.expression.fn === 'count';
    if (measured && !isOfRows && link.operator && distance <= 4 && (reading.groups.length > 0 || reading.entity))
      return { expression: measured.expression, having: true, ratio: measured.expression.kind === 'arithmetic', spans: [] };
    const fitting = item.columns
      .filter((candidate) => numeric(candidate.column) && candidate.strength > 0.55)
      .map((candidate) => candidate.column);
    const column = fitting.find((candidate) => candidate.table === reading.entity?.table) ?? fitting[0];
    if (column && !measured) return { expression: columnRef(reading, column, item.from), having: false, ratio: false, spans: [item] };
  }
  if (unit && link.operator)
    return {
      expression: columnRef(reading, unit),
      having: false,
      ratio: false,
      spans: link.unit === undefined ? [] : [{ from: link.unit, to: link.unit + 1 }],
    };
  // "older than 30": the adjective names the column.
  const own = (item: { column: SchemaColumn; strength: number }) =>
    item.strength + (item.column.table === (reading.entity?.table ?? reading.focus()[0]) ? 0.5 : 0);
  const concept = reading.question.columns
    .filter(
      (item) =>
        item.match === 'concept' && item.column.isNumeric && !item.column.isId && mention.from - item.to <= 2 && mention.from >= item.to,
    )
    .sort((a, b) => own(b) - own(a))[0];
  return concept ? { expression: columnRef(reading, concept.column), having: false, ratio: false, spans: [concept] } : undefined;
}

/** A unit of measure of the model: "60 minutes" is the delay. */
function unitColumn(reading: Reading, token: number | undefined): SchemaColumn | undefined {
  if (token === undefined) return undefined;
  const said = reading.word(token);
  const names: Record<string, readonly string[]> = {
    min: ['minutes', 'minute', 'min', 'mins'],
    mi: ['miles', 'mile', 'mi'],
    EUR: ['euros', 'euro', 'eur', '€'],
    USD: ['dollars', 'dollar', 'usd', '$'],
    kg: ['kg', 'kilos', 'kilograms'],
    km: ['km', 'kilometers'],
    s: ['seconds', 'sec'],
    h: ['hours', 'hour'],
  };
  for (const entity of reading.schema.model.entities) {
    for (const measure of entity.measures) {
      if (!measure.unit || !(names[measure.unit] ?? [measure.unit.toLowerCase()]).includes(said)) continue;
      const table = reading.schema.tableByName.get(entity.table.toLowerCase());
      const column = table?.columns.find((item) => item.name.toLowerCase() === measure.expression.toLowerCase());
      if (column && reading.focus().includes(column.table)) return column;
    }
  }
  return undefined;
}

/** "without an email", "whose campaign is missing". */
function readMissing(reading: Reading): void {
  const add = (cue: { from: number; to: number }, mention: Mention | undefined, negated: boolean) => {
    const column = mention?.columns[0];
    if (!mention || !column || column.strength < 0.7 || (mention.tables[0] && mention.tables[0].strength >= column.strength)) return;
    reading.conditions.push({
      kind: 'null',
      of: columnRef(reading, column.column, mention.from),
      ...(negated ? { negated: true } : {}),
      tokens: reading.use(cue, mention),
    });
  };
  for (const cue of reading.cues('notNull'))
    add(cue, reading.mentions.filter((item) => item.to <= cue.from && reading.free(item)).at(-1), true);
  for (const cue of reading.cues('null'))
    if (!reading.used.has(cue.from))
      add(
        cue,
        reading.mentions.filter((item) => item.to <= cue.from && cue.from - item.to <= 2 && reading.free(item)).at(-1) ??
          reading.next(cue.to, 2),
        false,
      );
  for (const cue of reading.cues('negation')) {
    if (!/^(without|no|lacks?|lacking)$/.test(reading.word(cue.from)) || reading.used.has(cue.from)) continue;
    const mention = reading.next(cue.to, 2);
    if (mention && reading.free(mention)) add(cue, mention, false);
  }
}
