import type { Caller } from '#platform/auth';
import type { ChartType } from '#platform/charts';

import type { WhyQuestion } from '../analysis/why-question';
import type { AgentName, Answer, Intent } from '../answer';
import type { Analyst, Knowledge } from '../ports';
import type { ChatEventType } from '../events';

import type { SmallTalk } from './small-talk';

/** What a turn is asked to do. */
export type TurnRequest =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'refine'; readonly text: string }
  | { readonly kind: 'chart'; readonly chartType: ChartType };

/** Decided by the router, read by everyone after it. */
export interface Route {
  readonly intent: Intent;
  /** The text is only understood together with the answer before it. */
  readonly isFollowUp: boolean;
  /** The text asks for an analysis of the rows of the answer before it. */
  readonly isAboutPrevious: boolean;
  /** The text is a statement and not a question. */
  readonly isSql: boolean;
  readonly why: WhyQuestion | null;
  readonly chartType: ChartType | null;
  /** The text asks nothing of the data. */
  readonly smallTalk: SmallTalk | null;
}

/** Everything that the agents of one turn share. Each visit replaces it by a new one. */
export interface TurnState {
  readonly request: TurnRequest;
  readonly sessionId: string;
  readonly sourceId: string | null;
  /** The session's newest answer with a query. */
  readonly previous: Answer | null;
  readonly route: Route | null;
  readonly answer: Answer;
}

export type EmittedEvent = readonly [type: ChatEventType, data: Readonly<Record<string, unknown>>];

export interface StepContext {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly analyst: Analyst;
  readonly knowledge: Knowledge | null;
  /** Appends to the session's log, in order. */
  emit(events: readonly EmittedEvent[]): Promise<void>;
}

export interface StepOutcome {
  readonly next: AgentName | 'done';
  readonly route?: Route;
  readonly answer?: Partial<Answer>;
  readonly events?: readonly EmittedEvent[];
}

/** One specialist: reads the state, does its part, and says who is next. */
export type Agent = (state: TurnState, context: StepContext) => Promise<StepOutcome>;
