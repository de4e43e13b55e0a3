import type { ProviderKind } from '../types';

/** What was known of a model at the moment of the decision. Plain data: a stored decision is scored again from it. */
export interface CandidateFacts {
  readonly provider: string;
  readonly kind: ProviderKind;
  readonly model: string;
  readonly priority: number;
  /** Place in the fallback chain; null: not in it. */
  readonly chainPosition: number | null;
  /** The built-in engine beside real models: it answers where it is named, or in its place of the fallback chain. */
  readonly lastResort: boolean;
  readonly tools: boolean;
  readonly json: boolean;
  readonly streaming: boolean;
  readonly contextTokens: number;
  readonly maxTokens: number | null;
  /** USD per million tokens; null: no price known. */
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
  /** Medians over recent calls; null: not measured yet. */
  readonly firstTokenMs: number | null;
  readonly totalMs: number | null;
  /** 0 to 100. */
  readonly quality: number;
  /** Share of recent attempts that failed, 0 to 1. */
  readonly errorRate: number;
  readonly breaker: 'closed' | 'open' | 'half_open';
  /** Milliseconds that the provider asked us to stay away, or that its breaker stays open. */
  readonly waitMs: number;
  readonly freeSlots: number;
  readonly rateLimit: number | null;
  readonly rateRemaining: number | null;
}

export interface RequestFacts {
  readonly model: string | null;
  readonly promptTokens: number;
  readonly maxOutputTokens: number;
  readonly tools: 'none' | 'offered' | 'required';
  readonly json: boolean;
  readonly stream: boolean;
  /** Counts the requests of `round_robin`. */
  readonly turn: number;
}

export interface Verdict {
  readonly facts: CandidateFacts;
  readonly eligible: boolean;
  /** 0 to 1; 0 where not eligible. */
  readonly score: number;
  /** Why it stands where it stands: what spoke for it, or what ruled it out. */
  readonly reasons: readonly string[];
  /** 1 is tried first; null: not tried. */
  readonly rank: number | null;
}
