import type { Caller } from '#platform/auth';

import type { QueryTree } from '../engine';
import type { EngineRegistry } from '../engine-registry';
import type { GenerationResult } from '../generation-result';

import type { Author, Reading } from './author';

/** The semantic engine: deterministic, explainable, in milliseconds, with no model. */
export class SemanticAuthor implements Author {
  constructor(
    private readonly engines: EngineRegistry,
    readonly enough = 0.6,
  ) {}

  writesFor(strategy: 'auto' | 'semantic' | 'llm'): boolean {
    return strategy !== 'llm';
  }

  write(_caller: Caller, { question, source, previous, now }: Reading): Promise<GenerationResult> {
    const generation = this.engines.for(source).generate(question.question, {
      now,
      ...(previous ? { lastTree: previous as QueryTree } : {}),
      ...(question.schemaContext ? { tables: question.schemaContext } : {}),
      ...(question.dialect ? { dialect: question.dialect } : {}),
    });
    const attempts = generation.sql === null ? [] : [{ sql: generation.sql, error: null }];
    return Promise.resolve({ ...generation, queryId: null, source, engine: 'semantic', attempts, model: null, tokensUsed: 0 });
  }
}
