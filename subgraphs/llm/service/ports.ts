import type { Caller } from '#platform/auth';

export interface AnalystAnswer {
  /** False where the sources cannot answer; `text` then says what is missing. */
  readonly answered: boolean;
  /** The answer, or why there is none, in plain words. */
  readonly text: string;
  readonly sql: string | null;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Questions that would work. */
  readonly suggestions: readonly string[];
}

/** The semantic engine, as the built-in model needs it: a question about the caller's own sources. */
export interface Analyst {
  ask(caller: Caller, question: string, options: { readonly signal?: AbortSignal }): Promise<AnalystAnswer>;
}

/** Sentence vectors for the semantic cache and `/v1/embeddings`. */
export interface Embedder {
  readonly model: string;
  readonly dimensions: number;
  embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly (readonly number[])[]>;
}
