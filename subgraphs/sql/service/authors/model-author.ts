import { generateText, Output, type LanguageModel, type ModelMessage } from 'ai';
import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { AppError, errors } from '#platform/errors';

import type { GenerationResult } from '../generation-result';
import type { checkSql } from '../guard';
import type { ModelPort } from '../ports';
import type { QueryResult } from '../sandbox';
import type { StatementRunner } from '../statement-runner';

import type { Author, Reading } from './author';
import { correctionPrompt, systemPrompt, userPrompt, type Example } from './prompt';

export interface ModelAuthorParts {
  readonly models: ModelPort;
  readonly runner: Pick<StatementRunner, 'peek'>;
  readonly checkSql: typeof checkSql;
  /** Pairs that a person has approved for the source, newest first. */
  readonly examples: (caller: Caller, sourceId: string) => Promise<readonly Example[]>;
  /** The longest that a model may take for one question, its corrections included. @default 45_000 */
  readonly timeoutMs?: number;
}

const gaveOut = 'A language model was asked as well and gave no usable answer.';

const written = z.object({
  sql: z.string().nullable().describe('One read-only SELECT statement, or null where the tables cannot answer'),
  explanation: z.string().describe('What the statement answers, or what is missing, in one or two sentences'),
});

interface Attempt {
  readonly sql: string;
  readonly error: string | null;
}

interface Trial {
  readonly sql: string;
  readonly tables: readonly string[];
  readonly error: string | null;
  readonly rows?: QueryResult;
}

/** What another statement may mend. */
const correctable = new Set<string>(['QUERY_FAILED', 'SQL_REJECTED', 'TIMEOUT']);

const trial = { maxRows: 200, timeoutSeconds: 10 };

/**
 * A language model as second author. Its SQL passes the same guard as everyone's and is tried on the source; what is wrong goes back
 * to it, at most `maxRetries` times. A candidate whose rows equal those of the semantic engine's own reading gains confidence.
 */
export class ModelAuthor implements Author {
  readonly costs = true;
  readonly enough = 0.6;

  constructor(private readonly parts: ModelAuthorParts) {}

  writesFor(strategy: 'auto' | 'semantic' | 'llm'): boolean {
    return strategy !== 'semantic';
  }

  async write(caller: Caller, reading: Reading): Promise<GenerationResult | null> {
    const model = await this.parts.models(caller, {
      usageId: reading.question.usageId ?? undefined,
      isFresh: reading.question.refresh === true,
    });
    if (!model) return null;
    try {
      return await this.converse(caller, model, reading);
    } catch (error) {
      if (reading.signal?.aborted) throw error;
      // A model that is down or silent takes nothing away: neither the engine's answer nor what it asks back.
      const isBeyondUse = !(error instanceof AppError) || error.code !== 'QUERY_FAILED';
      if (reading.best && reading.question.strategy !== 'llm' && (reading.best.sql || isBeyondUse))
        return reading.best.sql ? null : { ...reading.best, warnings: [...reading.best.warnings, gaveOut] };
      throw error instanceof AppError ? error : errors.LLM_UNAVAILABLE({ hint: 'the model gave no usable answer' }, { cause: error });
    }
  }

  private async converse(caller: Caller, model: LanguageModel, reading: Reading): Promise<GenerationResult | null> {
    const { question, source, best, previous, now, signal } = reading;
    const limit = AbortSignal.timeout(this.parts.timeoutMs ?? 45_000);
    const deadline = signal ? AbortSignal.any([signal, limit]) : limit;
    const examples = await this.parts.examples(caller, source.id);
    const prompt = userPrompt({
      question: question.question,
      catalog: source.catalog,
      model: source.model,
      examples,
      linked: best?.tablesUsed ?? [],
      previous,
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
        abortSignal: deadline,
      });
      tokensUsed += answer.totalUsage.totalTokens ?? 0;
      const { sql, explanation } = answer.output;
      const base = { attempts, tokensUsed, explanation, model: typeof model === 'string' ? model : model.modelId };
      if (sql === null) return this.unanswered(reading, base);
      const outcome = await this.tryOut(caller, reading, sql);
      attempts.push({ sql, error: outcome.error });
      if (outcome.rows) return this.answered(caller, reading, { ...base, sql: outcome.sql, tables: outcome.tables, rows: outcome.rows });
      messages.push(
        { role: 'assistant', content: JSON.stringify({ sql, explanation }) },
        { role: 'user', content: correctionPrompt(sql, outcome.error ?? '') },
      );
    }
    if (best?.sql && question.strategy !== 'llm') return null;
    throw errors.QUERY_FAILED({ reason: 'no statement of the model could be used' }, { details: { attempts } });
  }

  /** Runs it as the caller, row policies included, so that neither an error nor an agreement tells of rows that the caller may not see. */
  private async tryOut(caller: Caller, { source, signal }: Reading, sql: string): Promise<Trial> {
    const checked = await this.parts.checkSql({ sql, dialect: source.catalog.dialect, catalog: source.catalog });
    if (!checked.ok) return { sql, tables: [], error: checked.errors.map(({ message }) => message).join('; ') };
    try {
      const rows = await this.parts.runner.peek(caller, { source, sql, ...trial, ...(signal ? { signal } : {}) });
      return { sql, tables: checked.tables, error: null, rows };
    } catch (error) {
      if (error instanceof AppError && correctable.has(error.code)) return { sql, tables: checked.tables, error: error.message };
      throw error;
    }
  }

  private async answered(
    caller: Caller,
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
    const agrees = reading.best?.sql ? await this.agrees(caller, reading, found.rows) : false;
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
    if (reading.best && reading.question.strategy !== 'llm') return null;
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

  private async agrees(caller: Caller, reading: Reading, rows: QueryResult): Promise<boolean> {
    const other = await this.tryOut(caller, reading, reading.best!.sql!);
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
