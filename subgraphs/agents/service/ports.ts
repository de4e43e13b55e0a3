import type { LanguageModel } from 'ai';

import type { Caller } from '#platform/auth';

export interface DataAnswer {
  /** Null where the source cannot answer; then `clarification` says why. */
  readonly sql: string | null;
  readonly explanation: string | null;
  readonly confidence: number;
  readonly clarification: string | null;
  readonly queryId: string | null;
  readonly sourceId: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowCount: number;
  readonly truncated: boolean;
  /** That a language model took to write the statement. @default 0 */
  readonly tokensUsed?: number;
}

export type DataRows = Pick<DataAnswer, 'queryId' | 'columns' | 'rows' | 'rowCount' | 'truncated'>;

/** Questions and statements become rows, with the caller's own permissions. Failures are errors of the catalogue. */
export interface DataPort {
  ask(
    caller: Caller,
    request: {
      readonly question: string;
      readonly sourceId: string | null;
      readonly sessionId: string | null;
      /** The run whose usage calls of language models count towards. */
      readonly usageId: string;
      readonly signal: AbortSignal;
    },
  ): Promise<DataAnswer>;
  runSql(
    caller: Caller,
    request: { readonly sql: string; readonly sourceId: string | null; readonly signal: AbortSignal },
  ): Promise<DataRows>;
  /** Whether policy lets a statement run, found by parsing it. */
  checkSql(
    caller: Caller,
    request: { readonly sql: string; readonly sourceId: string | null; readonly signal: AbortSignal },
  ): Promise<{ readonly allowed: boolean; readonly reason: string | null }>;
  /** Columns that the semantic model marks as personal data, by name. */
  personalColumns?(caller: Caller, request: { readonly sourceId: string | null; readonly signal: AbortSignal }): Promise<readonly string[]>;
}

export interface SearchPort {
  search(
    caller: Caller,
    request: { readonly query: string; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<
    readonly {
      readonly id: string;
      readonly collection: string;
      readonly title: string;
      readonly content: string;
      readonly score: number;
    }[]
  >;
}

export interface DashboardPort {
  list(
    caller: Caller,
    request: { readonly query: string | null; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<readonly { readonly id: string; readonly name: string }[]>;
  create(
    caller: Caller,
    request: {
      readonly name: string;
      readonly description: string;
      readonly widgets: readonly { readonly name: string; readonly type: string; readonly sql: string; readonly sourceId: string | null }[];
      readonly idempotencyKey: string;
      readonly signal: AbortSignal;
    },
  ): Promise<{ readonly id: string; readonly name: string }>;
}

export interface PredictionPort {
  predict(
    caller: Caller,
    request: { readonly modelId: string; readonly features: Readonly<Record<string, unknown>>; readonly signal: AbortSignal },
  ): Promise<{ readonly prediction: unknown; readonly probability: number | null; readonly modelVersion: string | null }>;
}

/** Makes models of the ml domain. */
export interface TrainingPort {
  /** Resolves once the model is trained. */
  train(
    caller: Caller,
    request: {
      readonly name: string;
      readonly taskType: string;
      readonly sql: string;
      readonly sourceId: string | null;
      readonly target: string | null;
      readonly timeColumn: string | null;
      readonly hyperparameters: Readonly<Record<string, unknown>>;
      readonly signal: AbortSignal;
    },
  ): Promise<{ readonly modelId: string; readonly version: number; readonly metrics: Readonly<Record<string, number>> }>;
  predict: PredictionPort['predict'];
}

/** The language model for this caller; null where none is configured. */
export type Models = (
  caller: Caller,
  wish: {
    readonly provider: string | null;
    readonly model: string | null;
    /** The run whose usage the calls count towards. */
    readonly usageId: string;
  },
) => LanguageModel | null | Promise<LanguageModel | null>;

/** US dollars for tokens of a model; 0 where the price is not known. */
export type Prices = (usage: { readonly model: string; readonly inputTokens: number; readonly outputTokens: number }) => number;
