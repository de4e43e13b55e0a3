import { errors } from '#platform/errors';

import type { AgentName, Answer } from '../answer';

import type { Agent, StepContext, TurnState } from './types';

/** Visits in one turn; past it the agents are sending each other in circles. */
export const maxVisits = 10;

export type Agents = Readonly<Record<AgentName, Agent>>;

/** Who may send to whom. A step outside this table is a programming error and ends the turn. */
const transitions: Readonly<Record<AgentName, readonly (AgentName | 'done')[]>> = {
  router: ['sql', 'visualization', 'docs'],
  sql: ['analysis', 'visualization', 'docs', 'done'],
  analysis: ['sql', 'visualization', 'done'],
  visualization: ['done'],
  docs: ['done'],
};

/** Runs a turn from the router to its end; each visit is a pair of events in the log. */
export async function runMachine(agents: Agents, initial: TurnState, context: StepContext): Promise<Answer> {
  const visited: AgentName[] = [];
  let state = initial;
  let current: AgentName | 'done' = 'router';
  while (current !== 'done') {
    context.signal.throwIfAborted();
    if (visited.length >= maxVisits) {
      throw errors.QUERY_FAILED(
        { reason: `the turn needed more than ${maxVisits} steps; ask something narrower` },
        { details: { agents_visited: visited } },
      );
    }
    const agent: AgentName = current;
    visited.push(agent);
    const startedAt = performance.now();
    await context.emit([['step_start', { agent, visit: visited.length }]]);
    const { next, route, answer, events = [] } = await agents[agent](state, context);
    if (!transitions[agent].includes(next)) throw new Error(`${agent} may not hand over to ${next}`);
    state = {
      ...state,
      route: route ?? state.route,
      answer: { ...state.answer, ...answer, intent: (route ?? state.route)?.intent ?? state.answer.intent },
    };
    const durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
    await context.emit([...events, ['step_complete', { agent, next, duration_ms: durationMs }]]);
    current = next;
  }
  return { ...state.answer, agentsVisited: visited };
}
