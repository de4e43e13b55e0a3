import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';

import type { SqlTables } from '../../store/rows';
import type { VerifiedQueryStore } from '../../store/verified-query.store';
import type { GenerationResult } from '../generation-result';

import type { Author, Reading } from './author';
import { fillSlots } from './slots';

export interface VerifiedAuthorParts {
  readonly db: Database<SqlTables>;
  readonly store: VerifiedQueryStore;
}

/** What a person has approved: the same question, or one that differs in a value. */
export class VerifiedAuthor implements Author {
  readonly enough = 1;

  constructor(private readonly parts: VerifiedAuthorParts) {}

  writesFor(strategy: 'auto' | 'semantic' | 'llm'): boolean {
    return strategy !== 'llm';
  }

  async write(caller: Caller, { question, source, previous }: Reading): Promise<GenerationResult | null> {
    if (previous) return null;
    const approved = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.list(tx, caller.tenantId, source.id));
    for (const pair of approved) {
      if (pair.status !== 'approved') continue;
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
        tablesUsed: [],
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
