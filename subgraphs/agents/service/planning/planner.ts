import type { AnyTool } from '../tools';

/** A call that was made or refused, as a planner sees it. */
export interface PastCall {
  readonly callId: string;
  readonly tool: string;
  readonly input: unknown;
  /** completed, failed or rejected */
  readonly status: string;
  readonly output: unknown;
  readonly summary: string;
}

/** One decision of a model with the calls that it led to. */
export interface PastDecision {
  readonly text: string;
  readonly calls: readonly PastCall[];
}

export interface PlanningState {
  readonly input: string;
  readonly systemPrompt: string;
  readonly tools: readonly AnyTool[];
  /** What is known about the person, and earlier exchanges of the session, oldest first. */
  readonly memory: readonly string[];
  readonly history: readonly { readonly input: string; readonly content: string }[];
  readonly decisions: readonly PastDecision[];
  readonly signal: AbortSignal;
}

export interface PlannedCall {
  readonly callId: string;
  readonly tool: string;
  readonly input: unknown;
}

interface Spent {
  readonly tokensUsed: number;
  readonly costUsd: number;
}

/** What to do next: more calls, or the end. */
export type Decision =
  | (Spent & { readonly kind: 'calls'; readonly text: string; readonly calls: readonly PlannedCall[] })
  | (Spent & { readonly kind: 'final'; readonly content: string });

export interface Planner {
  next(state: PlanningState): Promise<Decision>;
}
