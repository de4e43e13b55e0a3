import { chartFor, type Chart } from '#platform/charts';
import { errors } from '#platform/errors';

import { insightsFor } from '../analysis/insights';
import type { Answer } from '../answer';

import { insightEvent } from './analysis-agent';
import { chartIntentOf } from './intent';
import type { Agent, EmittedEvent } from './types';

/** Chooses the chart; alone it redraws the answer before. */
export const visualizationAgent: Agent = async ({ request, route, answer, previous }) => {
  const { intent, chartType } = route!;
  const text = request.kind === 'chart' ? '' : request.text;
  if (intent === 'visualization') {
    if (!previous?.data)
      throw errors.INVALID_REQUEST(
        { what: 'chart_type', hint: 'this session has no result to draw yet; ask a question first' },
        { field: 'chart_type' },
      );
    const chart = chartFor({ ...previous.data, type: chartType, intent: chartIntentOf(text) });
    const refused =
      chartType !== null && chart.type !== chartType
        ? `${chart.reason[0]!.toUpperCase()}${chart.reason.slice(1).replaceAll('_', ' ')}.\n`
        : '';
    return { next: 'done', answer: { ...redrawn(previous, chart), response: `${refused}${chart.altText}` }, events: [chartEvent(chart)] };
  }
  const chart = answer.visualization ?? chartFor({ ...answer.data!, type: chartType, intent: chartIntentOf(text) });
  // An ordinary answer mentions the two most striking facts; an analysis has made its own list.
  const insights = intent === 'analysis' ? answer.insights : insightsFor({ ...answer.data!, sql: answer.sql }, 2);
  return {
    next: 'done',
    answer: { visualization: chart, insights },
    events: [...(intent === 'analysis' ? [] : insights.map(insightEvent)), chartEvent(chart)],
  };
};

const redrawn = (previous: Answer, visualization: Chart): Partial<Answer> => ({
  ...previous,
  visualization,
  insights: [],
  warnings: [],
  tokensUsed: 0,
});

const chartEvent = ({ type, xAxis, yAxis, spec, reason, altText, alternatives }: Chart): EmittedEvent => [
  'visualization',
  { type, x_axis: xAxis, y_axis: yAxis, spec, reason, alt_text: altText, alternatives },
];
