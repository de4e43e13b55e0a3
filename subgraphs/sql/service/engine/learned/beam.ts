/** Puts conditions, select lists and clauses together, best sums first, and finds the tables that each reading needs. */
import { joinTree } from '../schema/join-tree';
import type { SchemaTable } from '../schema/types';
import { conditionSlots } from './atoms';
import { logit, logOf } from './beam-types';
import type { BeamInput, Clauses, Draft, Nesting, ShowList, WhereSet } from './beam-types';
import { clauseChoices } from './clause-choices';
import { nestingsOf } from './nestings';
import { showLists } from './show-lists';
import { whereSets } from './where-sets';

export interface BeamLimits {
  /** Combinations that get tables. @default 160 */
  readonly sums?: number;
  /** Readings that are ranked; the ranker is trained on as many. @default 60 */
  readonly candidates?: number;
}

interface Sum {
  where: WhereSet;
  show: ShowList;
  clauses: Clauses;
  nesting?: Nesting;
  score: number;
}

/** Readings that cannot be meant, whatever their score. */
const impossible = (show: ShowList, clauses: Clauses): boolean => {
  const hasAggregate = show.entries.some((entry) => entry.kind === 'aggregate' || entry.kind === 'count');
  const hasPlain = show.entries.some((entry) => entry.kind === 'column' || entry.kind === 'all');
  if (clauses.group && !hasAggregate && !clauses.having && !clauses.sort?.fn) return true;
  if (!clauses.group && hasAggregate && hasPlain) return true;
  if (!clauses.group && hasAggregate && clauses.sort) return true;
  if (
    clauses.group &&
    hasAggregate &&
    !hasPlain &&
    show.entries.length === 1 &&
    !clauses.sort &&
    !clauses.having &&
    show.entries[0]!.kind === 'aggregate' &&
    show.entries[0]!.column === clauses.group
  )
    return true;
  if (clauses.sort?.limit !== undefined && clauses.sort.limit === 1 && hasAggregate && !clauses.group) return true;
  return false;
};

const sums = (input: BeamInput, limit: number): Sum[] => {
  const { sketch } = input;
  const slots = conditionSlots(input);
  const shows = showLists(input);
  const clauses = clauseChoices(input);
  const bySignature = new Map<string, WhereSet[]>();
  const whereFor = (used: readonly number[]): WhereSet[] => {
    const key = used.join(',');
    let sets = bySignature.get(key);
    if (!sets) bySignature.set(key, (sets = whereSets(input, slots, new Set(used), 8)));
    return sets;
  };
  const found: Sum[] = [];
  const plain = sketch.set.none;
  for (const clause of clauses) {
    for (const where of whereFor(clause.usedNumbers)) {
      const nestedBase = where.atoms.some((atom) => atom.kind === 'compare') ? 0 : 0;
      for (const show of shows) {
        if (impossible(show, clause)) continue;
        const base = clause.score + where.score + show.score;
        found.push({ where, show, clauses: clause, score: base + plain + sketch.nested.none + nestedBase });
        if (clause.having && clause.group === undefined) continue;
        for (const nesting of nestingsOf(input, show, where)) {
          if (!nesting) continue;
          if (nesting.kind === 'set' && (clause.group || clause.sort)) continue;
          // Conditions of a set operand are not those of the outer query that the sketch counts.
          found.push({ where, show, clauses: clause, nesting, score: base + nesting.score });
        }
      }
    }
  }
  // Sums whose tables no join connects would only push out those that can be asked.
  const kept: Sum[] = [];
  for (const sum of found.sort((a, b) => b.score - a.score)) {
    if (kept.length >= limit) break;
    if (joined(input, [...tablesUsed(sum)])) kept.push(sum);
  }
  return kept.length > 0
    ? kept
    : found
        .slice(0, limit)
        .map((sum) => connected(input, sum))
        .filter((sum) => joined(input, [...tablesUsed(sum)]));
};

/** Cost of a condition that is left out because nothing joins its table. */
const LEFT_OUT = 3;

/** The conditions of a sum whose tables hang together, taken from the surest on. */
const connected = (input: BeamInput, sum: Sum): Sum => {
  const bare: Sum = { where: { ...sum.where, atoms: [] }, show: sum.show, clauses: sum.clauses, score: sum.score };
  const tables = [...tablesUsed(bare)];
  const atoms = [...sum.where.atoms]
    .sort((a, b) => b.score - a.score)
    .filter((atom) => {
      if (!joined(input, [...new Set([...tables, atom.column.table])])) return false;
      tables.push(atom.column.table);
      return true;
    });
  const left = sum.where.atoms.length - atoms.length;
  return {
    ...bare,
    where: { ...sum.where, atoms, or: sum.where.or && left === 0, unused: sum.where.unused + left },
    score: sum.score - LEFT_OUT * left,
  };
};

const tablesUsed = ({ where, show, clauses, nesting }: Sum): Set<SchemaTable> => {
  const tables = new Set<SchemaTable>();
  const inner = nesting?.kind === 'never' ? nesting.atoms : [];
  for (const atom of where.atoms) if (!inner.includes(atom)) tables.add(atom.column.table);
  for (const entry of show.entries) if (entry.column) tables.add(entry.column.table);
  for (const column of [clauses.group, clauses.having?.column, clauses.sort?.column]) if (column) tables.add(column.table);
  return tables;
};

const baseFrom = ({ question, roles }: BeamInput): number =>
  question.schema.tables.reduce((sum, table) => sum + logOf(1 - roles.from[table.id]!), 0);

interface Joined {
  /** All tables of the join: those asked for, and those on the way. */
  readonly tables: ReadonlySet<SchemaTable>;
  readonly key: string;
  /** How likely just these are in FROM. */
  readonly score: number;
}

const joins = new WeakMap<BeamInput, Map<string, Joined | null>>();

const joined = (input: BeamInput, tables: readonly SchemaTable[]): Joined | undefined => {
  // In the order of the schema, so that the remembered trees are found again and equal sets have equal sums.
  const wanted = [...new Set(tables.map((table) => table.id))].sort((a, b) => a - b);
  let known = joins.get(input);
  if (!known) joins.set(input, (known = new Map()));
  const key = wanted.join(',');
  let found = known.get(key);
  if (found === undefined) {
    const { schema } = input.question;
    const all = wanted.length <= 1 ? wanted : joinTree(schema, wanted)?.tables;
    const ids = all && [...all].sort((a, b) => a - b);
    found = ids
      ? {
          tables: new Set(ids.map((id) => schema.tables[id]!)),
          key: ids.join(','),
          score: ids.reduce((sum, id) => sum + logit(input.roles.from[id]!), 0),
        }
      : null;
    known.set(key, found);
  }
  return found ?? undefined;
};

/** Tables by how likely they are in FROM. */
const likeliest = ({ question, roles }: BeamInput): SchemaTable[] =>
  question.schema.tables.filter((table) => !table.hidden).sort((a, b) => roles.from[b.id]! - roles.from[a.id]!);

/** A draft before it is written out: most of them fall behind the first. */
interface Choice {
  readonly sum: Sum;
  readonly root: SchemaTable | undefined;
  readonly through: readonly SchemaTable[];
  readonly join: Joined;
  readonly distinct: boolean;
  readonly tableScore: number;
  readonly distinctScore: number;
  readonly score: number;
}

const draftOf = ({ sum, root, through, join: { tables }, distinct, tableScore, distinctScore, score }: Choice): Draft => ({
  where: sum.where,
  show: sum.show,
  clauses: sum.clauses,
  ...(sum.nesting ? { nesting: sum.nesting } : {}),
  distinct,
  ...(root ? { root } : {}),
  through: through.filter((table) => tables.has(table)),
  score,
  parts: {
    where: sum.where.score,
    show: sum.show.score,
    columns: sum.show.columnScore,
    clauses: sum.clauses.score,
    nesting: sum.nesting?.score ?? 0,
    tables: tableScore,
    distinct: distinctScore,
    tableCount: tables.size,
    sum: sum.score,
  },
});

const withTables = (input: BeamInput, sum: Sum, { outside, likely }: { outside: number; likely: readonly SchemaTable[] }): Choice[] => {
  const used = [...tablesUsed(sum)];
  const variants: { root?: SchemaTable; through: SchemaTable[] }[] = [];
  const needsRoot = sum.show.entries.some((entry) => entry.kind === 'all') || used.length === 0;
  if (needsRoot) {
    for (const root of likely.slice(0, 3)) variants.push({ root, through: [] });
    const second = likely[1];
    if (second && input.roles.from[second.id]! > 0.3) variants.push({ root: likely[0]!, through: [second] });
  } else {
    variants.push({ through: [] });
    const extra = likely.filter((table) => !used.includes(table) && input.roles.from[table.id]! > 0.08).slice(0, 3);
    for (const table of extra) variants.push({ through: [table] });
    if (extra.length >= 2) variants.push({ through: extra.slice(0, 2) });
  }
  const choices: Choice[] = [];
  const seen = new Set<string>();
  for (const { root, through } of variants) {
    // Rows of a table that have none of their own are none.
    if (sum.nesting?.kind === 'never' && (root ?? sum.show.entries.find((entry) => entry.column)?.column?.table) === sum.nesting.table)
      continue;
    const wanted = [...(root ? [root] : []), ...used.filter((table) => table !== root), ...through];
    const join = joined(input, wanted);
    if (!join) continue;
    const key = `${root?.id ?? ''}:${join.key}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const tableScore = outside + join.score;
    const distinctYes = input.sketch.distinct.yes;
    const distinctNo = input.sketch.distinct.no;
    for (const distinct of [false, true]) {
      const distinctScore = distinct ? distinctYes : distinctNo;
      if (distinctScore < Math.log(0.02)) continue;
      if (distinct && (sum.clauses.group || sum.show.entries.every((entry) => entry.kind !== 'column'))) continue;
      choices.push({ sum, root, through, join, distinct, tableScore, distinctScore, score: sum.score + tableScore + distinctScore });
    }
  }
  return choices;
};

/** Candidate readings, the greatest sum of log-probabilities first. */
export const drafts = (input: BeamInput, limits: BeamLimits = {}): Draft[] => {
  const known = { outside: baseFrom(input), likely: likeliest(input) };
  const all = sums(input, limits.sums ?? 160).flatMap((sum) => withTables(input, sum, known));
  return all
    .sort((a, b) => b.score - a.score)
    .slice(0, limits.candidates ?? 60)
    .map(draftOf);
};
