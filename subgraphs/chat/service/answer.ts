import type { Chart, ChartColumn } from '#platform/charts';

import type { Insight } from './analysis/types';
import type { AlternativeReading, Clarification, Interpretation, KnowledgeHit } from './ports';

export const intents = ['sql_query', 'analysis', 'visualization', 'help', 'schema'] as const;
export type Intent = (typeof intents)[number];

export const agentNames = ['router', 'sql', 'analysis', 'visualization', 'docs'] as const;
export type AgentName = (typeof agentNames)[number];

export interface AnswerData {
  readonly columns: readonly ChartColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowCount: number;
  readonly truncated: boolean;
}

export type Citation = Omit<KnowledgeHit, 'score'>;

/** What a turn found out: stored whole with its message, so that nothing has to be computed again to show it. */
export interface Answer {
  readonly response: string;
  readonly intent: Intent;
  readonly sql: string | null;
  readonly dialect: string | null;
  readonly queryId: string | null;
  readonly sourceId: string | null;
  readonly explanation: string | null;
  readonly confidence: number | null;
  readonly interpretation: readonly Interpretation[];
  readonly alternatives: readonly AlternativeReading[];
  /** Decisions that the question left open, such as words that were not used. */
  readonly assumptions: readonly string[];
  readonly clarification: Clarification | null;
  readonly data: AnswerData | null;
  readonly visualization: Chart | null;
  readonly insights: readonly Insight[];
  readonly citations: readonly Citation[];
  readonly suggestions: readonly string[];
  readonly warnings: readonly string[];
  /** Opaque context of the query, for refinements. */
  readonly tree: unknown;
  readonly agentsVisited: readonly AgentName[];
  readonly executionTimeMs: number;
  readonly tokensUsed: number;
}

export const emptyAnswer: Answer = Object.freeze({
  response: '',
  intent: 'sql_query',
  sql: null,
  dialect: null,
  queryId: null,
  sourceId: null,
  explanation: null,
  confidence: null,
  interpretation: [],
  alternatives: [],
  assumptions: [],
  clarification: null,
  data: null,
  visualization: null,
  insights: [],
  citations: [],
  suggestions: [],
  warnings: [],
  tree: null,
  agentsVisited: [],
  executionTimeMs: 0,
  tokensUsed: 0,
});

/** Rows kept with a message and told in an event; the whole result stays behind its query id. */
export const maxKeptRows = 1_000;

export const cutRows = (data: AnswerData): AnswerData =>
  data.rows.length <= maxKeptRows ? data : { ...data, rows: data.rows.slice(0, maxKeptRows), truncated: true };
