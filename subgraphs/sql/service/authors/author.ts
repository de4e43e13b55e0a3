import type { Caller } from '#platform/auth';

import type { GenerationResult } from '../generation-result';
import type { Question } from '../question-input';
import type { ReadySource } from '../sources/ready-source';

export interface Reading {
  readonly question: Question;
  readonly source: ReadySource;
  /** The tree of the query that the question follows; null where there is none. */
  readonly previous: unknown;
  readonly now: Date;
  readonly signal?: AbortSignal;
  /** The best that the authors before have written. */
  readonly best?: GenerationResult;
}

/** Someone who can write SQL for a question. All of them stand behind the same guard. */
export interface Author {
  /** From this confidence on, no further author is asked. */
  readonly enough: number;
  writesFor(strategy: 'auto' | 'semantic' | 'llm'): boolean;
  /** Null where this author has nothing to say about the question. */
  write(caller: Caller, reading: Reading): Promise<GenerationResult | null>;
}
