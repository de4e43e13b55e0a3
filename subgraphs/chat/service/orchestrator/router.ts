import { routeMessage } from './intent';
import type { Agent, Route, TurnRequest } from './types';

const first = { sql_query: 'sql', analysis: 'sql', visualization: 'visualization', help: 'docs', schema: 'docs' } as const;

/** Decides what the turn is about and who begins. */
export const router: Agent = async ({ request, previous }) => {
  const route = routeOf(request, previous?.data !== null && previous !== null);
  return { next: first[route.intent], route, events: [['status', { state: 'thinking', intent: route.intent }]] };
};

function routeOf(request: Parameters<Agent>[0]['request'], hasPrevious: boolean): Route {
  const fixed = { isFollowUp: false, isAboutPrevious: false, isSql: false, why: null, chartType: null, smallTalk: null };
  if (request.kind === 'chart') return { ...fixed, intent: 'visualization', chartType: request.chartType };
  if (request.kind === 'refine') return { ...fixed, intent: 'sql_query', isFollowUp: true };
  return routeMessage(request.text, { hasPrevious });
}

/** False where the request means the same whatever was said before, so that nobody has to read it. */
export function dependsOnPrevious(request: TurnRequest): boolean {
  if (request.kind !== 'message') return true;
  const [after, alone] = [true, false].map((hasPrevious) => routeMessage(request.text, { hasPrevious }));
  return (
    after!.isFollowUp || after!.isAboutPrevious || after!.intent !== alone!.intent || (after!.why !== null && after!.why.metric === null)
  );
}
