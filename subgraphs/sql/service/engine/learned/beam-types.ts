import type { Roles, Sketch } from '../heads/types';
import type { LinkedQuestion } from '../link/types';
import type { SchemaColumn, SchemaTable } from '../schema/types';
import type { Aggregate, AggregateFunction, ColumnRef, Condition, QueryTree } from '../tree';
import type { Mentions } from './mentions';

/** Roles with what only nested queries read. */
export interface LearnedRoles extends Roles {
  /** Probability per table id that only a nested query reads it. */
  inner: ArrayLike<number>;
}

export interface BeamInput {
  readonly question: LinkedQuestion;
  readonly mentions: Mentions;
  readonly sketch: Sketch;
  readonly roles: LearnedRoles;
  /** Shares of the roles by the words around each column's mention, in the order of `contextRoles`. */
  readonly context: readonly (ArrayLike<number> | undefined)[];
}

/** A condition with what it used up of the question. */
export interface Atom {
  readonly condition: Condition;
  readonly column: SchemaColumn;
  readonly kind: 'value' | 'number' | 'like' | 'null' | 'compare' | 'time';
  readonly negated: boolean;
  readonly from: number;
  readonly to: number;
  readonly score: number;
  /** Strength of the link that it came from. */
  readonly strength: number;
}

export interface WhereSet {
  readonly atoms: readonly Atom[];
  /** The last two atoms are alternatives. */
  readonly or: boolean;
  readonly score: number;
  readonly unused: number;
}

export interface ShowEntry {
  readonly kind: 'column' | 'aggregate' | 'count' | 'all';
  readonly column?: SchemaColumn;
  readonly fn?: AggregateFunction;
  readonly distinct?: boolean;
}

export interface ShowList {
  readonly entries: readonly ShowEntry[];
  readonly score: number;
  readonly columnScore: number;
}

export interface SortChoice {
  readonly column?: SchemaColumn;
  readonly fn?: AggregateFunction;
  readonly direction: 'asc' | 'desc';
  readonly limit?: number;
}

export interface HavingChoice {
  readonly fn: AggregateFunction;
  readonly column?: SchemaColumn;
  readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=';
  readonly value: number;
}

export interface Clauses {
  readonly group?: SchemaColumn;
  readonly having?: HavingChoice;
  readonly sort?: SortChoice;
  readonly score: number;
  readonly usedNumbers: readonly number[];
}

export type Nesting =
  | { readonly kind: 'never'; readonly table: SchemaTable; readonly atoms: readonly Atom[]; readonly score: number }
  | {
      readonly kind: 'set';
      readonly operator: 'intersect' | 'union' | 'except';
      readonly left: readonly Atom[];
      readonly right: readonly Atom[];
      readonly rightTable?: SchemaTable;
      readonly score: number;
    };

export interface Draft {
  readonly where: WhereSet;
  readonly show: ShowList;
  readonly clauses: Clauses;
  readonly nesting?: Nesting;
  readonly distinct: boolean;
  readonly root?: SchemaTable;
  readonly through: readonly SchemaTable[];
  readonly score: number;
  readonly parts: Readonly<Record<string, number>>;
}

export interface DraftCandidate {
  readonly draft: Draft;
  readonly tree: QueryTree;
  readonly score: number;
}

export const columnRef = (column: SchemaColumn): ColumnRef => ({ kind: 'column', table: column.table.name, column: column.name });
export const aggregate = (fn: AggregateFunction, column?: SchemaColumn, distinct?: boolean): Aggregate => ({
  kind: 'aggregate',
  fn,
  ...(column ? { of: columnRef(column) } : {}),
  ...(distinct ? { distinct: true } : {}),
});

export const logOf = (probability: number): number => Math.log(Math.min(0.9995, Math.max(0.0005, probability)));
export const logit = (probability: number): number => {
  const clipped = Math.min(0.9975, Math.max(0.0025, probability));
  return Math.log(clipped / (1 - clipped));
};
