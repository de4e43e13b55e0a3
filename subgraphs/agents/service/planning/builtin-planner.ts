import { chartFor } from '#platform/charts';

import { forecastOf, forecastPlan } from './forecast-plan';
import type { Decision, PastCall, PlannedCall, Planner, PlanningState } from './planner';

const free = { tokensUsed: 0, costUsd: 0 };
const mostParts = 5;

const statement = /^\s*(?:select|with)\b[\s\S]+/i;
const remember = /^(?:please\s+)?(?:remember|note|keep in mind)(?:\s+that)?[:,]?\s+(.+)$/is;
const documents = /\b(?:documents?|docs|knowledge base|handbook|polic(?:y|ies)|according to|search for|look up)\b/i;
const listDashboards = /\b(?:list|show|which|what)\b.*\bdashboards\b/i;
const createDashboard =
  /\b(?:create|make|build|save|set up|add)\b.*?\bdashboard\b(?:\s+(?:called|named)\s+["“']?([^"”'\n]+?)["”']?(?=\s+(?:with|showing|for|of)\b|$))?(?:\s*(?:with|showing|for|of|about|on)\s+(.+))?$/is;
const call = /\b(?:(get|post|put|patch|delete)\s+(?:to\s+)?|(?:call|fetch|send|request|notify)\b.*?)(https?:\/\/[^\s"'<>]+)/i;
const predict = /\bpredict\b.*\bmodel\s+([\w-]+)\b[^{]*(\{[\s\S]*\})/i;
const greeting =
  /^(?:hi|hello|hey|good (?:morning|afternoon|evening)|thanks?(?: you)?(?: a lot| so much)?|help|who are you|what can you do|how are you)[\s!.?]*$/i;
/** "draw revenue by region as a pie chart": what, and how. */
const drawing =
  /^(?:please\s+)?(?:draw|plot|chart|visuali[sz]e|show(?: me)?|make|create)\s+(?:an?\s+|the\s+)?(?:(?:chart|plot|graph)\s+of\s+)?(.+?)(?:\s+(?:as|in|with)\s+an?\s+(pie|bar|line|area|scatter|heatmap|histogram|table)(?:\s+(?:chart|plot|graph))?)?[.!]*$/i;
const chartTypesByWord: Readonly<Record<string, string>> = {
  pie: 'pie_chart',
  bar: 'bar_chart',
  line: 'line_chart',
  area: 'area_chart',
  scatter: 'scatter_plot',
  heatmap: 'heatmap',
  histogram: 'histogram',
  table: 'table',
};
/** "use mcp_notes_add_note {…}": one tool by its name, with its arguments. */
const byName = /^(?:use|call|run)\s+(?:the\s+)?(?:tool\s+)?([\w-]+)\s*(?:with\s*)?(\{[\s\S]*\})$/i;
const chartless = /\b(?:how many|how much|what (?:is|was) the (?:total|average|number))\b/i;

type Planned = Omit<PlannedCall, 'callId'>;

/** Next planned call, given the calls made so far; null at the end of the plan. */
type Plan = (done: readonly PastCall[]) => Planned | null;

/**
 * Plans without a model, by written rules: the same message and results lead to the same calls. Because it only looks at what has been
 * done, it goes on after a restart where it stopped.
 */
export const builtinPlanner: Planner = {
  async next({ input, tools, decisions }: PlanningState): Promise<Decision> {
    const names = new Set(tools.map(({ name }) => name));
    const done = decisions.flatMap(({ calls }) => calls);
    const plan = planFor(input, (name) => names.has(name));
    const halted = done.some(({ status }) => status === 'rejected');
    const next = plan && !halted ? plan(done) : null;
    if (next) return { ...free, kind: 'calls', text: '', calls: [{ ...next, callId: `call-${done.length + 1}` }] };
    return { ...free, kind: 'final', content: contentOf(done) };
  },
};

function planFor(input: string, has: (tool: string) => boolean): Plan | null {
  const text = input.trim();
  const single =
    (planned: Planned): Plan =>
    (done) =>
      done.length === 0 ? planned : null;
  if (greeting.test(text)) return null;
  const named = byName.exec(text);
  const given = named && has(named[1]!) ? parsed(named[2]!) : null;
  if (named && given) return single({ tool: named[1]!, input: given });
  const noted = remember.exec(text);
  if (noted && has('remember')) return single({ tool: 'remember', input: { content: noted[1]!.trim() } });
  if (statement.test(text) && has('run_sql')) return single({ tool: 'run_sql', input: { sql: text.replace(/;\s*$/, '') } });
  const series = forecastOf(text);
  if (series && has('ask_data') && has('forecast')) return forecastPlan(series);
  const predicted = predict.exec(text);
  const features = predicted ? parsed(predicted[2]!) : null;
  if (predicted && features && has('predict')) return single({ tool: 'predict', input: { model_id: predicted[1], features } });
  const called = call.exec(text);
  if (called && has('http_request'))
    return single({
      tool: 'http_request',
      input: {
        url: called[2]!.replace(/[.,;)]+$/, ''),
        method: (called[1] ?? (/\b(?:send|notify)\b/i.test(text) ? 'post' : 'get')).toUpperCase(),
      },
    });
  const created = createDashboard.exec(text);
  if (created && has('create_dashboard'))
    return dashboardPlan({ name: created[1]?.trim() ?? null, questions: partsOf(created[2] ?? ''), has });
  if (listDashboards.test(text) && has('list_dashboards')) return single({ tool: 'list_dashboards', input: {} });
  if (documents.test(text) && has('search')) return single({ tool: 'search', input: { query: text } });
  const drawn = has('make_chart') ? drawing.exec(text) : null;
  if (drawn && has('ask_data') && partsOf(text).length === 1)
    return questionPlan([drawn[1]!], { withChart: true, chartType: chartTypesByWord[drawn[2]?.toLowerCase() ?? ''] ?? null });
  if (has('ask_data')) return questionPlan(partsOf(text), { withChart: has('make_chart') && !chartless.test(text), chartType: null });
  if (has('search')) return single({ tool: 'search', input: { query: text } });
  return null;
}

/** "revenue by month and then orders by region; top products" are three questions. */
export const partsOf = (text: string): readonly string[] =>
  text
    .split(/\s*(?:;|\n|\band then\b|\bthen\b|(?<=\?)\s|,\s*and also\b|\band also\b)\s*/i)
    .map((part) => part.replace(/^\s*(?:\d+[.)]|[-*])\s*/, '').trim())
    .filter((part) => part.length > 1)
    .slice(0, mostParts);

const parsed = (text: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};

interface Rows {
  readonly sql: string;
  readonly source_id: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly unknown[][];
}

const answered = (done: readonly PastCall[]): readonly PastCall[] =>
  done.filter(({ tool, status }) => tool === 'ask_data' && status === 'completed');

function questionPlan(
  questions: readonly string[],
  { withChart, chartType }: { readonly withChart: boolean; readonly chartType: string | null },
): Plan {
  return (done) => {
    const asked = done.filter(({ tool }) => tool === 'ask_data').length;
    if (asked < questions.length) return { tool: 'ask_data', input: { question: questions[asked] } };
    const last = answered(done).at(-1);
    const rows = last?.output as Rows | undefined;
    if (!withChart || !rows || rows.rows.length < 2 || done.some(({ tool }) => tool === 'make_chart')) return null;
    return { tool: 'make_chart', input: { columns: rows.columns, rows: rows.rows, ...(chartType ? { chart_type: chartType } : {}) } };
  };
}

/** Each question is answered first, so that only statements that ran become widgets. */
function dashboardPlan({
  name,
  questions,
  has,
}: {
  readonly name: string | null;
  readonly questions: readonly string[];
  readonly has: (tool: string) => boolean;
}): Plan {
  return (done) => {
    const asked = done.filter(({ tool }) => tool === 'ask_data').length;
    if (has('ask_data') && asked < questions.length) return { tool: 'ask_data', input: { question: questions[asked] } };
    if (done.some(({ tool }) => tool === 'create_dashboard')) return null;
    const found = answered(done);
    if (questions.length > 0 && found.length === 0) return null;
    const widgets = found.map(({ input, output }) => {
      const { sql, source_id: source, columns, rows } = output as Rows;
      return {
        name: String((input as { question: string }).question).slice(0, 200),
        type: chartFor({ columns, rows }).type,
        sql,
        source_id: source,
      };
    });
    return { tool: 'create_dashboard', input: { name: name ?? questions[0]?.slice(0, 200) ?? 'New dashboard', widgets } };
  };
}

function contentOf(done: readonly PastCall[]): string {
  if (done.length === 0) return 'I can answer questions about data, run a statement, search documents, draw charts and build dashboards.';
  return done
    .map(({ tool, status, summary, input }) => {
      if (status === 'completed') return summary;
      if (status === 'rejected') return `${tool} was not approved${summary ? `: ${summary}` : ''}. Nothing was done.`;
      const question = (input as { question?: unknown } | null)?.question;
      return tool === 'ask_data' && typeof question === 'string' ? `“${question}”: ${summary}` : `${tool} did not succeed: ${summary}`;
    })
    .filter(Boolean)
    .join('\n');
}
