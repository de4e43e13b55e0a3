import type { QueryTree } from '../engine';
import { hasAggregate, windowsIn } from '../engine/tree-walk';

import { expressionOf, headingOf, splitSelect } from './select-list';

export interface Statement {
  readonly tree: QueryTree;
  /** Rendered from the tree. */
  readonly sql: string;
}

/** One statement in place of several. */
export interface Combined {
  readonly sql: string;
  /** For each statement that it stands for: its place among the given ones, and the places of its columns in the result. */
  readonly parts: readonly { readonly statement: number; readonly columns: readonly number[] }[];
}

interface Pile {
  readonly rest: string;
  /** Item → its place in the select list. */
  readonly places: Map<string, number>;
  readonly headings: Set<string>;
  readonly parts: { statement: number; columns: readonly number[] }[];
}

/**
 * Statements that read the same rows in the same groups become one that shows what each of them shows. The proof is in the text: after
 * the select list they are the same character by character, so every item means in the common statement what it meant in its own. What
 * is cut off (LIMIT), deduplicated or computed over the grouped rows stays alone.
 */
export function combine(statements: readonly Statement[]): readonly Combined[] {
  const piles: Pile[] = [];
  const alone: Combined[] = [];
  for (const [place, { tree, sql }] of statements.entries()) {
    const split = isPlain(tree) ? splitSelect(sql) : null;
    if (split?.items.length !== tree.show.length || !split.items.every(headingOf)) {
      alone.push({ sql, parts: [{ statement: place, columns: tree.show.map((_, column) => column) }] });
      continue;
    }
    const pile = piles.find((other) => other.rest === split.rest && fits(other, split.items));
    if (pile) add(pile, place, split.items);
    else piles.push(add({ rest: split.rest, places: new Map(), headings: new Set(), parts: [] }, place, split.items));
  }
  return [...piles.map(toStatement), ...alone];
}

const isPlain = (tree: QueryTree): boolean =>
  !tree.set &&
  !tree.topPer &&
  !tree.distinct &&
  tree.limit === undefined &&
  !windowsIn(tree) &&
  tree.show.some(({ expression }) => hasAggregate(expression));

/**
 * No heading twice, and none that the other side's items, or a clause after FROM, could take for its own: some engines read a heading
 * where a column of that name exists. Within one statement it was so before.
 */
function fits({ places, headings, rest }: Pile, items: readonly string[]): boolean {
  const shared = new Set(items);
  const own = items.filter((item) => !places.has(item));
  const others = [...places.keys()].filter((item) => !shared.has(item));
  const clauses = wordsOf(rest.slice(/\n(?:WHERE|GROUP BY|HAVING|ORDER BY) /.exec(rest)?.index ?? rest.length));
  const isTaken = (item: string, by: readonly string[]): boolean =>
    clauses.has(headingOf(item)!) || by.some((other) => wordsOf(expressionOf(other)).has(headingOf(item)!));
  return own.every((item) => !headings.has(headingOf(item)!) && !isTaken(item, others)) && others.every((item) => !isTaken(item, own));
}

/** Names as a column would be written: not those of functions, nor of the table before a dot. */
const wordsOf = (sql: string): ReadonlySet<string> => new Set(sql.toLowerCase().match(/[\p{L}\p{N}_]+(?![\p{L}\p{N}_.(])/gu));

function add(pile: Pile, statement: number, items: readonly string[]): Pile {
  for (const item of items) {
    if (pile.places.has(item)) continue;
    pile.places.set(item, pile.places.size);
    pile.headings.add(headingOf(item)!);
  }
  pile.parts.push({ statement, columns: items.map((item) => pile.places.get(item)!) });
  return pile;
}

const toStatement = ({ places, rest, parts }: Pile): Combined => ({ sql: `SELECT ${[...places.keys()].join(', ')}${rest}`, parts });
