import { analysisAgent } from './analysis-agent';
import { docsAgent } from './docs-agent';
import type { Agents } from './machine';
import { dependsOnPrevious, router } from './router';
import { sqlAgent } from './sql-agent';
import { visualizationAgent } from './visualization-agent';

export const agents: Agents = { router, sql: sqlAgent, analysis: analysisAgent, visualization: visualizationAgent, docs: docsAgent };

export { dependsOnPrevious };
export { maxVisits, runMachine } from './machine';
export { followUps, respond } from './respond';
export type { Agent, EmittedEvent, StepContext, TurnRequest, TurnState } from './types';
