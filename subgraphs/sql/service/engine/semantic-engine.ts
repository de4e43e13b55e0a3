import type { Catalog, Dialect } from './catalog';
import type { SemanticModel } from '../semantic-model/types';
import { applyDefaultFilters } from './default-filters';
import { editTree } from './edit/edit';
import { readSignals } from './edit/signals';
import { clarify } from './explain/clarify';
import { explainTree, sentence } from './explain/explain';
import { contentTokens, unusedTokens } from './explain/unused';
import { learnedReader } from './learned';
import { Linker } from './link/linker';
import type { LinkedQuestion } from './link/types';
import { readQuestion, speaksBusiness, type Reader, type RankedReading } from './read/readings';
import { refuseToWrite } from './read/writes';
import { NotConnectedError } from './render/errors';
import { renderTree, type Rendered } from './render/renderer';
import { compileSchema } from './schema/compile';
import { isDescribed } from './schema/described';
import type { Schema } from './schema/types';
import { suggest, type Suggestion } from './suggest';
import type { QueryTree } from './tree';
import type { Alternative, Clarification, GenerateContext, Generation } from './types';

export type { Suggestion } from './suggest';

export interface SemanticEngine {
  generate(question: string, context?: GenerateContext): Generation;
  /** Questions that this source can answer and that begin with, or are about, what was typed so far. */
  suggestions(prefix: string, limit: number): Suggestion[];
  /** What is said where a question gets no answer: the words that were not understood, and the names that come nearest. */
  abstain(question: string, context?: GenerateContext): Generation;
  /** A follow-up applied to the query before: "only Europe", "by week instead"; null where it is none. */
  edit(lastTree: QueryTree, followUp: string, context?: GenerateContext): Generation | null;
}

export interface EngineOptions {
  /** Replaces the learned open-domain reader; null leaves it out. @default the reader over the shipped weights */
  reader?: Reader | null;
  /** Below this confidence the engine abstains. @default 0 */
  minConfidence?: number;
}

const MAX_QUESTION = 2_000;
const MAX_ALTERNATIVES = 4;

/** Everything is compiled here, once; answering a question keeps no state. */
export function createSemanticEngine(catalog: Catalog, model: SemanticModel, options: EngineOptions = {}): SemanticEngine {
  const schema = compileSchema(catalog, model);
  const linker = new Linker(schema);
  const engine = new Engine(schema, linker, options);
  return {
    generate: (question, context = {}) => engine.generate(question.slice(0, MAX_QUESTION), context),
    suggestions: (prefix, limit) => suggest(schema, prefix, limit),
    abstain: (question, context = {}) => engine.abstain(question.slice(0, MAX_QUESTION), context),
    edit: (lastTree, followUp, context = {}) => engine.edit(lastTree, followUp.slice(0, MAX_QUESTION), context),
  };
}

class Engine {
  constructor(
    private readonly schema: Schema,
    private readonly linker: Linker,
    private readonly options: EngineOptions,
  ) {}

  generate(text: string, context: GenerateContext): Generation {
    const linker = context.tables && context.tables.length > 0 ? new Linker(narrow(this.schema, context.tables)) : this.linker;
    const question = linker.link(text, context.now ?? new Date());
    const refusal = refuseToWrite(question, context.lastTree !== undefined);
    if (refusal) return this.#abstain(question, undefined, context.dialect ?? this.schema.dialect, refusal);
    if (context.lastTree) {
      const followed = this.#follow(question, context.lastTree, context);
      if (followed) return followed;
    }
    const readings = readQuestion(question, this.#reader()).map((reading) => ({
      ...reading,
      tree: applyDefaultFilters(this.schema, reading.tree),
    }));
    return this.#answer(question, readings, { ...context, least: this.options.minConfidence ?? 0 });
  }

  #reader(): Reader | undefined {
    return this.options.reader === undefined ? learnedReader() : (this.options.reader ?? undefined);
  }

  abstain(text: string, context: GenerateContext): Generation {
    const question = this.linker.link(text, context.now ?? new Date());
    return this.#abstain(question, readQuestion(question, undefined)[0], context.dialect ?? this.schema.dialect);
  }

  edit(lastTree: QueryTree, followUp: string, context: GenerateContext): Generation | null {
    return this.#edit(this.linker.link(followUp, context.now ?? new Date()), lastTree, context);
  }

  /** Periods, grains, undo and "why" are the grammar's own; on a bare schema the rest is read by the learned reader. */
  #follow(question: LinkedQuestion, lastTree: QueryTree, context: GenerateContext): Generation | null {
    const { undo, why, drops, shift } = readSignals(question);
    const edited = editTree(question, lastTree, context.history);
    const isGrammars =
      undo || why || drops || shift !== 0 || isDescribed(this.schema.model) || (edited !== null && speaksBusiness(edited.tree));
    const learned = isGrammars ? [] : (this.#reader()?.follow?.(question, lastTree) ?? []);
    const readings = learned.length > 0 ? learned : isGrammars || !this.#reader() ? (edited ? [edited] : []) : [];
    return readings.length > 0 ? this.#answer(question, readings, context) : null;
  }

  #edit(question: LinkedQuestion, lastTree: QueryTree, context: GenerateContext): Generation | null {
    const edited = editTree(question, lastTree, context.history);
    return edited && this.#answer(question, [edited], context);
  }

  #answer(question: LinkedQuestion, readings: readonly RankedReading[], context: GenerateContext & { least?: number }): Generation {
    const dialect = context.dialect ?? this.schema.dialect;
    const rendered = readings.flatMap((reading) => {
      const sql = this.#render(reading.tree, dialect);
      return sql ? [{ reading, ...sql }] : [];
    });
    const [best, ...rest] = rendered;
    // What goes on from an answer that was good enough is not held against the bar again.
    if (!best || best.reading.confidence < (context.least ?? 0)) return this.#abstain(question, readings[0], dialect);
    const { tree, used, confidence } = best.reading;
    const unusedWords = unusedTokens(question.tokens, used).map((token) => token.text);
    const alternatives: Alternative[] = rest
      .filter((item, i) => item.sql !== best.sql && rest.findIndex((other) => other.sql === item.sql) === i)
      .slice(0, MAX_ALTERNATIVES)
      .map((item) => ({
        sql: item.sql,
        tree: item.reading.tree,
        ...explainTree(item.reading.tree, question.tokens, question.text),
        tablesUsed: item.tables,
        confidence: item.reading.confidence,
        ...(item.reading.weight === undefined ? {} : { weight: item.reading.weight }),
        ...(item.reading.evidence ? { evidence: item.reading.evidence } : {}),
      }));
    return {
      sql: best.sql,
      tree,
      dialect,
      confidence,
      ...(best.reading.weight === undefined ? {} : { weight: best.reading.weight }),
      ...(best.reading.evidence ? { evidence: best.reading.evidence } : {}),
      unusedWords,
      alternatives,
      ...explainTree(tree, question.tokens, question.text),
      tablesUsed: best.tables,
      ...(closeRivals(confidence, alternatives) ? { clarification: choose(best.sql, tree, alternatives) } : {}),
      executionPlan: tree.set || /\bWITH\b|\(\s*SELECT/.test(best.sql) ? 'decomposed' : 'direct',
      warnings: [...best.warnings, ...best.reading.warnings],
    };
  }

  #abstain(question: LinkedQuestion, reading: RankedReading | undefined, dialect: Dialect, refusal?: Clarification): Generation {
    const used = reading?.used ?? new Set<number>();
    const clarification = refusal ?? clarify(question, used);
    return {
      sql: null,
      tree: null,
      dialect,
      explanation: clarification.question,
      interpretation: [],
      unusedWords: contentTokens(question.tokens)
        .filter((token) => !used.has(token.index))
        .map((token) => token.text),
      confidence: 0,
      alternatives: [],
      tablesUsed: [],
      executionPlan: 'direct',
      warnings: [],
      clarification,
    };
  }

  #render(tree: QueryTree, dialect: Dialect): Rendered | undefined {
    try {
      return renderTree(this.schema, tree, { dialect });
    } catch (cause) {
      if (cause instanceof NotConnectedError) return undefined;
      throw cause;
    }
  }
}

/** Two readings that are nearly as likely, neither of them likely: the caller may run both and ask if their rows differ. */
const closeRivals = (confidence: number, alternatives: readonly Alternative[]): boolean =>
  confidence < 0.5 && (alternatives[0]?.confidence ?? 0) > confidence * 0.8;

function choose(sql: string, tree: QueryTree, alternatives: readonly Alternative[]): Clarification {
  const options = [
    { label: sentence(tree), sql },
    { label: alternatives[0]!.explanation, sql: alternatives[0]!.sql },
  ];
  return {
    question: `Which did you mean? ${options.map((option) => option.label).join(' Or: ')}`,
    notUnderstood: [],
    nearest: [],
    options,
  };
}

/** Only some tables may be used: the others are hidden, though still joined through. */
function narrow(schema: Schema, tables: readonly string[]): Schema {
  const wanted = new Set(tables.map((name) => name.toLowerCase()));
  const entities = schema.catalog.tables.map((table) => {
    const known = schema.model.entities.find((entity) => entity.table.toLowerCase() === table.name.toLowerCase()) ?? {
      name: table.name,
      table: table.name,
      dimensions: [],
      measures: [],
    };
    return wanted.has(table.name.toLowerCase()) || wanted.has(known.name.toLowerCase()) ? known : { ...known, hidden: true };
  });
  const hidden = entities.filter((entity) => entity.hidden).flatMap((entity) => [entity.name, entity.table]);
  const metrics = schema.model.metrics.filter(
    (metric) => !hidden.some((name) => new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`, 'i').test(metric.expression)),
  );
  return compileSchema(schema.catalog, { ...schema.model, entities, metrics });
}
