import type { Caller } from '#platform/auth';
import { newId } from '#platform/db';
import { errors, readInput } from '#platform/errors';
import { chartFor } from '#platform/charts';

import type { EngineRegistry } from './engine-registry';
import { insightsOf } from './insights';
import { readFilters, type Filter } from './filters';
import { policy } from './policy';
import type { QueryHistory } from './query-history';
import { askRules, questionRules, type Ask, type Question } from './question-input';
import type { GenerationResult } from './generation-result';
import type { RivalReadings } from './rival-readings';
import type { SourceDirectory } from './sources/source-directory';
import type { RunOutcome, StatementRunner } from './statement-runner';
import type { QuestionReader, ReadQuestion } from './question-reader';

export interface QuestionServiceParts {
  readonly directory: SourceDirectory;
  readonly engines: EngineRegistry;
  readonly reader: QuestionReader;
  readonly rivals: RivalReadings;
  readonly runner: StatementRunner;
  readonly history: QueryHistory;
  readonly now: () => Date;
}

export type Answer = GenerationResult &
  Partial<Omit<RunOutcome, 'queryId'>> & { readonly visualization: unknown; readonly insights: readonly string[] };

/** A question becomes SQL, and SQL an answer. */
export class QuestionService {
  constructor(private readonly parts: QuestionServiceParts) {}

  async generate(caller: Caller, input: unknown, signal?: AbortSignal): Promise<GenerationResult> {
    policy.require(caller, 'query:run');
    const question = readInput(questionRules, input);
    return this.keep(caller, question, await this.read(caller, question, signal));
  }

  /** The statement that `ask` would run, with its filters in it, and how it is to be run. Nothing is kept. */
  async prepare(caller: Caller, input: unknown, signal?: AbortSignal): Promise<ReadQuestion & { readonly question: Ask }> {
    policy.require(caller, 'query:run');
    const question = readInput(askRules, input);
    const { generated, previousId } = await this.read(caller, question, signal);
    return { question, generated: this.filter(generated, readFilters(question.filters)), previousId };
  }

  async ask(caller: Caller, input: unknown, signal?: AbortSignal): Promise<Answer> {
    policy.require(caller, 'query:run');
    const { question, generated, previousId } = await this.prepare(caller, input, signal);
    const runnable = generated.sql !== null && generated.source && generated.dialect === generated.source.catalog.dialect;
    if (!runnable || generated.confidence < (question.minConfidence ?? 0)) {
      const kept = await this.keep(caller, question, { generated, previousId });
      return {
        ...kept,
        columns: [],
        rows: [],
        rowCount: 0,
        truncated: false,
        executionTimeMs: 0,
        cacheHit: false,
        visualization: null,
        insights: [],
      };
    }
    const outcome = await this.parts.runner.run(caller, {
      source: generated.source!,
      sql: generated.sql!,
      timeoutSeconds: question.timeoutSeconds,
      maxRows: question.maxRows,
      refresh: question.refresh,
      signal,
      origin: {
        question: question.question,
        plan: generated.tree,
        engine: generated.engine,
        confidence: generated.confidence,
        sessionId: question.sessionId ?? null,
        previousId,
      },
    });
    const chart = chartFor({ columns: outcome.columns, rows: outcome.rows });
    return {
      ...generated,
      ...outcome,
      visualization: outcome.rows.length > 0 ? chart : null,
      insights: insightsOf(outcome),
    };
  }

  async suggestions(
    caller: Caller,
    { q = '', sourceId, limit = 10 }: { q?: string; sourceId?: string; limit?: number },
  ): Promise<{ question: string; sourceId: string; tables: string[] }[]> {
    policy.require(caller, 'source:read');
    if (limit < 1 || limit > 50) throw errors.INVALID_REQUEST({ what: 'limit', hint: 'it must be 1 to 50' }, { field: 'limit' });
    const sources = sourceId ? [await this.parts.directory.require(caller, sourceId)] : await this.parts.directory.list(caller);
    const perSource = sources.map((source) =>
      this.parts.engines
        .for(source)
        .suggestions(q, limit)
        .map(({ question, tables }) => ({ question, tables, sourceId: source.id })),
    );
    // One of each source in turn, so that a large source does not hide the others.
    const longest = Math.max(0, ...perSource.map((list) => list.length));
    return Array.from({ length: longest }, (_, place) => perSource.flatMap((list) => list[place] ?? []))
      .flat()
      .slice(0, limit);
  }

  /** Adds filters to the query tree; a statement without a tree, or a field that the source does not have, is warned of. */
  private filter(generated: GenerationResult, filters: readonly Filter[]): GenerationResult {
    if (filters.length === 0 || generated.sql === null || !generated.source) return generated;
    if (!generated.tree)
      return { ...generated, warnings: [...generated.warnings, 'Filters do not apply to this statement: it has no query tree.'] };
    const query = { tree: generated.tree, filters, tables: generated.tablesUsed, now: this.parts.now() };
    const { tree, sql, ignored } = this.parts.engines.filtered(generated.source, query);
    return {
      ...generated,
      tree,
      sql,
      warnings: [...generated.warnings, ...ignored.map((field) => `The filter on ${field} does not apply: the source has no such field.`)],
    };
  }

  private async read(caller: Caller, question: Question, signal?: AbortSignal): Promise<ReadQuestion> {
    const { generated, previousId } = await this.parts.reader.read(caller, question, signal);
    const settled = await this.parts.rivals.settle(caller, generated, signal);
    // What goes on from an answer that was good enough is not held against the bar again.
    const isHeld = settled.source !== null && !question.previousQueryId;
    return { generated: isHeld ? this.parts.engines.hold(settled.source!, question.question, settled) : settled, previousId };
  }

  private async keep(caller: Caller, question: Question, { generated, previousId }: ReadQuestion): Promise<GenerationResult> {
    if (generated.sql === null || !generated.source) return generated;
    const id = newId('qry');
    await this.parts.history.record(caller, {
      id,
      sourceId: generated.source.id,
      sessionId: question.sessionId ?? null,
      previousId,
      question: question.question,
      sql: generated.sql,
      dialect: generated.dialect,
      plan: generated.tree,
      engine: generated.engine,
      confidence: generated.confidence,
      status: 'generated',
    });
    return { ...generated, queryId: id };
  }
}
