/** How a draft's parts stand beside the words that ask for them: the counted noun in FROM, what sorts near "ordered by", tables nobody named. */
import { joinTree } from '../schema/join-tree';
import type { SchemaColumn, SchemaTable } from '../schema/types';
import type { CueLink } from '../link/types';
import type { BeamInput, Draft } from './beam-types';
import type { RowWriter } from './role-features';

const FAR = 30;

export const writeFit = (
  write: RowWriter,
  input: BeamInput,
  { draft, tables }: { draft: Draft; tables: ReadonlySet<SchemaTable> },
): void => {
  writeTables(write, input, draft, tables);
  writeOrder(write, input, draft);
  writeDenial(write, input, draft);
  writeOwners(write, input, draft);
  writeAggregates(write, input, draft);
  writeShown(write, input, draft);
  writeValues(write, input, draft);
};

const columnsOf = ({ show, where, clauses }: Draft): SchemaColumn[] => [
  ...show.entries.flatMap((entry) => entry.column ?? []),
  ...where.atoms.map((atom) => atom.column),
  ...[clauses.group, clauses.having?.column, clauses.sort?.column].filter((column): column is SchemaColumn => column !== undefined),
];

const writeTables = (write: RowWriter, { question, mentions }: BeamInput, draft: Draft, tables: ReadonlySet<SchemaTable>): void => {
  const strong = question.tables.filter((link) => link.strength >= 0.85);
  const count = question.cues.find((cue) => cue.cue === 'count');
  const counted = count && strong.filter((link) => link.from >= count.to && link.from <= count.to + 3).sort((a, b) => a.from - b.from)[0];
  write.add('fit:counted', counted !== undefined);
  write.add('fit:countedIn', counted ? tables.has(counted.table) : undefined);
  const subject = [...strong].sort((a, b) => a.from - b.from)[0];
  write.add('fit:subjectIn', subject ? tables.has(subject.table) : undefined);
  const used = columnsOf(draft);
  const usedTables = new Set(used.map((column) => column.table));
  let namedOut = 0;
  const named = new Set<SchemaTable>();
  for (const link of strong) {
    if (named.has(link.table)) continue;
    named.add(link.table);
    // A table's name inside a used column's own mention, or a value, asks for nothing more.
    const inside =
      used.some((column) =>
        mentions.columns[column.id]!.some((other) => other.strength > 0.8 && other.from <= link.from && other.to >= link.to),
      ) || draft.where.atoms.some((atom) => atom.from <= link.from && atom.to >= link.to);
    if (!tables.has(link.table) && !inside) namedOut += 1;
  }
  write.add('fit:namedOut', namedOut);
  const wanted = [...tables].filter((table) => usedTables.has(table) || named.has(table)).map((table) => table.id);
  const needed = new Set(joinTree(question.schema, wanted)?.tables ?? []);
  write.add('fit:unneeded', [...tables].filter((table) => !needed.has(table.id)).length);
  write.add('fit:namedUnused', [...tables].filter((table) => named.has(table) && !usedTables.has(table)).length);
};

/** The table named right behind some words: "of the movies", "for each bank". */
const tableBehind = ({ question }: BeamInput, at: number, openers: RegExp): SchemaTable | undefined => {
  for (let i = at; i <= at + 2; i += 1) {
    const token = question.tokens[i];
    if (!token) return undefined;
    if (!openers.test(token.lower)) continue;
    const link = question.tables
      .filter((item) => item.strength >= 0.85 && item.from > i && item.from <= i + 3)
      .sort((a, b) => a.from - b.from)[0];
    return link?.table;
  }
  return undefined;
};

/** "names of the movies": whose the shown columns are, and whose the groups. */
const writeOwners = (write: RowWriter, input: BeamInput, { show, clauses }: Draft): void => {
  let owned = 0;
  let foreign = 0;
  for (const entry of show.entries) {
    const link = entry.column && input.mentions.columns[entry.column.id]![0];
    const owner = link && link.strength > 0.4 ? tableBehind(input, link.to, /^(of|for|from|in)$/) : undefined;
    if (owner === entry.column?.table) owned += owner ? 1 : 0;
    else if (owner) foreign += 1;
  }
  write.add('fit:owned', owned);
  write.add('fit:foreign', foreign);
  const each = input.question.cues.find((cue) => cue.cue === 'each' || cue.cue === 'perGroup');
  const grouped =
    each &&
    input.question.tables
      .filter((link) => link.strength >= 0.85 && link.from >= each.to && link.from <= each.to + 2)
      .sort((a, b) => a.from - b.from)[0]?.table;
  write.add(
    'fit:eachTable',
    grouped && clauses.group
      ? clauses.group.table === grouped || show.entries.some((entry) => entry.kind === 'column' && entry.column!.table === grouped)
        ? 1
        : -1
      : 0,
  );
  const plain = new Set(show.entries.filter((entry) => entry.kind === 'column').map((entry) => entry.column!.id));
  write.add(
    'fit:plainAndMeasured',
    show.entries.some((entry) => entry.kind === 'aggregate' && entry.column !== undefined && plain.has(entry.column.id)),
  );
  write.add(
    'fit:groupMeasured',
    clauses.group !== undefined && show.entries.some((entry) => entry.kind === 'aggregate' && entry.column === clauses.group),
  );
};

/** What is denied stands behind the denial, and what is left in front of it. */
const writeDenial = (write: RowWriter, { question, mentions }: BeamInput, { nesting }: Draft): void => {
  const cue = question.cues.find((item) => item.cue === 'negation' || item.cue === 'never');
  const link = nesting?.kind === 'never' ? mentions.tables[nesting.table.id]!.find((item) => item.strength > 0.5) : undefined;
  write.add('fit:denied', nesting?.kind !== 'never' || !cue ? undefined : !link ? 0 : link.from > cue.from ? 1 : -1);
};

const nearest = (position: number, spans: readonly { from: number; to: number }[]): number =>
  spans.reduce((least, span) => Math.min(least, position >= span.to ? position - span.to : span.from - position), FAR);

const distanceTo = (input: BeamInput, column: SchemaColumn, cues: readonly CueLink[]): number => {
  const links = input.mentions.columns[column.id]!.filter((link) => link.strength > 0.4);
  let least = FAR;
  for (const cue of cues)
    for (const link of links)
      least = Math.min(least, link.from >= cue.to ? link.from - cue.to : link.to <= cue.from ? cue.from - link.to + 2 : 0);
  return least;
};

const writeOrder = (write: RowWriter, input: BeamInput, { clauses }: Draft): void => {
  const { question, mentions } = input;
  const { sort, group } = clauses;
  const of = (...names: string[]) => question.cues.filter((cue) => names.includes(cue.cue));
  const directions = of('direction');
  const said = directions.length === 0 ? undefined : directions.some((cue) => cue.detail === 'desc') ? 'desc' : 'asc';
  write.add('fit:direction', sort && said ? (sort.direction === said ? 1 : -1) : 0);
  const alphabetical = question.tokens.some((token) => token.stem.startsWith('alphabet') || token.stem.startsWith('lexicograph'));
  write.add('fit:alphabetical', sort && alphabetical ? (sort.column?.isText && !sort.fn ? 1 : -1) : 0);
  const concept = sort?.column && mentions.columns[sort.column.id]!.find((link) => link.direction !== undefined);
  write.add('fit:concept', concept ? (concept.direction === sort!.direction ? concept.strength : -concept.strength) : 0);
  const superlatives = of('superlative', 'frequent', 'rare');
  const most = superlatives.map((cue) => (cue.cue === 'rare' || cue.detail === 'asc' ? 'asc' : 'desc'));
  write.add('fit:superlative', sort?.limit !== undefined && most.length > 0 ? (most.includes(sort.direction) ? 1 : -1) : 0);
  write.add('fit:sortNear', sort?.column ? distanceTo(input, sort.column, [...of('sort'), ...superlatives]) : undefined);
  write.add(
    'fit:groupNear',
    group
      ? Math.min(distanceTo(input, group, of('each', 'by', 'perGroup')), nearTable(input, group.table, of('each', 'perGroup')))
      : undefined,
  );
  write.add(
    'fit:limitSaid',
    sort?.limit !== undefined && sort.limit > 1 ? question.numbers.some((link) => link.value === sort.limit) : undefined,
  );
};

const nearTable = ({ mentions }: BeamInput, table: SchemaTable, cues: readonly CueLink[]): number => {
  const links = mentions.tables[table.id]!.filter((link) => link.strength > 0.5);
  return cues.reduce(
    (least, cue) => Math.min(least, ...links.filter((link) => link.from >= cue.to).map((link) => link.from - cue.to)),
    FAR,
  );
};

const writeAggregates = (write: RowWriter, input: BeamInput, { show, clauses }: Draft): void => {
  const { question } = input;
  let uncued = 0;
  let near = 0;
  let measured = 0;
  const used = new Set<string>();
  for (const entry of show.entries) {
    if (entry.kind !== 'aggregate' || !entry.fn) continue;
    used.add(entry.fn);
    const cues = question.cues.filter(
      (cue) =>
        (cue.cue === 'aggregate' && cue.detail === entry.fn) ||
        (entry.distinct && (cue.cue === 'distinct' || cue.cue === 'distinctCount')) ||
        (cue.cue === 'superlative' && ((entry.fn === 'max' && cue.detail === 'desc') || (entry.fn === 'min' && cue.detail === 'asc'))),
    );
    if (cues.length === 0) uncued += 1;
    else if (entry.column) {
      near += distanceTo(input, entry.column, cues);
      measured += 1;
    }
  }
  if (clauses.sort?.fn) used.add(clauses.sort.fn);
  if (clauses.having) used.add(clauses.having.fn);
  write.add('fit:uncued', uncued);
  write.add('fit:aggregateNear', measured > 0 ? near / measured : undefined);
  const asked = new Set(
    question.cues
      .filter((cue) => cue.cue === 'aggregate' && (cue.detail === 'avg' || cue.detail === 'min' || cue.detail === 'max'))
      .map((cue) => cue.detail!),
  );
  write.add('fit:aggregateLeft', [...asked].filter((fn) => !used.has(fn)).length);
};

const writeShown = (write: RowWriter, { question, mentions }: BeamInput, draft: Draft): void => {
  const entries = draft.show.entries.flatMap((entry) => entry.column ?? []);
  const used = new Set(columnsOf(draft).map((column) => column.id));
  let early = 0;
  const seen = new Set<number>();
  // Mentions before the first clause word are what is asked for; each should be in the query.
  for (const link of question.columns) {
    if (link.strength < 0.8 || link.match === 'concept' || link.from >= mentions.firstClause || seen.has(link.from)) continue;
    const covered =
      mentions.rivals[link.from]!.some((rival) => used.has(rival.column)) ||
      draft.where.atoms.some((atom) => atom.from <= link.from && link.from < atom.to);
    if (!covered) {
      early += 1;
      seen.add(link.from);
    }
  }
  write.add('fit:earlyLeft', early);
  let late = 0;
  let tableNear = 0;
  let unlinked = 0;
  for (const column of entries) {
    const link = mentions.columns[column.id]![0];
    if (!link || link.strength < 0.35) {
      unlinked += 1;
      continue;
    }
    if (link.from > mentions.firstClause) late += 1;
    const own = nearest(
      link.from,
      mentions.tables[column.table.id]!.filter((item) => item.strength > 0.6),
    );
    const rivals = mentions.rivals[link.from]!.filter((rival) => rival.column !== column.id && rival.strength >= link.strength - 0.05).map(
      (rival) => question.schema.columns[rival.column]!.table,
    );
    const other = rivals.reduce(
      (least, table) =>
        Math.min(
          least,
          table === column.table
            ? FAR
            : nearest(
                link.from,
                mentions.tables[table.id]!.filter((item) => item.strength > 0.6),
              ),
        ),
      FAR,
    );
    tableNear += Math.max(-10, Math.min(10, other - own));
  }
  write.add('fit:late', late);
  write.add('fit:tableNear', entries.length > 0 ? tableNear / entries.length : undefined);
  write.add('fit:unlinked', unlinked);
};

/** A value belongs to the column that is named beside it. */
const writeValues = (write: RowWriter, { question, mentions }: BeamInput, draft: Draft): void => {
  let beside = 0;
  let stolen = 0;
  for (const atom of draft.where.atoms) {
    const own = nearest(
      atom.from,
      mentions.columns[atom.column.id]!.filter((link) => link.strength > 0.6 && link.to <= atom.from),
    );
    const other = nearest(
      atom.from,
      question.columns.filter(
        (link) =>
          link.strength > 0.8 && link.match !== 'concept' && link.to <= atom.from && link.column !== atom.column && !(link.to > atom.from),
      ),
    );
    if (own <= 4) beside += 1;
    else if (other <= 1) stolen += 1;
  }
  write.add('fit:beside', draft.where.atoms.length > 0 ? beside / draft.where.atoms.length : undefined);
  write.add('fit:stolen', stolen);
};
