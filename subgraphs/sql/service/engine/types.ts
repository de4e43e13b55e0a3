import type { Dialect } from './catalog';
import type { Evidence } from './learned/settled';
import type { QueryTree } from './tree';

export interface GenerateContext {
  /** The moment that "last month" counts from. @default the moment of the call */
  now?: Date;
  /** The query of the turn before, which a follow-up edits. */
  lastTree?: QueryTree;
  /** Queries before that one, the oldest first: what "undo" goes back to. */
  history?: QueryTree[];
  /** Only these tables may be used. */
  tables?: string[];
  /** @default the source's own */
  dialect?: Dialect;
}

export interface Generation {
  /** Null when no reading exists; `clarification` then says what was not understood. */
  sql: string | null;
  tree: QueryTree | null;
  dialect: Dialect;
  explanation: string;
  /** Words of the question and the clause they became. */
  interpretation: Interpretation[];
  unusedWords: string[];
  /** Estimated probability that the query is what was asked, 0 to 1. */
  confidence: number;
  /** The ranker's weight of the reading, 1 for the best: what `settleRivals` compares. Absent where no ranker chose. */
  weight?: number;
  /** What the learned reader knew of the reading: `settleRivals` reads it, nobody else. */
  evidence?: Evidence | undefined;
  alternatives: Alternative[];
  tablesUsed: string[];
  executionPlan: 'direct' | 'sequential' | 'decomposed';
  warnings: string[];
  clarification?: Clarification;
}

export interface Interpretation {
  words: string;
  clause: string;
}

export interface Alternative {
  sql: string;
  tree: QueryTree;
  explanation: string;
  interpretation?: Interpretation[];
  tablesUsed?: string[];
  confidence: number;
  weight?: number;
  evidence?: Evidence;
}

export interface Clarification {
  question: string;
  notUnderstood: string[];
  /** Names of the schema that come near to the words that were not understood. */
  nearest: { words: string; names: string[] }[];
  options: ReadingOption[];
}

/** One of the readings to choose from. */
export interface ReadingOption {
  label: string;
  sql: string;
  /** The first rows of its result; absent where it was not run. */
  result?: { columns: string[]; rows: readonly (readonly unknown[])[] };
}
