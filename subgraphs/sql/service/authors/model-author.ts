import { generateText, Output, type LanguageModel, type ModelMessage } from 'ai';
import { z } from 'zod';

import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { AppError, errors } from '#platform/errors';

import type { SqlTables } from '../../store/rows';
import type { VerifiedQueryStore } from '../../store/verified-query.store';
import type { GenerationResult } from '../generation-result';
import type { checkSql } from '../guard';
import type { ModelPort } from '../ports';
import type { QueryResult } from '../sandbox';
import type { OpenSources } from '../sources/open-sources';

import type { Author, Reading } from './author';
import { correctionPrompt, systemPrompt, userPrompt } from './prompt';

export interface ModelAuthorParts {
  readonly models: ModelPort;
  readonly sources: OpenSources;
  readonly checkSql: typeof checkSql;
  readonly db: Database<SqlTables>;
  readonly store: VerifiedQueryStore;
}

const written = z.object({
  sql: z.string().nullable().describe('One read-only SELECT statement, or null where the tables cannot answer'),
  explanation: z.string().describe('What the statement answers, or what is missing, in one or two sentences'),
});

interface Attempt {
  readonly sql: string;
  readonly error: string | null;
}

const trial = { maxRows: 200, maxBytes: 4_194_304, timeoutMs: 10_000 };

/**
 * A language model as second author. Its SQL passes the same guard as everyone's and is tried on the source; what is wrong goes back
 * to it, at most `maxRetries` times. A candidate whose rows equal those of the semantic engine's own reading gains confidence.
 */
export class ModelAuthor implements Author {
  readonly enough = 1;

  constructor(private readonly parts: ModelAuthorParts) {}

  writesFor(strategy: 'auto' | 'semantic' | 'llm'): boolean {
    return strategy !== 'semantic';
  }

  async write(caller: Caller, reading: Reading): Promise<GenerationResult | null> {
    const model = await this.parts.models(caller);
    if (!model) return null;
    try {
      return await this.converse(caller, model, reading);
    } catch (error) {
      // Where the semantic engine has an answer, a model that is down takes nothing away.
      if (reading.best?.sql && reading.question.strategy !== 'llm') return null;
      throw error instanceof AppError ? error : errors.LLM_UNAVAILABLE({ hint: 'the model gave no usable answer' }, { cause: error });
    }
  }

  private async converse(caller: Caller, model: LanguageModel, reading: Reading): Promise<GenerationResult | null> {
    const { question, source, best, now, signal } = reading;
    const examples = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.list(tx, caller.tenantId, source.id));
    const prompt = userPrompt({
      question: question.question,
      catalog: source.catalog,
      model: source.model,
      examples,
      linked: best?.tablesUsed ?? [],
      now,
    });
    const messages: ModelMessage[] = [{ role: 'user', content: prompt }];
    const attempts: Attempt[] = [];
    let tokensUsed = 0;
    for (let turn = 0; turn <= (question.maxRetries ?? 3); turn += 1) {
      const answer = await generateText({
        model,
        system: systemPrompt(source.catalog.dialect),
        messages,
        output: Output.object({ schema: written }),
        maxRetries: 0,
        maxOutputTokens: 4_000,
        ...(signal ? { abortSignal: signal } : {}),
      });
      tokensUsed += answer.totalUsage.totalTokens ?? 0;
      const { sql, explanation } = answer.output;
      const base = { attempts, tokensUsed, explanation, model: typeof model === 'string' ? model : model.modelId };
      if (sql === null) return this.unanswered(reading, base);
      const outcome = await this.tryOut(reading, sql);
      attempts.push({ sql, error: outcome.error });
      if (outcome.rows) return this.answered(reading, { ...base, sql: outcome.sql, tables: outcome.tables, rows: outcome.rows });
      messages.push(
        { role: 'assistant', content: JSON.stringify({ sql, explanation }) },
        { role: 'user', content: correctionPrompt(sql, outcome.error ?? '') },
      );
    }
    if (best?.sql && question.strategy !== 'llm') return null;
    throw errors.QUERY_FAILED({ reason: 'no statement of the model could be used' }, { details: { attempts } });
  }

  private async tryOut(
    { source, signal }: Reading,
    sql: string,
  ): Promise<{ sql: string; tables: readonly string[]; error: string | null; rows?: QueryResult }> {
    const checked = await this.parts.checkSql({ sql, dialect: source.catalog.dialect, catalog: source.catalog });
    if (!checked.ok) return { sql, tables: [], error: checked.errors.map(({ message }) => message).join('; ') };
    try {
      const rows = await this.parts.sources.use(source, (adapter) =>
        adapter.query({ ...trial, sql: checked.normalizedSql, ...(signal ? { signal } : {}) }),
      );
      return { sql, tables: checked.tables, error: null, rows };
    } catch (error) {
      if (error instanceof AppError && (error.code === 'QUERY_FAILED' || error.code === 'TIMEOUT'))
        return { sql, tables: checked.tables, error: error.message };
      throw error;
    }
  }

  private async answered(
    reading: Reading,
    found: {
      sql: string;
      tables: readonly string[];
      rows: QueryResult;
      explanation: string;
      attempts: Attempt[];
      tokensUsed: number;
      model: string;
    },
  ): Promise<GenerationResult> {
    const agrees = reading.best?.sql ? await this.agrees(reading, found.rows) : false;
    return {
      queryId: null,
      source: reading.source,
      sql: found.sql,
      tree: null,
      dialect: reading.source.catalog.dialect,
      explanation: found.explanation,
      interpretation: [],
      unusedWords: [],
      confidence: agrees ? 0.95 : Math.max(0.3, 0.75 - 0.1 * (found.attempts.length - 1)),
      alternatives:
        reading.best?.sql && !agrees
          ? [
              {
                sql: reading.best.sql,
                tree: reading.best.tree!,
                explanation: reading.best.explanation,
                confidence: reading.best.confidence,
              },
            ]
          : [],
      tablesUsed: [...found.tables],
      executionPlan: 'direct',
      warnings: agrees ? [] : ['Written by a language model; compare the explanation with the question.'],
      engine: 'llm',
      attempts: found.attempts,
      model: found.model,
      tokensUsed: found.tokensUsed,
    };
  }

  private unanswered(
    reading: Reading,
    found: { explanation: string; attempts: Attempt[]; tokensUsed: number; model: string },
  ): GenerationResult | null {
    if (reading.best) return null;
    return {
      queryId: null,
      source: reading.source,
      sql: null,
      tree: null,
      dialect: reading.source.catalog.dialect,
      explanation: found.explanation,
      interpretation: [],
      unusedWords: [],
      confidence: 0,
      alternatives: [],
      tablesUsed: [],
      executionPlan: 'direct',
      warnings: [],
      clarification: { question: found.explanation, notUnderstood: [], nearest: [], options: [] },
      engine: 'llm',
      attempts: found.attempts,
      model: found.model,
      tokensUsed: found.tokensUsed,
    };
  }

  private async agrees(reading: Reading, rows: QueryResult): Promise<boolean> {
    const other = await this.tryOut(reading, reading.best!.sql!);
    return other.rows !== undefined && fingerprint(other.rows) === fingerprint(rows);
  }
}

/** The same rows in any order, numbers to four places. */
const fingerprint = ({ rows }: QueryResult): string =>
  rows
    .map((row) =>
      JSON.stringify(
        row
          .map((cell) => (typeof cell === 'number' ? Number(cell.toFixed(4)) : cell))
          .map(String)
          .sort(),
      ),
    )
    .sort()
    .join('\n');
