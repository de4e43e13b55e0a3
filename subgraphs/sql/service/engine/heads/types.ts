import type { LinkedQuestion } from '../link/types';
import type { QueryTree } from '../tree';

/** The decisions about the query as a whole, each with its labels. */
export const sketchLabels = {
  set: ['none', 'intersect', 'except', 'union'],
  items: ['1', '2', '3', '4'],
  /** The aggregate heads speak of the outer select list only; what sorts is the `sort` head's, HAVING the `having` head's. */
  countRows: ['no', 'yes'],
  countDistinct: ['no', 'yes'],
  sum: ['no', 'yes'],
  avg: ['no', 'yes'],
  min: ['no', 'yes'],
  max: ['no', 'yes'],
  distinct: ['no', 'yes'],
  star: ['no', 'yes'],
  group: ['no', 'yes'],
  having: ['no', 'yes'],
  /** What sorts, which way, and whether a limit follows (`1` or another number alike). */
  sort: [
    'none',
    'columnAsc',
    'columnDesc',
    'columnAscTop',
    'columnDescTop',
    'aggregateAsc',
    'aggregateDesc',
    'aggregateAscTop',
    'aggregateDescTop',
  ],
  /** Conditions in WHERE of the outer query. */
  conditions: ['0', '1', '2', '3'],
  or: ['no', 'yes'],
  /** `never`: NOT IN; `compare`: a comparison with an aggregate of a sub-select; `in`: IN a sub-select. */
  nested: ['none', 'never', 'compare', 'in'],
} as const;
export type SketchHead = keyof typeof sketchLabels;

/** Natural-log probabilities per head and label. */
export type Sketch = { readonly [Head in SketchHead]: Readonly<Record<(typeof sketchLabels)[Head][number], number>> };

/** Probabilities (0 to 1) per column id, of each thing that a column can be used for; `from` per table id: is the table in FROM? */
export interface Roles {
  select: ArrayLike<number>;
  aggregate: ArrayLike<number>;
  where: ArrayLike<number>;
  group: ArrayLike<number>;
  order: ArrayLike<number>;
  from: ArrayLike<number>;
}

/** One possible query with what it is made of. */
export interface Candidate {
  tree: QueryTree;
  /** Sum of the parts' log-probabilities and costs. */
  score: number;
  /** The sum's terms by name, for the ranker and for error analysis. */
  parts: Record<string, number>;
}

/** The learned (or hand-set) judgement that the generator asks for. Pure and synchronous. */
export interface Heads {
  sketch(question: LinkedQuestion): Sketch;
  roles(question: LinkedQuestion, sketch: Sketch): Roles;
  /** A score per candidate, the higher the better; the best one's probability of being right is `confidence`. */
  rank(question: LinkedQuestion, candidates: Candidate[]): { scores: number[]; confidence: number };
}
