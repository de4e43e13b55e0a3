import type { Caller } from '#platform/auth';

import type { QueryTree } from '../engine';
import type { GenerationResult } from '../generation-result';
import type { Question } from '../question-input';
import type { ReadySource } from '../sources/ready-source';

export interface PreviousQuery {
  /** Null where the query has no tree, such as one of a model. */
  readonly tree: QueryTree | null;
  /** What "undo" goes back to, the oldest first. */
  readonly history: readonly QueryTree[];
  readonly question: string | null;
  readonly sql: string;
}

export interface Reading {
  readonly question: Question;
  readonly source: ReadySource;
  /** The query that the question follows; null where there is none. */
  readonly previous: PreviousQuery | null;
  readonly now: Date;
  readonly signal?: AbortSignal;
  /** The best that the authors before have written. */
  readonly best?: GenerationResult;
}

/** Someone who can write SQL for a question. All of them stand behind the same guard. */
export interface Author {
  /** True where each question costs money or time. */
  readonly costs: boolean;
  /** Not asked where an author before is at least as sure as this. */
  readonly enough: number;
  writesFor(strategy: 'auto' | 'semantic' | 'llm'): boolean;
  /** Null where this author has nothing to say about the question. */
  write(caller: Caller, reading: Reading): Promise<GenerationResult | null>;
}
