import { errors } from '#platform/errors';

import type { Answer } from '../answer';
import { emptyAnswer } from '../answer';
import { wordsOf } from '../analysis/format';
import { profileColumns } from '#platform/charts';
import type { AnalystAnswer, PreviousAnswer } from '../ports';

import { dataQuestionOf } from './intent';
import type { Agent, EmittedEvent, Route, StepContext, TurnState } from './types';

/** Rows kept with the message; the whole result stays behind its query id. */
const mostKeptRows = 1_000;

/** Turns the message into a statement and its rows. Without a statement the turn ends with a question back, never with invented SQL. */
export const sqlAgent: Agent = async (state, context) => {
  const route = state.route!;
  await context.emit([['status', { state: 'executing' }]]);
  if (route.isSql) return runStatement(state, context);
  const found = await answerFor(state, route, context);
  const answer = keep(found);
  if (!found.sql) return { next: 'done', answer: { ...answer, clarification: found.clarification ?? { question: 'No data of this source answers that. Try other words, or ask which data there is.', options: [] } } };
  return { next: route.intent === 'analysis' ? 'analysis' : 'visualization', answer, events: eventsOf(found) };
};

async function answerFor(state: TurnState, route: Route, { analyst, caller, signal }: StepContext): Promise<AnalystAnswer> {
  const { request, sessionId, sourceId } = state;
  const previous = previousOf(state.previous);
  const text = request.kind === 'chart' ? '' : request.text;
  if (route.isFollowUp) {
    if (!previous) throw errors.INVALID_REQUEST({ what: 'refinement', hint: 'this session has no answer to refine yet; ask a question first' }, { field: 'refinement' });
    const refined = await analyst.refine(caller, { refinement: text, sourceId: state.previous?.sourceId ?? sourceId, sessionId, previous, signal });
    if (refined.sql || request.kind === 'refine') return refined;
  }
  return analyst.ask(caller, { question: questionFor(state, route, text), sourceId, sessionId, previous: route.why ? null : previous, signal });
}

function questionFor(state: TurnState, route: Route, text: string): string {
  if (!route.why) return route.intent === 'analysis' ? dataQuestionOf(text) : text;
  const metric = route.why.metric ?? previousMetric(state.previous) ?? text;
  return route.why.after ? `${metric} in ${route.why.after.words}` : `${metric} by month`;
}

/** "It" is what the answer before measured. */
export function previousMetric(previous: Answer | null): string | null {
  if (!previous?.data) return null;
  const measure = profileColumns(previous.data.columns, previous.data.rows).findLast(({ role }) => role === 'measure');
  return measure ? wordsOf(measure.name) : null;
}

const previousOf = (answer: Answer | null): PreviousAnswer | null => answer && { queryId: answer.queryId, tree: answer.tree, sql: answer.sql };

async function runStatement({ request, sourceId, answer }: TurnState, { analyst, caller, signal }: StepContext): ReturnType<Agent> {
  const sql = request.kind === 'chart' ? '' : request.text.trim().replace(/;\s*$/, '');
  const rows = await analyst.runSql(caller, { sql, sourceId, signal, maxRows: mostKeptRows });
  const kept = { ...answer, sql, sourceId, queryId: rows.queryId, confidence: 1, explanation: 'Your own statement', data: keepRows(rows) };
  return { next: 'visualization', answer: kept, events: [['sql', { sql, dialect: null, query_id: rows.queryId }], dataEvent(kept.data)] };
}

const keepRows = ({ columns, rows, rowCount, truncated }: Pick<AnalystAnswer, 'columns' | 'rows' | 'rowCount' | 'truncated'>): NonNullable<Answer['data']> => ({
  columns,
  rows: rows.slice(0, mostKeptRows),
  rowCount,
  truncated: truncated || rows.length > mostKeptRows,
});

const keep = (found: AnalystAnswer): Partial<Answer> => ({
  ...emptyAnswer,
  sql: found.sql,
  dialect: found.dialect,
  queryId: found.queryId,
  sourceId: found.sourceId,
  explanation: found.explanation,
  confidence: found.confidence,
  interpretation: found.interpretation,
  alternatives: found.alternatives,
  assumptions: found.unusedWords.length > 0 && found.sql ? [`The words ${found.unusedWords.map((word) => `“${word}”`).join(', ')} were not used.`] : [],
  clarification: found.clarification,
  data: found.sql ? keepRows(found) : null,
  suggestions: found.suggestions,
  warnings: found.warnings,
  tree: found.tree,
});

const dataEvent = (data: NonNullable<Answer['data']>): EmittedEvent => ['data', { columns: data.columns, rows: data.rows, row_count: data.rowCount, truncated: data.truncated }];

const eventsOf = (found: AnalystAnswer): readonly EmittedEvent[] => [
  ['sql', { sql: found.sql, dialect: found.dialect, query_id: found.queryId, explanation: found.explanation, confidence: found.confidence }],
  dataEvent(keepRows(found)),
  ...found.warnings.map((message): EmittedEvent => ['warning', { reason: 'query', message }]),
];
