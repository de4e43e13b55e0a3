import type { Generation } from './engine';
import type { ReadySource } from './sources/ready-source';

/** What an author wrote for a question, or why it could not. */
export interface GenerationResult extends Generation {
  readonly queryId: string | null;
  readonly source: ReadySource | null;
  readonly engine: 'verified' | 'semantic' | 'llm';
  readonly attempts: readonly { readonly sql: string; readonly error: string | null }[];
  readonly model: string | null;
  readonly tokensUsed: number;
}
