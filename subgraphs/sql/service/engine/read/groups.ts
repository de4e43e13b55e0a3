/** What the measures are split by: "by region and month", "per customer", "monthly", "for each category". */
import type { SchemaColumn, SchemaTable } from '../schema/types';
import type { ColumnRef, Expression } from '../tree';
import type { Mention } from './mentions';
import { nearestTime } from './measures';
import { columnRef, type GroupReading, type Reading } from './reading';

const openers = new Set(['by', 'per', 'each', 'every', 'across']);

export function readGroups(reading: Reading): void {
  for (const grain of reading.question.grains) {
    const mention = reading.mentions.find((item) => item.grain === grain);
    if (mention && reading.free(mention)) addGrain(reading, mention);
  }
  for (let i = 0; i < reading.question.tokens.length; i += 1) {
    if (!openers.has(reading.word(i)) || reading.used.has(i)) continue;
    readList(reading, i);
  }
  if (reading.has('trend') && reading.groups.every((group) => !group.grain) && reading.measures.length > 0) {
    const time = reading.measures[0]!.time;
    const [cue] = reading.cues('trend');
    if (time && cue)
      reading.groups.unshift({
        expression: { kind: 'bucket', grain: 'month', of: time },
        tokens: reading.use(cue),
        grain: 'month',
        each: false,
      });
  }
}

/** The mentions behind an opener, joined by "and" or commas. */
function readList(reading: Reading, opener: number): void {
  const word = reading.word(opener);
  let at = opener + 1;
  for (;;) {
    while (/^(the|of|each|their|its|a|every|all)$/.test(reading.word(at))) at += 1;
    const mention = reading.mentions.find((item) => item.from === at);
    if (!mention || !reading.free(mention)) return;
    const sortWord = word === 'by' && /^(order|ordered|sort|sorted|ranked|rank|arranged)$/.test(reading.word(opener - 1));
    if (sortWord) return;
    if (mention.grain) addGrain(reading, mention);
    else if (isOwnRow(reading, mention)) reading.use(mention);
    else if (!addDimension(reading, mention, { each: word !== 'by' })) return;
    reading.use({ from: opener, to: opener + 1 });
    at = mention.to;
    const joint = reading.word(at);
    if (joint === ',' && reading.word(at + 1) === 'and') at += 2;
    else if (joint === ',' || joint === 'and') at += 1;
    else return;
    // "by region, worst ten": what follows the comma is not a dimension.
    if (!reading.mentions.some((item) => item.from === at && (item.columns.length > 0 || item.tables.length > 0 || item.grain))) return;
  }
}

/** "average amount per sale": the average is one over the sales already. */
const isOwnRow = (reading: Reading, { tables, columns }: Mention): boolean =>
  (tables[0]?.strength ?? 0) > Math.max(0.7, columns[0]?.strength ?? 0) &&
  reading.measures.some(
    ({ expression, home }) => home === tables[0]!.table && expression.kind === 'aggregate' && expression.fn === 'avg' && !expression.metric,
  );

function addGrain(reading: Reading, mention: Mention): void {
  const time = groupTime(reading, mention);
  if (!time) return;
  const { grain } = mention.grain!;
  reading.groups.push({ expression: { kind: 'bucket', grain, of: time }, tokens: reading.use(mention), grain, each: false });
}

function groupTime(reading: Reading, mention: Mention): ColumnRef | undefined {
  const dated = reading.mentions
    .filter((item) => reading.free(item))
    .flatMap((item) =>
      item.columns
        .filter((link) => link.column.isTime && link.strength > 0.8)
        .map((link) => ({ link, distance: Math.abs(item.from - mention.from) })),
    );
  const near = dated.filter((item) => item.distance <= 4).sort((a, b) => a.distance - b.distance)[0];
  if (near && reading.measures.every((item) => !item.home || item.home === near.link.column.table)) {
    reading.use(near.link);
    return columnRef(reading, near.link.column);
  }
  const measured = reading.measures.map((item) => item.time).find((time) => time !== undefined);
  if (measured) return measured;
  const table = reading.focus()[0];
  return table && nearestTime(reading, table);
}

/** True if the mention is something to group by. */
export function addDimension(reading: Reading, mention: Mention, { each }: { each: boolean }): boolean {
  if (reading.groups.some((group) => group.tokens.includes(mention.from))) return false;
  const group = dimensionOf(reading, mention, each);
  if (!group) return false;
  reading.groups.push(group);
  return true;
}

function dimensionOf(reading: Reading, mention: Mention, each: boolean): GroupReading | undefined {
  const table = mention.tables[0];
  const column = bestColumn(reading, mention);
  // "by customer": the entity wins over a column that merely shares the word.
  const pointsThere =
    column?.column.isForeignKey &&
    table &&
    reading.schema.edges.some((edge) => edge.from.includes(column.column) && edge.to[0]!.table === table.table);
  if (table && (!column || table.strength > column.strength + 0.02 || (pointsThere && table.strength >= column.strength - 0.1))) {
    const [group] = [entityGroup(reading, table.table, mention)];
    return group && { ...group, tokens: reading.use(mention), each };
  }
  if (!column) return undefined;
  const beyond = columnBeyond(reading, mention, column.column);
  if (beyond) return { expression: beyond.expression, tokens: reading.use(mention, beyond.mention), each };
  const pointed = column.column.isForeignKey
    ? reading.schema.edges.find((edge) => edge.from.length === 1 && edge.from[0] === column.column)
    : undefined;
  // "by manager": the person that the key points to is shown.
  if (pointed && column.column.isNumeric) {
    const to = pointed.to[0]!.table;
    const parallel = reading.schema.edges.some(
      (edge) => edge !== pointed && edge.to[0]!.table === to && edge.from[0]!.table === pointed.from[0]!.table,
    );
    const group = entityGroup(reading, to, mention);
    const named = (expression: Expression): Expression =>
      parallel && expression.kind === 'column' ? { ...expression, role: pointed.role } : expression;
    if (group)
      return {
        expression: named(group.expression),
        ...(group.key ? { key: group.key.map(named) } : {}),
        tokens: reading.use(mention),
        each,
      };
  }
  if (
    column.column.isNumeric &&
    !column.column.isForeignKey &&
    mention.metric &&
    !/year|month|day|hour|rating|age|size/.test(column.column.name.toLowerCase())
  )
    return undefined;
  return { expression: columnRef(reading, column.column, mention.from), tokens: reading.use(mention), each };
}

/** "by origin state": the key names the role, and the word behind it a column of the table that the key points to. */
function columnBeyond(reading: Reading, mention: Mention, key: SchemaColumn): { expression: ColumnRef; mention: Mention } | undefined {
  const edge = key.isForeignKey ? reading.schema.edges.find((item) => item.from.length === 1 && item.from[0] === key) : undefined;
  const next = edge && reading.mentions.find((item) => item.from === mention.to && reading.free(item));
  const far = next?.columns.find((link) => link.column.table === edge!.to[0]!.table && link.strength > 0.7)?.column;
  if (!edge || !next || !far) return undefined;
  const parallel = reading.schema.edges.some(
    (other) => other !== edge && other.to[0]!.table === far.table && other.from[0]!.table === key.table,
  );
  return {
    expression: { kind: 'column', table: far.table.name, column: far.name, ...(parallel ? { role: edge.role } : {}) },
    mention: next,
  };
}

function bestColumn(reading: Reading, mention: Mention) {
  const about = reading.focus();
  const near = (table: SchemaTable) => Math.min(...about.map((item) => reading.distance(item, table)), 9);
  const top = mention.columns[0]?.strength ?? 0;
  return mention.columns
    .filter((link) => link.strength >= top - 0.12 && !(link.column.isNumeric && link.column.isKey && !link.column.isForeignKey))
    .sort((a, b) => b.strength - near(b.column.table) * 0.04 - (a.strength - near(a.column.table) * 0.04))[0];
}

export function entityGroup(
  reading: Reading,
  table: SchemaTable,
  mention: { from: number; to: number },
): Omit<GroupReading, 'tokens' | 'each'> | undefined {
  const title = table.title ?? table.primaryKey[0] ?? table.columns[0];
  if (!title) return undefined;
  const expression = columnRef(reading, title, mention.from);
  const key: Expression[] = table.primaryKey.filter((column) => column !== title).map((column) => columnRef(reading, column, mention.from));
  return { expression, ...(key.length > 0 && !title.isUnique ? { key } : {}) };
}
