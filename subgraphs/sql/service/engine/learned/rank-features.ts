/** What the ranker sees of one candidate: its parts' log-probabilities, how it fits the sketch, what it leaves unexplained. */
import { sketchLabels } from '../heads/types';
import type { SketchHead } from '../heads/types';
import type { SchemaColumn, SchemaTable } from '../schema/types';
import type { BeamInput, Draft } from './beam-types';
import { RowWriter } from './role-features';
import { writeCover } from './cover-features';
import { writeFit } from './fit-features';
import { sketchHeadNames } from './sketch-numbers';

const NEGATION = new Set(['negation', 'never']);

/** The labels that a draft has. */
export const labelsOf = (draft: Draft): Record<SketchHead, string> => {
  const { show, clauses, nesting } = draft;
  const has = (test: (entry: (typeof show.entries)[number]) => boolean): string => (show.entries.some(test) ? 'yes' : 'no');
  const aggregate = (fn: string): string => has((entry) => entry.kind === 'aggregate' && entry.fn === fn && !entry.distinct);
  const sort = clauses.sort
    ? `${clauses.sort.fn ? 'aggregate' : 'column'}${clauses.sort.direction === 'desc' ? 'Desc' : 'Asc'}${clauses.sort.limit === undefined ? '' : 'Top'}`
    : 'none';
  const inside = nesting?.kind === 'never' ? nesting.atoms.length : 0;
  const counted =
    nesting?.kind === 'set' ? nesting.left.length : draft.where.atoms.filter((atom) => atom.kind !== 'compare').length - inside;
  return {
    set: nesting?.kind === 'set' ? nesting.operator : 'none',
    items: String(Math.min(4, show.entries.length)),
    countRows: has((entry) => entry.kind === 'count'),
    countDistinct: has((entry) => entry.distinct === true),
    sum: aggregate('sum'),
    avg: aggregate('avg'),
    min: aggregate('min'),
    max: aggregate('max'),
    distinct: draft.distinct ? 'yes' : 'no',
    star: has((entry) => entry.kind === 'all'),
    group: clauses.group ? 'yes' : 'no',
    having: clauses.having ? 'yes' : 'no',
    sort,
    conditions: String(Math.min(3, Math.max(0, counted))),
    or: draft.where.or ? 'yes' : 'no',
    nested: nesting?.kind === 'never' ? 'never' : draft.where.atoms.some((atom) => atom.kind === 'compare') ? 'compare' : 'none',
  };
};

const columnsOf = (draft: Draft): SchemaColumn[] => [
  ...draft.show.entries.flatMap((entry) => entry.column ?? []),
  ...draft.where.atoms.map((atom) => atom.column),
  ...[draft.clauses.group, draft.clauses.having?.column, draft.clauses.sort?.column].filter(
    (column): column is SchemaColumn => column !== undefined,
  ),
];

const partNames = (['where', 'show', 'columns', 'clauses', 'nesting', 'tables', 'distinct'] as const).map((name) => ({
  name,
  part: `part:${name}`,
  lag: `lag:${name}`,
}));
const headNames = sketchHeadNames.map((head) => ({ head, own: `head:${head}`, gap: `headGap:${head}` }));
const cueNames = (
  ['count', 'each', 'superlative', 'negation', 'frequent', 'sort', 'both', 'or', 'distinct', 'average', 'with', 'never'] as const
).map((cue) => ({ cue, name: `cue:${cue}` }));
const spreadNames = (name: string): readonly [string, string, string] => [`${name}:count`, `${name}:min`, `${name}:mean`];
const spreads = {
  select: spreadNames('select'),
  aggregate: spreadNames('aggregate'),
  where: spreadNames('where'),
  atomScore: spreadNames('atomScore'),
  atomStrength: spreadNames('atomStrength'),
};

const spread = (write: RowWriter, name: keyof typeof spreads, values: readonly number[]): void => {
  const [count, least, mean] = spreads[name];
  let smallest = Infinity;
  let sum = 0;
  for (const value of values) {
    if (value < smallest) smallest = value;
    sum += value;
  }
  write.add(count, values.length);
  write.add(least, values.length > 0 ? smallest : undefined);
  write.add(mean, values.length > 0 ? sum / values.length : undefined);
};

/** Numbers that all candidates of a question share. */
interface Shared {
  readonly spans: readonly { from: number; to: number; columns: ReadonlySet<number>; strength: number }[];
  readonly bestOut: (role: ArrayLike<number>, used: ReadonlySet<number>) => number;
  readonly cues: ReadonlySet<string>;
  /** Of each head, the greatest share. */
  readonly bestLabels: Readonly<Record<SketchHead, number>>;
}

const shared = ({ question, mentions, sketch }: BeamInput): Shared => {
  const spans: { from: number; to: number; columns: Set<number>; strength: number }[] = [];
  for (const list of mentions.columns) {
    for (const link of list.slice(0, 2)) {
      if (link.strength < 0.55 || link.match === 'concept') continue;
      const known = spans.find((span) => span.from < link.to && link.from < span.to);
      if (known) {
        known.columns.add(link.column.id);
        known.strength = Math.max(known.strength, link.strength);
      } else spans.push({ from: link.from, to: link.to, columns: new Set([link.column.id]), strength: link.strength });
    }
  }
  const byRole = new Map<ArrayLike<number>, number[]>();
  return {
    spans,
    bestOut: (role, used) => {
      let order = byRole.get(role);
      if (!order)
        byRole.set(
          role,
          (order = Array.from(role, (_, id) => id)
            .sort((a, b) => role[b]! - role[a]!)
            .slice(0, MOST_USED)),
        );
      for (const id of order) if (!used.has(id)) return role[id]!;
      return 0;
    },
    cues: new Set(question.cues.map((cue) => cue.cue)),
    bestLabels: Object.fromEntries(sketchHeadNames.map((head) => [head, Math.max(...Object.values(sketch[head]))])) as Record<
      SketchHead,
      number
    >,
  };
};

/** What a candidate is also measured by beside the best of all. */
const least = [
  'cover:lost',
  'cover:front',
  'cover:columns',
  'cover:shown',
  'cover:unsaid',
  'unexplained',
  'unmentioned',
  'tables',
] as const;
const greatest = ['spanFit', 'select:mean', 'fromOdds', 'fromMin', 'fit:tableNear', 'groupRole'] as const;

/** Each row with how far it is behind the best of its list. */
const withGaps = (names: readonly string[], rows: readonly Float32Array[]): Float32Array[] => {
  const places = [...least.map((name) => ({ name, sign: 1 })), ...greatest.map((name) => ({ name, sign: -1 }))].map(({ name, sign }) => {
    const at = names.indexOf(name);
    let best = Infinity;
    for (const row of rows) if (sign * row[at]! < best) best = sign * row[at]!;
    return { at, best, sign };
  });
  return rows.map((row) => {
    const wide = new Float32Array(row.length + places.length);
    wide.set(row);
    places.forEach(({ at, best, sign }, index) => (wide[row.length + index] = sign * row[at]! - best));
    return wide;
  });
};

export class RankFeatures {
  private readonly writer = new RowWriter();

  get names(): readonly string[] {
    return [...this.writer.names, ...least.map((name) => `least:${name}`), ...greatest.map((name) => `greatest:${name}`)];
  }

  /** One row per draft, in the drafts' order (the greatest sum first). */
  rows(input: BeamInput, drafts: readonly Draft[]): Float32Array[] {
    const common = shared(input);
    const bestParts: Record<string, number> = {};
    for (const draft of drafts)
      for (const [name, value] of Object.entries(draft.parts)) bestParts[name] = Math.max(bestParts[name] ?? -Infinity, value);
    return withGaps(
      this.writer.names,
      drafts.map((draft) => this.row(input, draft, { bestParts, common })),
    );
  }

  private row(input: BeamInput, draft: Draft, context: { bestParts: Record<string, number>; common: Shared }): Float32Array {
    const write = this.writer;
    const { question, mentions, sketch, roles } = input;
    const { show, where, clauses, nesting } = draft;
    const { common } = context;
    write.begin();
    // The plain sum and its rank are left out on purpose: with them the trees lean on the sum and choose worse.
    for (const { name, part, lag } of partNames) {
      write.add(part, draft.parts[name]);
      write.add(lag, context.bestParts[name]! - draft.parts[name]!);
    }
    const labels = labelsOf(draft);
    for (const { head, own, gap } of headNames) {
      const share = (sketch[head] as Readonly<Record<string, number>>)[labels[head]]!;
      write.add(own, share);
      if (sketchLabels[head].length > 2) write.add(gap, common.bestLabels[head] - share);
    }
    // Structure.
    write.add('items', show.entries.length);
    write.add('plainItems', show.entries.filter((entry) => entry.kind === 'column').length);
    write.add('tables', draft.parts.tableCount);
    write.add('through', draft.through.length);
    write.add('root', draft.root !== undefined);
    write.add('atoms', where.atoms.length);
    write.add('or', where.or);
    write.add('unused', where.unused);
    write.add('distinct', draft.distinct);
    write.add('sort', (sketchLabels.sort as readonly string[]).indexOf(labels.sort));
    write.add('limit', clauses.sort?.limit ?? 0);
    write.add('group', clauses.group !== undefined);
    write.add('having', clauses.having !== undefined);
    write.add('never', nesting?.kind === 'never');
    write.add('set', (sketchLabels.set as readonly string[]).indexOf(labels.set));
    write.add('aggregates', show.entries.filter((entry) => entry.kind === 'aggregate' || entry.kind === 'count').length);
    write.add('count', labels.countRows === 'yes');
    write.add('star', labels.star === 'yes');
    // Roles of what is used, and of the best that is not.
    const shown = show.entries.filter((entry) => entry.kind === 'column').map((entry) => entry.column!);
    const measured = [
      ...show.entries.filter((entry) => entry.kind === 'aggregate').map((entry) => entry.column!),
      ...[clauses.sort?.fn ? clauses.sort.column : undefined, clauses.having?.column].filter(
        (column): column is SchemaColumn => column !== undefined,
      ),
    ];
    spread(
      write,
      'select',
      shown.map((column) => roles.select[column.id]!),
    );
    spread(
      write,
      'aggregate',
      measured.map((column) => roles.aggregate[column.id]!),
    );
    spread(
      write,
      'where',
      where.atoms.map((atom) => roles.where[atom.column.id]!),
    );
    spread(
      write,
      'atomScore',
      where.atoms.map((atom) => atom.score),
    );
    spread(
      write,
      'atomStrength',
      where.atoms.map((atom) => atom.strength),
    );
    write.add('groupRole', clauses.group ? roles.group[clauses.group.id] : undefined);
    write.add('orderRole', clauses.sort && !clauses.sort.fn ? roles.order[clauses.sort.column!.id] : undefined);
    const ids = (columns: readonly SchemaColumn[]): Set<number> => new Set(columns.map((column) => column.id));
    write.add('selectLeft', common.bestOut(roles.select, ids(shown)));
    write.add('aggregateLeft', common.bestOut(roles.aggregate, ids(measured)));
    write.add('whereLeft', common.bestOut(roles.where, ids(where.atoms.map((atom) => atom.column))));
    write.add('groupLeft', common.bestOut(roles.group, clauses.group ? new Set([clauses.group.id]) : new Set()));
    write.add('orderLeft', common.bestOut(roles.order, clauses.sort?.column ? new Set([clauses.sort.column.id]) : new Set()));
    // Mentions that nothing in the candidate explains.
    const used = columnsOf(draft);
    const usedIds = ids(used);
    let unexplained = 0;
    let explained = 0;
    for (const span of common.spans) {
      const isUsed =
        [...span.columns].some((id) => usedIds.has(id)) || where.atoms.some((atom) => atom.from < span.to && span.from < atom.to);
      if (isUsed) explained += span.strength;
      else unexplained += span.strength;
    }
    write.add('unexplained', unexplained);
    write.add('explained', explained);
    spanFit(write, input, draft, common);
    let unmentioned = 0;
    for (const column of usedIds) {
      const strength = Math.max(mentions.columns[column]![0]?.strength ?? 0, mentions.values[column]![0]?.strength ?? 0);
      if (strength < 0.4) unmentioned += 1;
    }
    write.add('unmentioned', unmentioned);
    const tables = new Set<SchemaTable>([...used.map((column) => column.table), ...draft.through, ...(draft.root ? [draft.root] : [])]);
    if (nesting?.kind === 'never') tables.add(nesting.table);
    let namedLeft = 0;
    let namedIn = 0;
    for (const table of question.schema.tables) {
      const strength = mentions.tables[table.id]![0]?.strength ?? 0;
      if (strength < 0.6) continue;
      if (tables.has(table)) namedIn += strength;
      else namedLeft += strength;
    }
    write.add('tablesNamedLeft', namedLeft);
    write.add('tablesNamedIn', namedIn);
    write.add('tablesUnnamed', [...tables].filter((table) => (mentions.tables[table.id]![0]?.strength ?? 0) < 0.4).length);
    write.add('fromMin', Math.min(...[...tables].map((table) => roles.from[table.id]!)));
    write.add(
      'fromLeft',
      Math.max(0, ...question.schema.tables.filter((table) => !tables.has(table)).map((table) => roles.from[table.id]!)),
    );
    write.add('innerRole', nesting?.kind === 'never' ? roles.inner[nesting.table.id] : undefined);
    const numbersUsed = new Set([...where.atoms.filter((atom) => atom.kind === 'number').map((atom) => atom.from), ...clauses.usedNumbers]);
    write.add(
      'numbersLeft',
      question.numbers.filter(
        (link) =>
          link.role !== 'ordinal' &&
          !numbersUsed.has(link.from) &&
          !where.atoms.some((atom) => atom.from <= link.from && link.from < atom.to),
      ).length,
    );
    write.add(
      'valuesLeft',
      question.values.filter(
        (link) =>
          link.strength > 0.7 && (link.capital || link.quoted) && !where.atoms.some((atom) => atom.from < link.to && link.from < atom.to),
      ).length,
    );
    write.add(
      'negationLeft',
      [...NEGATION].some((cue) => common.cues.has(cue)) && !where.atoms.some((atom) => atom.negated) && nesting === undefined,
    );
    write.add(
      'superlativeLeft',
      common.cues.has('superlative') && !clauses.sort && !show.entries.some((entry) => entry.fn === 'max' || entry.fn === 'min'),
    );
    write.add('eachLeft', common.cues.has('each') && !clauses.group);
    write.add('distinctLeft', common.cues.has('distinct') && !draft.distinct && !show.entries.some((entry) => entry.distinct));
    write.add('sortLeft', common.cues.has('sort') && !clauses.sort);
    write.add('orLeft', common.cues.has('or') && !where.or && nesting?.kind !== 'set');
    write.add('bothLeft', common.cues.has('both') && nesting?.kind !== 'set');
    // How the parts fit each other.
    const showsId = shown.some((column) => column.isId);
    write.add('showsId', showsId);
    write.add(
      'showsName',
      shown.some((column) => column.isName),
    );
    write.add(
      'showsTitle',
      shown.some((column) => column.table.title === column),
    );
    write.add('showsTables', new Set(shown.map((column) => column.table)).size);
    write.add(
      'showsFixed',
      shown.some((column) => where.atoms.some((atom) => atom.column === column && !atom.negated && atom.kind === 'value')),
    );
    write.add('showsSorted', clauses.sort?.column !== undefined && !clauses.sort.fn && shown.includes(clauses.sort.column));
    write.add('showsGroup', clauses.group !== undefined && shown.includes(clauses.group));
    write.add('groupKey', clauses.group?.isKey);
    write.add('groupForeign', clauses.group?.isForeignKey);
    write.add('groupId', clauses.group?.isId);
    write.add('groupUnique', clauses.group?.isUnique);
    write.add('groupName', clauses.group?.isName);
    write.add('groupTableShown', clauses.group && shown.some((column) => column.table === clauses.group!.table));
    write.add('groupIsWhere', clauses.group && where.atoms.some((atom) => atom.column === clauses.group));
    write.add('groupAlone', clauses.group !== undefined && tables.size === 1);
    write.add('sortColumnId', clauses.sort?.column?.isId);
    write.add('sortText', clauses.sort?.column?.isText);
    write.add('sortTime', clauses.sort?.column?.isTime);
    write.add('sortIsWhere', clauses.sort?.column && where.atoms.some((atom) => atom.column === clauses.sort!.column));
    write.add('sortFn', clauses.sort?.fn ? ['count', 'sum', 'avg', 'min', 'max'].indexOf(clauses.sort.fn) : -1);
    write.add('havingFn', clauses.having ? ['count', 'sum', 'avg', 'min', 'max'].indexOf(clauses.having.fn) : -1);
    write.add('havingOperator', clauses.having ? ['=', '!=', '<', '<=', '>', '>='].indexOf(clauses.having.operator) : -1);
    write.add('havingValue', clauses.having?.value);
    write.add('sameColumnTwice', new Set(where.atoms.map((atom) => atom.column)).size < where.atoms.length);
    write.add(
      'aggregateId',
      measured.some((column) => column.isId),
    );
    write.add('countOverJoin', labels.countRows === 'yes' && (draft.parts.tableCount ?? 1) > 1);
    write.add('emptyAnd', where.atoms.length >= 2 && !where.or && sameEquality(draft));
    const first = shown[0];
    write.add('firstType', first ? (first.isId ? 0 : first.isName ? 1 : first.isNumeric ? 2 : first.isTime ? 3 : 4) : -1);
    write.add(
      'firstDistinct',
      first?.source.distinctCount !== undefined ? first.source.distinctCount / Math.max(1, first.table.rowCount) : undefined,
    );
    write.add('duplicates', duplicatesExpected(draft, shown));
    write.add('schemaTables', question.schema.tables.length);
    write.add('length', question.tokens.length);
    write.add('questionColumns', common.spans.length);
    write.add('questionNumbers', question.numbers.length);
    for (const { cue, name } of cueNames) write.add(name, common.cues.has(cue));
    writeFit(write, input, { draft, tables });
    writeCover(write, input, { draft, tables });
    return write.end().slice();
  }
}

const roleIndex = { none: 0, select: 1, aggregate: 2, where: 3, group: 4, order: 5 } as const;

/** Does each mention serve the clause that the words around it ask for? */
const spanFit = (write: RowWriter, { context, mentions, roles, question }: BeamInput, draft: Draft, common: Shared): void => {
  const rolesOf = new Map<number, number[]>();
  const use = (column: SchemaColumn | undefined, role: keyof typeof roleIndex): void => {
    if (column) rolesOf.set(column.id, [...(rolesOf.get(column.id) ?? []), roleIndex[role]]);
  };
  for (const entry of draft.show.entries) use(entry.column, entry.kind === 'aggregate' ? 'aggregate' : 'select');
  for (const atom of draft.where.atoms) use(atom.column, 'where');
  use(draft.clauses.group, 'group');
  use(draft.clauses.having?.column, 'aggregate');
  use(draft.clauses.sort?.column, draft.clauses.sort?.fn ? 'aggregate' : 'order');
  let fit = 0;
  let worst = 0;
  let selectLeft = 0;
  let whereLeft = 0;
  for (const span of common.spans) {
    let best = -6;
    let wantsSelect = 0;
    let wantsWhere = 0;
    let served = false;
    for (const id of span.columns) {
      const shares = context[id];
      if (!shares) continue;
      wantsSelect = Math.max(wantsSelect, shares[1]!);
      wantsWhere = Math.max(wantsWhere, shares[3]!);
      const own = rolesOf.get(id);
      if (own) served = true;
      const share = own ? Math.max(...own.map((role) => shares[role]!)) : 0;
      best = Math.max(best, Math.log(Math.max(0.0025, share)));
    }
    if (!served) {
      const first = [...span.columns][0]!;
      best = Math.log(Math.max(0.01, context[first]?.[0] ?? 0.3));
      selectLeft = Math.max(selectLeft, wantsSelect);
      whereLeft = Math.max(whereLeft, wantsWhere);
    }
    fit += best;
    worst = Math.min(worst, best);
  }
  write.add('spanFit', fit);
  write.add('spanWorst', worst);
  write.add('spanSelectLeft', selectLeft);
  write.add('spanWhereLeft', whereLeft);
  // How each shown column stands among the columns that its words could mean.
  let beaten = 0;
  let gap = 0;
  let weakest = 1;
  for (const entry of draft.show.entries) {
    if (!entry.column) continue;
    const link = mentions.columns[entry.column.id]![0];
    weakest = Math.min(weakest, link?.strength ?? 0);
    if (!link) continue;
    for (const rival of mentions.rivals[link.from] ?? []) {
      if (rival.column === entry.column.id || rolesOf.has(rival.column)) continue;
      if (rival.strength > link.strength + 0.02) beaten += 1;
      gap = Math.max(gap, rival.strength - link.strength);
    }
  }
  write.add('showBeaten', beaten);
  write.add('showGap', gap);
  write.add('showWeakest', weakest);
  const tables = new Set(draft.show.entries.flatMap((entry) => entry.column?.table ?? []));
  let first: SchemaTable | undefined;
  let from = Infinity;
  for (const link of question.tables) {
    if (link.strength < 0.7 || link.from >= from) continue;
    from = link.from;
    first = link.table;
  }
  write.add('showsFirstTable', first && tables.has(first));
  write.add(
    'fromOdds',
    draft.through.reduce((sum, table) => sum + Math.log(Math.max(0.01, roles.from[table.id]!)), 0),
  );
  let idle = 0;
  for (const table of draft.through) if ((mentions.tables[table.id]![0]?.strength ?? 0) < 0.5) idle += 1;
  write.add('idleTables', idle);
};

/** No reading uses more columns in one role. */
const MOST_USED = 12;

const sameEquality = (draft: Draft): boolean => {
  const seen = new Set<SchemaColumn>();
  for (const atom of draft.where.atoms) {
    if (atom.kind !== 'value' || atom.negated) continue;
    if (seen.has(atom.column)) return true;
    seen.add(atom.column);
  }
  return false;
};

/** Would a plain list repeat rows? Estimated from statistics: a shown column that is not unique, or a join to a many side. */
const duplicatesExpected = (draft: Draft, shown: readonly SchemaColumn[]): number => {
  if (shown.length === 0 || draft.clauses.group) return 0;
  const unique = shown.some((column) => column.isUnique);
  return (unique ? 0 : 1) + ((draft.parts.tableCount ?? 1) > 1 ? 1 : 0);
};
