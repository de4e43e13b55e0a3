import type { GenerateContext, Generation } from './types';
import type { QueryTree } from './tree';

export interface Suggestion {
  question: string;
  tables: string[];
}

export interface SemanticEngine {
  generate(question: string, context?: GenerateContext): Generation;
  /** Questions that this source can answer and that begin with, or are about, what was typed so far. */
  suggestions(prefix: string, limit: number): Suggestion[];
  /** A follow-up applied to the query before: "only Europe", "by week instead"; null where it is none. */
  edit(lastTree: QueryTree, followUp: string, context?: GenerateContext): Generation | null;
}
