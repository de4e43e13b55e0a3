/** Set operations and "never" as variations of a draft. */
import { adjacent } from '../schema/join-tree';
import type { SchemaTable } from '../schema/types';
import { logOf } from './beam-types';
import type { Atom, BeamInput, Nesting, ShowList, WhereSet } from './beam-types';

const LEAST = Math.log(0.03);

const related = (input: BeamInput, table: SchemaTable): SchemaTable[] => {
  const near = new Set<SchemaTable>();
  const { schema } = input.question;
  for (const edge of adjacent(schema, table.id))
    for (const side of [edge.from[0]!.table, edge.to[0]!.table]) if (side !== table) near.add(side);
  // Two joins away, over a table that only links.
  for (const other of [...near]) {
    for (const edge of adjacent(schema, other.id))
      for (const side of [edge.from[0]!.table, edge.to[0]!.table]) if (side !== table) near.add(side);
  }
  return [...near];
};

export const nestingsOf = (input: BeamInput, show: ShowList, where: WhereSet): (Nesting | undefined)[] => {
  const { sketch, roles } = input;
  const found: (Nesting | undefined)[] = [];
  const main = show.entries.find((entry) => entry.column)?.column?.table ?? mostLikely(input);
  const negation = input.question.cues.some((cue) => cue.cue === 'negation' || cue.cue === 'never');
  const least = negation ? LEAST - 2 : LEAST;
  const never = Math.max(sketch.nested.never, sketch.set.except - 0.3);
  if (never > least && main && !where.or) {
    const tables = related(input, main)
      .sort((a, b) => score(b) - score(a))
      .slice(0, 3);
    for (const table of tables) {
      if (table === main) continue;
      const inside = where.atoms.filter(
        (atom) => atom.column.table !== main && !show.entries.some((entry) => entry.column?.table === atom.column.table),
      );
      found.push({ kind: 'never', table: inside[0]?.column.table ?? table, atoms: inside, score: never + score(table) });
      if (inside.length > 0) break;
    }
  }
  const plainShow = show.entries.every((entry) => entry.kind === 'column' || entry.kind === 'all');
  if (where.atoms.length >= 2 && !where.or) {
    const [first, second] = where.atoms.slice(-2) as [Atom, Atom];
    const shared = where.atoms.slice(0, -2);
    for (const operator of ['intersect', 'union'] as const) {
      if (sketch.set[operator] > LEAST && plainShow)
        found.push({
          kind: 'set',
          operator,
          left: [...shared, first],
          right: [...shared, second],
          score: sketch.set[operator] + (first.column === second.column ? 3 : 0),
        });
    }
  }
  if (where.atoms.length >= 1 && sketch.set.except > least && plainShow && !where.or) {
    const last = where.atoms[where.atoms.length - 1]!;
    found.push({ kind: 'set', operator: 'except', left: where.atoms.slice(0, -1), right: [last], score: sketch.set.except });
  }
  return found;

  function score(table: SchemaTable): number {
    const named = input.mentions.tables[table.id]![0]?.strength ?? 0;
    return logOf(Math.max(roles.inner[table.id]!, 0.3 * roles.from[table.id]!)) + named;
  }
};

const mostLikely = ({ question, roles }: BeamInput): SchemaTable | undefined =>
  [...question.schema.tables].sort((a, b) => roles.from[b.id]! - roles.from[a.id]!)[0];
