import type { Caller } from '#platform/auth';
import type { GenerationResult } from '../generation-result';
import { tablesOf } from '../guard';

import type { Author, Reading } from './author';
import type { Example } from './prompt';
import { fillSlots } from './slots';

/** What a person has approved: the same question, or one that differs in a value. */
export class VerifiedAuthor implements Author {
  readonly costs = false;
  readonly enough = 2;

  constructor(private readonly approved: (caller: Caller, sourceId: string) => Promise<readonly Example[]>) {}

  writesFor(strategy: 'auto' | 'semantic' | 'llm'): boolean {
    return strategy !== 'llm';
  }

  async write(caller: Caller, { question, source, previous }: Reading): Promise<GenerationResult | null> {
    if (previous) return null;
    for (const pair of await this.approved(caller, source.id)) {
      const sql = fillSlots(pair, question.question, source.catalog);
      if (sql === null) continue;
      return {
        queryId: null,
        source,
        sql,
        tree: null,
        dialect: source.catalog.dialect,
        explanation: `A verified query: "${pair.question}".`,
        interpretation: [{ words: question.question, clause: `the verified query "${pair.question}"` }],
        unusedWords: [],
        confidence: 1,
        alternatives: [],
        tablesUsed: await tablesOf(sql, source.catalog.dialect),
        executionPlan: 'direct',
        warnings: [],
        engine: 'verified',
        attempts: [{ sql, error: null }],
        model: null,
        tokensUsed: 0,
      };
    }
    return null;
  }
}
