import type { Caller } from '#platform/auth';
import { newId } from '#platform/db';
import { errors } from '#platform/errors';
import { chartFor } from '#platform/charts';

import type { EngineRegistry } from './engine-registry';
import { insightsOf } from './insights';
import { readFilters, type Filter } from './filters';
import { policy } from './policy';
import type { QueryHistory } from './query-history';
import { askRules, questionRules, readInput, type Question } from './question-input';
import type { GenerationResult } from './generation-result';
import type { SourceDirectory } from './sources/source-directory';
import type { ReadySource } from './sources/ready-source';
import type { RunOutcome, StatementRunner } from './statement-runner';
import type { Author } from './authors/author';

export interface QuestionServiceParts {
  readonly directory: SourceDirectory;
  readonly engines: EngineRegistry;
  /** In the order in which they are asked: verified queries, the semantic engine, a model. */
  readonly authors: readonly Author[];
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
    const generated = await this.read(caller, question, signal);
    return this.keep(caller, question, generated);
  }

  async ask(caller: Caller, input: unknown, signal?: AbortSignal): Promise<Answer> {
    policy.require(caller, 'query:run');
    const question = readInput(askRules, input);
    const generated = this.filter(await this.read(caller, question, signal), readFilters(question.filters));
    const runnable = generated.sql !== null && generated.source && generated.dialect === generated.source.catalog.dialect;
    if (!runnable || generated.confidence < (question.minConfidence ?? 0)) {
      const kept = await this.keep(caller, question, generated);
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

  /** Reads the question against its source, or against every source of the tenant, and takes the surest reading. */
  private async read(caller: Caller, question: Question, signal?: AbortSignal): Promise<GenerationResult> {
    const sources = question.sourceId
      ? [await this.parts.directory.require(caller, question.sourceId)]
      : await this.sourcesFor(caller, question);
    if (sources.length === 0) {
      throw errors.INVALID_REQUEST(
        { what: 'source_id', hint: 'this tenant has no source yet: add one at /api/v1/sql/sources' },
        { field: 'source_id' },
      );
    }
    const previous = question.previousQueryId ? await this.previous(caller, question.previousQueryId) : null;
    const readings: GenerationResult[] = [];
    for (const source of sources) readings.push(await this.readOne(caller, { question, source, previous, signal }));
    const answered = readings.filter(({ sql }) => sql !== null).sort((a, b) => b.confidence - a.confidence);
    return answered[0] ?? readings.sort((a, b) => understood(b) - understood(a))[0]!;
  }

  private async readOne(
    caller: Caller,
    reading: { question: Question; source: ReadySource; previous: unknown; signal?: AbortSignal },
  ): Promise<GenerationResult> {
    let best: GenerationResult | undefined;
    for (const author of this.parts.authors) {
      if (!author.writesFor(reading.question.strategy ?? 'auto')) continue;
      const written = await author.write(caller, { ...reading, now: this.parts.now(), best });
      if (written && (!best || written.confidence > best.confidence || best.sql === null)) best = written;
      if (best && best.sql !== null && best.confidence >= author.enough) break;
    }
    if (!best) throw errors.LLM_UNAVAILABLE({ hint: 'strategy llm needs a configured language model; use auto or semantic' });
    return best;
  }

  /** A follow-up stays with the source of the query that it follows. */
  private async sourcesFor(caller: Caller, question: Question): Promise<ReadySource[]> {
    if (question.previousQueryId) {
      const previous = await this.parts.history.find(caller, question.previousQueryId);
      if (previous) return [await this.parts.directory.require(caller, previous.source_id)];
    }
    return (await this.parts.directory.list(caller)).filter(({ status }) => status === 'ready');
  }

  private async previous(caller: Caller, id: string): Promise<unknown> {
    const found = await this.parts.history.find(caller, id);
    if (!found) throw errors.NOT_FOUND({ kind: 'query' }, { field: 'previous_query_id' });
    return found.plan;
  }

  private async keep(caller: Caller, question: Question, generated: GenerationResult): Promise<GenerationResult> {
    if (generated.sql === null || !generated.source) return generated;
    const id = newId('qry');
    await this.parts.history.record(caller, {
      id,
      sourceId: generated.source.id,
      sessionId: question.sessionId ?? null,
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

/** Among sources that cannot answer, the one that understood most words gives the clarification. */
const understood = ({ clarification, confidence }: GenerationResult): number => confidence - (clarification?.notUnderstood.length ?? 0);
