import type { LanguageModel } from 'ai';

import type { Caller } from '#platform/auth';
import type { ChartColumn } from '#platform/charts';

export interface Interpretation {
  readonly words: string;
  readonly clause: string;
}

export interface AlternativeReading {
  readonly sql: string;
  readonly explanation: string;
  readonly confidence: number;
}

export interface Clarification {
  readonly question: string;
  readonly options: readonly string[];
}

export interface QueryRows {
  readonly columns: readonly ChartColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowCount: number;
  readonly truncated: boolean;
  readonly queryId: string | null;
}

/** A question turned into a statement and its rows. `sql` is null where the source cannot answer; then `clarification` says why. */
export interface AnalystAnswer extends QueryRows {
  readonly sql: string | null;
  readonly dialect: string;
  readonly sourceId: string | null;
  readonly explanation: string | null;
  readonly confidence: number;
  readonly interpretation: readonly Interpretation[];
  readonly unusedWords: readonly string[];
  readonly alternatives: readonly AlternativeReading[];
  readonly clarification: Clarification | null;
  readonly suggestions: readonly string[];
  readonly warnings: readonly string[];
  /** That a language model took to write the statement. @default 0 */
  readonly tokensUsed?: number;
  /** Opaque: handed back for refinements. */
  readonly tree: unknown;
}

/** The answer that a follow-up builds on. */
export interface PreviousAnswer {
  readonly queryId: string | null;
  readonly tree: unknown;
  readonly sql: string | null;
}

export interface AskRequest {
  readonly question: string;
  readonly sourceId: string | null;
  readonly sessionId: string | null;
  readonly previous: PreviousAnswer | null;
  /** Rows to give at most. @default 1_000 */
  readonly maxRows?: number;
  /** The message that calls of language models count towards. @default none */
  readonly usageId?: string;
  readonly signal: AbortSignal;
}

export interface RefineRequest {
  readonly refinement: string;
  readonly sourceId: string | null;
  readonly sessionId: string | null;
  readonly previous: PreviousAnswer;
  /** As in a question. */
  readonly usageId?: string;
  readonly signal: AbortSignal;
}

export interface RunSqlRequest {
  readonly sql: string;
  readonly sourceId: string | null;
  readonly maxRows?: number;
  readonly signal: AbortSignal;
}

export interface TableDescription {
  readonly name: string;
  readonly description: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly description: string | null }[];
}

/** What a metric or measure is, as its semantic model says. */
export interface Definition {
  readonly name: string;
  /** Other words for it. */
  readonly synonyms: readonly string[];
  readonly description: string | null;
  readonly expression: string;
  /** Conditions on the rows that count. */
  readonly filters: readonly string[];
  readonly unit: string | null;
}

/** What a source is about. `dimensions` and `measures` are words that a question may use. */
export interface SourceDescription {
  readonly sourceId: string;
  readonly name: string;
  readonly tables: readonly TableDescription[];
  readonly dimensions: readonly string[];
  readonly measures: readonly string[];
  /** @default none */
  readonly definitions?: readonly Definition[];
}

/** Questions become rows. Failures are errors of the catalogue: SQL_REJECTED, QUERY_FAILED, TIMEOUT, NOT_FOUND, SERVICE_UNAVAILABLE. */
export interface Analyst {
  ask(caller: Caller, request: AskRequest): Promise<AnalystAnswer>;
  refine(caller: Caller, request: RefineRequest): Promise<AnalystAnswer>;
  runSql(caller: Caller, request: RunSqlRequest): Promise<QueryRows>;
  /** The sources that the caller may ask, or the one named. */
  describe(
    caller: Caller,
    request: { readonly sourceId: string | null; readonly signal: AbortSignal },
  ): Promise<readonly SourceDescription[]>;
  /** Questions that a source can answer. */
  suggest(
    caller: Caller,
    request: { readonly sourceId: string | null; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<readonly string[]>;
}

/** A passage of a document and where it stands there. */
export interface KnowledgeHit {
  readonly id: string;
  readonly documentId: string;
  /** Of the document. */
  readonly title: string;
  /** Headings above it, outermost first; null where there are none. */
  readonly section: string | null;
  /** Where it begins in the document's text, in characters. */
  readonly offset: number;
  readonly excerpt: string;
  readonly score: number;
}

/** Documents of the tenant. */
export interface Knowledge {
  search(
    caller: Caller,
    request: { readonly query: string; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<readonly KnowledgeHit[]>;
}

/** The model that may write for this caller; null where none is configured. `usageId`: the message that its calls count towards. */
export type Models = (caller: Caller, wish: { readonly usageId: string }) => LanguageModel | null | Promise<LanguageModel | null>;
