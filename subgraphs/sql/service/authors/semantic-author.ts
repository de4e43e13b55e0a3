import type { Caller } from '#platform/auth';

import type { EngineRegistry } from '../engine-registry';
import type { GenerationResult } from '../generation-result';

import type { Author, Reading } from './author';

/** The semantic engine: deterministic, explainable, in milliseconds, with no model. */
export class SemanticAuthor implements Author {
  readonly costs = false;
  readonly enough = 1;

  constructor(private readonly engines: EngineRegistry) {}

  writesFor(strategy: 'auto' | 'semantic' | 'llm'): boolean {
    return strategy !== 'llm';
  }

  write(_caller: Caller, { question, source, previous, now }: Reading): Promise<GenerationResult> {
    const generation = this.engines.for(source).generate(question.question, {
      now,
      ...(previous?.tree ? { lastTree: previous.tree, history: [...previous.history] } : {}),
      ...(question.schemaContext ? { tables: question.schemaContext } : {}),
      ...(question.dialect ? { dialect: question.dialect } : {}),
    });
    const attempts = generation.sql === null ? [] : [{ sql: generation.sql, error: null }];
    return Promise.resolve({ ...generation, queryId: null, source, engine: 'semantic', attempts, model: null, tokensUsed: 0 });
  }
}
