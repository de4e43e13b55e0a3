/** Dense features of one column (or table) in the light of a question. */
import type { MatchClass } from '../link/types';
import type { Schema, SchemaColumn, SchemaTable } from '../schema/types';
import { cueClass, cueClasses, cueClassOf } from './cue-classes';
import type { Mentions } from './mentions';

const matchOrder: readonly MatchClass[] = [
  'exact',
  'model',
  'stem',
  'reduced',
  'scattered',
  'abbreviation',
  'partial',
  'synonym',
  'hypernym',
  'concept',
  'typo',
];

/** Writes named numbers in order; the names are collected on the first row and checked against the model's. */
export class RowWriter {
  names: string[] = [];
  private naming = true;
  private at = 0;
  row: Float32Array = new Float32Array(0);
  private first: number[] = [];

  begin(): void {
    this.at = 0;
    if (this.row.length === 0) {
      this.naming = true;
      this.first = [];
      this.names = [];
    } else this.naming = false;
  }

  add(name: string, value: number | boolean | undefined): void {
    const number = value === undefined ? Number.NaN : Number(value);
    if (this.naming) {
      this.names.push(name);
      this.first.push(number);
    } else this.row[this.at] = number;
    this.at += 1;
  }

  /** As many numbers as there are names; NaN for each where there are none. */
  addAll(names: readonly string[], values: ArrayLike<number> | undefined): void {
    if (this.naming) names.forEach((name, index) => this.add(name, values?.[index]));
    else {
      if (values) this.row.set(values, this.at);
      else this.row.fill(Number.NaN, this.at, this.at + names.length);
      this.at += names.length;
    }
  }

  end(): Float32Array {
    if (this.naming) this.row = Float32Array.from(this.first);
    return this.row;
  }
}

const log = (value: number): number => Math.log1p(Math.max(0, value));

const cueAt = (mentions: Mentions, at: number): number => factsOf(mentions).cues[at] ?? -2;

const nearCues = [
  'show',
  'wh',
  'many',
  'average',
  'sum',
  'high',
  'low',
  'each',
  'by',
  'sort',
  'clause',
  'more',
  'less',
  'of',
  'and',
  'place',
  'not',
  'distinct',
  'or',
  'is',
  'than',
  'like',
  'pronoun',
] as const;

const nearClasses = nearCues.map((cue) => cueClass(cue));
const sinceNames = nearCues.map((cue) => `since:${cue}`);

/** What is the same for every column and table of a question. */
interface QuestionFacts {
  /** By token, its cue class. */
  readonly cues: Int16Array;
  /** By column id, the strength of its best link; 0 where there is none. */
  readonly strengths: Float64Array;
  /** Where links of some strength begin. */
  readonly strong: readonly number[];
  readonly valueStarts: number;
  readonly linkedColumns: number;
  /** Distances to the cues before a token, by the token. */
  readonly since: Map<number, readonly number[]>;
}
const facts = new WeakMap<Mentions, QuestionFacts>();
const factsOf = (mentions: Mentions): QuestionFacts => {
  let known = facts.get(mentions);
  if (known) return known;
  const { question, columns } = mentions;
  const strengths = Float64Array.from(columns, (list) => list[0]?.strength ?? 0);
  known = {
    cues: Int16Array.from(question.tokens, (token) => cueClassOf(token.lower)),
    strengths,
    strong: columns.flatMap((list) => (list[0] && list[0].strength > 0.5 ? [list[0].from] : [])),
    valueStarts: question.values.length > 0 ? new Set(question.values.map((link) => link.from)).size : 0,
    linkedColumns: strengths.reduce((sum, strength) => sum + (strength > 0.5 ? 1 : 0), 0),
    since: new Map(),
  };
  facts.set(mentions, known);
  return known;
};

const sinceCues = (mentions: Mentions, from: number): readonly number[] => {
  const { cues, since } = factsOf(mentions);
  let known = since.get(from);
  if (!known) {
    known = nearClasses.map((wanted) => {
      for (let at = Math.min(from, cues.length) - 1; at >= 0; at -= 1) if (cues[at] === wanted) return from - at;
      return 99;
    });
    since.set(from, known);
  }
  return known;
};

/** What stands around a span: the word before, the two or three before that, the word after; how far the nearest cue of a kind is. */
const around = (write: RowWriter, mentions: Mentions, span: { from: number; to: number } | undefined): void => {
  const { tokens } = mentions.question;
  write.add('position', span && span.from / Math.max(1, tokens.length));
  write.add('index', span?.from);
  write.add('tail', span && tokens.length - span.to);
  write.add('length', span && span.to - span.from);
  write.add('fromClause', span && span.from - mentions.firstClause);
  write.add('before', span && cueAt(mentions, span.from - 1));
  write.add('before2', span && cueAt(mentions, span.from - 2));
  write.add('before3', span && cueAt(mentions, span.from - 3));
  write.add('after', span && cueAt(mentions, span.to));
  write.add('after2', span && cueAt(mentions, span.to + 1));
  const since = span && sinceCues(mentions, span.from);
  write.addAll(sinceNames, since);
  let next: number | undefined;
  if (span) {
    next = 99;
    for (const link of mentions.question.numbers) if (link.from >= span.to) next = Math.min(next, link.from - span.to);
  }
  write.add('nextNumber', next);
  let value: number | undefined;
  if (span) {
    value = 99;
    for (const link of mentions.question.values)
      if (link.from >= span.to && link.strength > 0.5) value = Math.min(value, link.from - span.to);
  }
  write.add('nextValue', value);
};

const FAR = 12;

/** "name of the teacher", "teacher names": how far the nearest mentions of the own table and of others are, on either side of a span. */
const tablesAround = (
  write: RowWriter,
  { question }: Mentions,
  column: SchemaColumn,
  span: { from: number; to: number } | undefined,
): void => {
  const near = { ownAfter: FAR, otherAfter: FAR, ownBefore: FAR, otherBefore: FAR };
  for (const link of question.tables) {
    if (!span || link.strength < 0.6) continue;
    const whose = link.table === column.table ? 'own' : 'other';
    if (link.from >= span.to) near[`${whose}After`] = Math.min(near[`${whose}After`], link.from - span.to);
    else if (link.to <= span.from) near[`${whose}Before`] = Math.min(near[`${whose}Before`], span.from - link.to);
  }
  write.add('ownAfter', span && near.ownAfter);
  write.add('otherAfter', span && near.otherAfter);
  write.add('ownBefore', span && near.ownBefore);
  write.add('otherBefore', span && near.otherBefore);
  // "full name" asks for the parts of one.
  const isPart = column.isName && column.words.length > 1 && /^(first|last|middle|given|family)$/.test(column.words.at(-2)!);
  write.add(
    'fullName',
    isPart ? question.tokens.some((token, at) => token.lower === 'full' && question.tokens[at + 1]?.stem === 'name') : undefined,
  );
};

/** The column at the other end of a column's first join. */
const twins = new WeakMap<Schema, Map<SchemaColumn, SchemaColumn>>();
const twinOf = (column: SchemaColumn, { question: { schema } }: Mentions): SchemaColumn | undefined => {
  let known = twins.get(schema);
  if (!known) {
    known = new Map();
    for (const { from, to } of schema.edges) {
      if (from.length !== 1) continue;
      if (!known.has(from[0]!)) known.set(from[0]!, to[0]!);
      if (!known.has(to[0]!)) known.set(to[0]!, from[0]!);
    }
    twins.set(schema, known);
  }
  return known.get(column);
};

export interface SketchNumbers {
  readonly names: readonly string[];
  readonly values: ArrayLike<number>;
}

/** What is known before a column is judged: the sketch, a first guess at the tables, and what the words around each mention say. */
export interface Before {
  readonly sketch: SketchNumbers;
  /** First guess per table id that it is in FROM. */
  readonly tables: ArrayLike<number>;
  /** Per column id, shares of the roles by the words around its mention; in the order of `contextRoles`. */
  readonly context: readonly (ArrayLike<number> | undefined)[];
}

export const contextRoles = ['none', 'select', 'aggregate', 'where', 'group', 'order'] as const;

const contextNames = contextRoles.map((role) => `context:${role}`);
const prefixed = new WeakMap<readonly string[], readonly string[]>();
const sketchColumns = (names: readonly string[]): readonly string[] => {
  let known = prefixed.get(names);
  if (!known) prefixed.set(names, (known = names.map((name) => `sketch:${name}`)));
  return known;
};

export const writeColumn = (
  write: RowWriter,
  mentions: Mentions,
  column: SchemaColumn,
  { sketch, tables: guess, context }: Before,
): Float32Array => {
  const { question } = mentions;
  write.begin();
  const words = context[column.id];
  write.addAll(contextNames, words);
  const ownGuess = guess[column.table.id]!;
  write.add('guess', ownGuess);
  let guessRank = 0;
  for (let id = 0; id < guess.length; id += 1) if (guess[id]! > ownGuess) guessRank += 1;
  write.add('guessRank', guessRank);
  // Of the columns that the same words could mean: the likeliest other table, and how this one stands among them.
  const mention = mentions.columns[column.id]![0] ?? mentions.values[column.id]![0];
  let rivalGuess = 0;
  let rivalWeight = 0;
  if (mention) {
    for (const rival of mentions.rivals[mention.from] ?? []) {
      if (rival.column === column.id) continue;
      const other = guess[question.schema.columns[rival.column]!.table.id]!;
      rivalGuess = Math.max(rivalGuess, other);
      rivalWeight = Math.max(rivalWeight, other * rival.strength);
    }
  }
  write.add('rivalGuess', mention && rivalGuess);
  write.add('weightGap', mention && ownGuess * mention.strength - rivalWeight);
  const { strengths, strong, valueStarts, linkedColumns } = factsOf(mentions);
  let strongerInAll = 0;
  const ownStrength = strengths[column.id]!;
  for (let id = 0; id < strengths.length; id += 1) if (strengths[id]! > ownStrength) strongerInAll += 1;
  write.add('strengthRank', strongerInAll);
  const links = mentions.columns[column.id]!;
  const best = links[0];
  write.add('strength', best?.strength ?? 0);
  write.add('match', best ? matchOrder.indexOf(best.match) : 12);
  write.add('coverage', best?.coverage ?? 0);
  write.add('links', links.length);
  write.add('second', links[1]?.strength ?? 0);
  write.add('direction', best?.direction === undefined ? 0 : best.direction === 'asc' ? -1 : 1);
  const conceptLink = links.find((link) => link.direction !== undefined);
  write.add('concept', conceptLink?.strength ?? 0);
  const rivals = best ? (mentions.rivals[best.from] ?? []) : [];
  const others = rivals.filter((rival) => rival.column !== column.id);
  write.add('rivals', others.length);
  write.add('rivalsBetter', best ? others.filter((rival) => rival.strength > best.strength + 1e-6).length : undefined);
  write.add('rivalsEqual', best ? others.filter((rival) => Math.abs(rival.strength - best.strength) < 1e-6).length : undefined);
  write.add('rivalGap', best && others.length > 0 ? best.strength - others[0]!.strength : undefined);
  const sameTableRivals = others.filter((rival) => question.schema.columns[rival.column]!.table === column.table);
  write.add('rivalsInTable', sameTableRivals.length);
  let earlier = 0;
  if (best) for (const from of strong) if (from < best.from) earlier += 1;
  write.add('mentionRank', best ? earlier : undefined);
  around(write, mentions, best);
  const second = links.find((link) => best && (link.from >= best.to || link.to <= best.from));
  write.add('otherSpan', second?.strength ?? 0);
  write.add('otherBefore', second ? cueAt(mentions, second.from - 1) : undefined);
  write.add('otherFromClause', second ? second.from - mentions.firstClause : undefined);

  const table = mentions.tables[column.table.id]![0];
  write.add('table', table?.strength ?? 0);
  write.add('tableIndex', table?.from);
  write.add('tableFromClause', table && table.from - mentions.firstClause);
  write.add('tableBefore', table ? cueAt(mentions, table.from - 1) : undefined);
  write.add('tableAfter', table ? cueAt(mentions, table.to) : undefined);
  write.add('tableDistance', table && best ? table.from - best.from : undefined);
  tablesAround(write, mentions, column, best);
  let tablesEarlier = 0;
  let tablesBetter = 0;
  for (const list of mentions.tables) {
    if (list[0] && list[0].strength > 0.5 && table && list[0].from < table.from) tablesEarlier += 1;
    if (list[0] && list[0].strength > (table?.strength ?? 0) + 1e-6) tablesBetter += 1;
  }
  write.add('tableRank', table ? tablesEarlier : undefined);
  write.add('tablesBetter', tablesBetter);
  let support = 0;
  let strongest = 0;
  for (const other of column.table.columns) {
    const strength = other === column ? 0 : (mentions.columns[other.id]![0]?.strength ?? 0);
    support += strength > 0.5 ? strength : 0;
    strongest = Math.max(strongest, strength);
  }
  write.add('tableSupport', support);
  write.add('tableStrongest', strongest);
  let tableValues = 0;
  for (const other of column.table.columns) tableValues = Math.max(tableValues, mentions.values[other.id]![0]?.strength ?? 0);
  write.add('tableValue', tableValues);

  const value = mentions.values[column.id]![0];
  write.add('value', value?.strength ?? 0);
  write.add('valueLength', value && value.to - value.from);
  write.add('valueCapital', value?.capital);
  write.add('valueQuoted', value?.quoted);
  write.add(
    'valueRivals',
    value && question.values.filter((link) => link.from < value.to && link.to > value.from && link.column !== column).length,
  );
  write.add(
    'valueRivalBetter',
    value &&
      question.values.filter(
        (link) => link.from < value.to && link.to > value.from && link.column !== column && link.strength > value.strength,
      ).length,
  );
  write.add('valueBefore', value ? cueAt(mentions, value.from - 1) : undefined);
  write.add('valueBefore2', value ? cueAt(mentions, value.from - 2) : undefined);
  write.add('valueDistance', value && best ? value.from - best.to : undefined);
  write.add('valueOnMention', value && best ? value.from < best.to && value.to > best.from : undefined);
  write.add('questionValues', valueStarts);
  write.add('questionNumbers', question.numbers.length);
  write.add('questionColumns', linkedColumns);
  const { min, max } = column.source;
  let inRange = 0;
  if (column.isNumeric && typeof min === 'number' && typeof max === 'number')
    for (const link of question.numbers) if (link.value >= min && link.value <= max) inRange += 1;
  write.add('numbersInRange', inRange);
  write.add('yearInRange', column.isNumeric && inRange > 0 && question.numbers.some((link) => link.role === 'year'));

  write.add('key', column.isKey);
  write.add('foreignKey', column.isForeignKey);
  write.add('id', column.isId);
  write.add('name', column.isName);
  write.add('title', column.table.title === column);
  write.add('numeric', column.isNumeric);
  write.add('time', column.isTime);
  write.add('text', column.isText);
  write.add('unique', column.isUnique);
  write.add('words', column.words.length);
  write.add('place', column.table.columns.indexOf(column));
  write.add('tableColumns', column.table.columns.length);
  write.add('bridge', column.table.bridge);
  write.add('rows', log(column.table.rowCount));
  write.add(
    'distinctRatio',
    column.source.distinctCount === undefined ? undefined : column.source.distinctCount / Math.max(1, column.table.rowCount),
  );
  write.add('distinct', log(column.source.distinctCount ?? 0));
  write.add('range', column.isNumeric && typeof max === 'number' ? log(Math.abs(max)) : undefined);
  const twin = twinOf(column, mentions);
  write.add('twin', twin ? (mentions.columns[twin.id]![0]?.strength ?? 0) : undefined);
  write.add('twinTable', twin ? (mentions.tables[twin.table.id]![0]?.strength ?? 0) : undefined);
  const titleLink = column.table.title && mentions.columns[column.table.title.id]![0];
  write.add('titleMentioned', titleLink?.strength ?? 0);
  write.add('tables', question.schema.tables.length);
  write.add('length', question.tokens.length);
  write.addAll(sketchColumns(sketch.names), sketch.values);
  return write.end();
};

export interface RoleNumbers {
  readonly select: ArrayLike<number>;
  readonly aggregate: ArrayLike<number>;
  readonly where: ArrayLike<number>;
  readonly group: ArrayLike<number>;
  readonly order: ArrayLike<number>;
}

const roleNames = ['select', 'aggregate', 'where', 'group', 'order'] as const;

const likely = (roles: RoleNumbers, table: SchemaTable): number => {
  let most = 0;
  for (const column of table.columns) for (const role of roleNames) most = Math.max(most, roles[role][column.id]!);
  return most;
};

const roleColumns = Object.fromEntries(
  roleNames.map((role) => [role, [`max:${role}`, `sum:${role}`, `other:${role}`]]),
) as unknown as Record<(typeof roleNames)[number], readonly [string, string, string]>;

interface RoleSummary {
  /** By table id, the greatest and the sum over its columns. */
  readonly most: Float64Array;
  readonly total: Float64Array;
  /** The greatest of all tables, which one has it, and the greatest of the others. */
  readonly best: number;
  readonly bestTable: number;
  readonly second: number;
}
const summaries = new WeakMap<ArrayLike<number>, RoleSummary>();

const summaryOf = (schema: Schema, shares: ArrayLike<number>): RoleSummary => {
  let known = summaries.get(shares);
  if (known) return known;
  const most = new Float64Array(schema.tables.length);
  const total = new Float64Array(schema.tables.length);
  for (const column of schema.columns) {
    const probability = shares[column.id]!;
    const table = column.table.id;
    if (probability > most[table]!) most[table] = probability;
    total[table]! += probability;
  }
  let [best, bestTable, second] = [0, -1, 0];
  most.forEach((share, table) => {
    if (share > best) [best, bestTable, second] = [share, table, best];
    else if (share > second) second = share;
  });
  summaries.set(shares, (known = { most, total, best, bestTable, second }));
  return known;
};

/** Shares of columns are final before tables are written. */
const writeRoles = (write: RowWriter, { question: { schema } }: Mentions, table: SchemaTable, roles: RoleNumbers): void => {
  for (const role of roleNames) {
    const { most, total, best, bestTable, second } = summaryOf(schema, roles[role]);
    const [maxName, sumName, otherName] = roleColumns[role];
    write.add(maxName, most[table.id]);
    write.add(sumName, total[table.id]);
    write.add(otherName, table.id === bestTable ? second : best);
  }
};

/** A table's row is written twice: for a first guess before the columns are judged, and again with their roles. With them it reads the greatest of each role among its columns. */
export const writeTable = (
  write: RowWriter,
  mentions: Mentions,
  table: SchemaTable,
  known: { sketch: SketchNumbers; roles?: RoleNumbers },
): Float32Array => {
  const { schema } = mentions.question;
  write.begin();
  const links = mentions.tables[table.id]!;
  const best = links[0];
  write.add('strength', best?.strength ?? 0);
  write.add('match', best ? matchOrder.indexOf(best.match) : 12);
  write.add('links', links.length);
  around(write, mentions, best);
  let better = 0;
  let earlier = 0;
  let overlapping = 0;
  for (const other of mentions.tables) {
    const first = other[0];
    if (!first || first.table === table) continue;
    if (first.strength > (best?.strength ?? 0) + 1e-6) better += 1;
    if (best && first.strength > 0.5 && first.from < best.from) earlier += 1;
    if (best && first.from < best.to && first.to > best.from) overlapping += 1;
  }
  write.add('better', better);
  write.add('earlier', best ? earlier : undefined);
  write.add('overlapping', best ? overlapping : undefined);
  let strong = 0;
  let strongest = 0;
  let onlyHere = 0;
  let value = 0;
  for (const column of table.columns) {
    const link = mentions.columns[column.id]![0];
    if (link && link.strength > 0.5) {
      strong += 1;
      const rivals = mentions.rivals[link.from]!.filter(
        (rival) => schema.columns[rival.column]!.table !== table && rival.strength >= link.strength - 0.1,
      );
      if (rivals.length === 0) onlyHere += 1;
    }
    strongest = Math.max(strongest, link?.strength ?? 0);
    value = Math.max(value, mentions.values[column.id]![0]?.strength ?? 0);
  }
  write.add('columnsLinked', strong);
  write.add('columnStrongest', strongest);
  write.add('columnsOnlyHere', onlyHere);
  write.add('value', value);
  if (known.roles) writeRoles(write, mentions, table, known.roles);
  const neighbours = new Set<SchemaTable>();
  for (const edge of schema.edges) {
    if (edge.from[0]!.table === table) neighbours.add(edge.to[0]!.table);
    if (edge.to[0]!.table === table) neighbours.add(edge.from[0]!.table);
  }
  neighbours.delete(table);
  write.add('neighbours', neighbours.size);
  if (known.roles) {
    const weights = [...neighbours].map((other) => likely(known.roles!, other)).sort((a, b) => b - a);
    write.add('neighbourLikely', weights[0] ?? 0);
    write.add('neighbourLikely2', weights[1] ?? 0);
  }
  write.add('neighbourNamed', Math.max(0, ...[...neighbours].map((other) => mentions.tables[other.id]![0]?.strength ?? 0)));
  write.add('bridge', table.bridge);
  write.add('columns', table.columns.length);
  write.add('rows', log(table.rowCount));
  write.add('tables', schema.tables.length);
  write.add('foreignKeys', table.source.foreignKeys.length);
  write.add('length', mentions.question.tokens.length);
  write.addAll(sketchColumns(known.sketch.names), known.sketch.values);
  return write.end();
};

export const cueClassCount = cueClasses.length;
