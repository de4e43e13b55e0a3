import { changeInsights } from '../analysis/change-insights';
import { explainChange, type ExplainedChange } from '../analysis/explain-change';
import { insightsFor, isUnfinished } from '../analysis/insights';
import { periodBefore, periodOfPoint, within, type Period } from '../analysis/periods';
import { grainOf } from '../analysis/time-grain';
import type { Insight } from '../analysis/types';
import type { Answer } from '../answer';
import { chartFor, profileColumns, toNumber } from '#platform/charts';

import { previousMetric } from './sql-agent';
import type { Agent, EmittedEvent, StepContext, TurnState } from './types';

/** Says what stands out in the rows, or, asked for the reason of a change, splits the change over each dimension. */
export const analysisAgent: Agent = async (state, context) => {
  const { answer, route } = state;
  const explained = route!.why ? await reasons(state, context) : null;
  const insights = explained
    ? changeInsights(explained, { expectedDown: wantsDown(state) })
    : insightsFor({ ...answer.data!, sql: answer.sql }, 8);
  return {
    next: 'visualization',
    answer: {
      insights,
      ...(explained
        ? {
            ...chartOf(explained),
            suggestions: nextQuestions(explained),
            warnings: [...answer.warnings, ...explained.left.map((reason) => `Not split by ${reason}.`)],
            assumptions: [...answer.assumptions, ...(route!.why!.note ? [route!.why!.note] : []), ...undivided(explained)],
          }
        : {}),
    },
    events: insights.map(insightEvent),
  };
};

export const insightEvent = ({ kind, text, importance, evidence, sql }: Insight): EmittedEvent => [
  'insight',
  { kind, text, importance, evidence, sql },
];

async function reasons(state: TurnState, { analyst, caller, signal }: StepContext): Promise<ExplainedChange | null> {
  const why = state.route!.why!;
  const metric = why.metric ?? previousMetric(state.previous);
  const periods = why.before && why.after ? { before: why.before, after: why.after } : (oddPoint(state) ?? latestMove(state));
  if (!metric || !periods) return null;
  return explainChange(analyst, caller, {
    metric,
    ...periods,
    sourceId: state.answer.sourceId ?? state.sourceId,
    sessionId: state.sessionId,
    signal,
  });
}

/** Told, not passed over: averages of other things, distinct counts and the like have no parts that add up. */
const undivided = ({ dimensions, change }: ExplainedChange): readonly string[] =>
  dimensions.length > 0 || change === 0 ? [] : ['There is no split of this change: no dimension has parts that add up to it.'];

const down = /drop|fall|fell|declin|decreas|shr[ia]nk|s[ia]nk|lower|down|dip|plung|crash/i;
const up = /rise|rose|increas|grow|grew|jump|spike|surg|climb|higher|peak/i;

/** True for a fall, false for a rise, null where the question leaves it open. */
const wantsDown = ({ request }: TurnState): boolean | null => {
  if (request.kind === 'chart') return null;
  return down.test(request.text) ? true : up.test(request.text) ? false : null;
};

const nextQuestions = ({ metric, dimensions, after }: ExplainedChange): readonly string[] =>
  dimensions.slice(0, 3).map(({ dimension }) => `${metric} by ${dimension} ${within(after.period)}`);

/** Asked about "that" after an answer that found something odd: its period and the one before it. */
function oddPoint({ route, previous }: TurnState): { readonly before: Period; readonly after: Period } | null {
  const odd = route!.why!.metric === null ? previous?.insights.find(({ kind }) => kind === 'outlier') : undefined;
  if (!odd || !previous?.data) return null;
  const time = profileColumns(previous.data.columns, previous.data.rows).find(({ role }) => role === 'time');
  const grain = time ? grainOf(previous.data.rows.map((row) => String(row[time.index])).sort()) : null;
  const after = periodOfPoint(String(odd.evidence.at), grain);
  const before = after && periodBefore(after);
  return before && after ? { before, after } : null;
}

/** Asked without a period: the newest change in the direction of the question that is larger than an ordinary one. */
function latestMove(state: TurnState): { readonly before: Period; readonly after: Period } | null {
  const { columns, rows } = state.answer.data!;
  const profiles = profileColumns(columns, rows);
  const time = profiles.find(({ role }) => role === 'time');
  const measure = profiles.find(({ role }) => role === 'measure');
  if (!time || !measure) return null;
  const all = rows
    .map((row) => ({ at: String(row[time.index]), value: toNumber(row[measure.index]) ?? 0 }))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  const grain = grainOf(all.map(({ at }) => at));
  const points = isUnfinished(all, Date.now()) ? all.slice(0, -1) : all;
  const moves = points.slice(1).map((point, i) => ({ from: points[i]!, to: point, change: point.value - points[i]!.value }));
  const ordinary = moves.map(({ change }) => Math.abs(change)).sort((a, b) => a - b)[moves.length >> 1] ?? 0;
  const falls = wantsDown(state);
  const chosen =
    moves.findLast(({ change }) => (falls === null ? change !== 0 : falls ? change < 0 : change > 0) && Math.abs(change) >= ordinary) ??
    moves.at(-1);
  const before = chosen && periodOfPoint(chosen.from.at, grain);
  const after = chosen && periodOfPoint(chosen.to.at, grain);
  return before && after ? { before, after } : null;
}

/** The change by the dimension that explains it best. */
function chartOf({ dimensions, metric, before, after }: ExplainedChange): Partial<Answer> {
  const [best] = dimensions;
  if (!best) return {};
  const columns = [
    { name: best.dimension, type: 'VARCHAR' },
    { name: 'change', type: 'DOUBLE' },
  ];
  const title = `Change of ${metric}, ${before.period.words} to ${after.period.words}`;
  const chart = chartFor({
    columns,
    rows: best.parts.slice(0, 30).map(({ label, change }) => [label, change]),
    intent: 'comparison',
    type: 'bar_chart',
    title,
  });
  return { visualization: { ...chart, reason: `of all dimensions, ${best.dimension} tells most about the change` } };
}
