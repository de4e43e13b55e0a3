import { errors } from '#platform/errors';

import type { Answer } from '../answer';
import { cutRows, emptyAnswer, maxKeptRows } from '../answer';
import { singleValue } from '../analysis/explain-change';
import { wordsOf } from '../analysis/format';
import { within } from '../analysis/periods';
import { profileColumns } from '#platform/charts';
import type { AnalystAnswer, PreviousAnswer } from '../ports';

import { dataQuestionOf, refinementOf } from './intent';
import { foreignLanguageOf, languageReply } from './language';
import { withoutOpening } from './small-talk';
import type { Agent, EmittedEvent, Route, StepContext, TurnState } from './types';

/** Rows that an analysis reads: ten thousand days are 27 years. */
const mostAnalysedRows = 10_000;

/** Below this a reading that also asks back is a guess: the question back is the answer. */
const leastConfidence = 0.25;

/** Turns the message into a statement and its rows. Without a statement the turn ends with a question back, never with invented SQL. */
export const sqlAgent: Agent = async (state, context) => {
  const route = state.route!;
  await context.emit([['status', { state: 'executing' }]]);
  if (route.isSql) return runStatement(state, context);
  if (route.isAboutPrevious) return again(state.previous!);
  const found = await answerFor(state, route, context);
  const answer = keep(found);
  const isGuess = found.clarification !== null && found.confidence < leastConfidence;
  const beyond = beyondQuestions(state, found);
  if (!found.sql || isGuess || beyond)
    return {
      next: 'done',
      answer: {
        ...answer,
        suggestions: await insteadOf(found, state, context),
        sql: null,
        queryId: null,
        data: null,
        assumptions: [],
        clarification: beyond ??
          found.clarification ?? {
            question: 'No data of this source answers that. Try other words, or ask which data there is.',
            options: [],
          },
      },
    };
  return { next: route.intent === 'analysis' ? 'analysis' : 'visualization', answer, events: eventsOf(found) };
};

/** The answer before, with its rows, as this one's. */
const again = (previous: Answer): Awaited<ReturnType<Agent>> => ({
  next: 'analysis',
  answer: { ...previous, response: '', insights: [], suggestions: [], tokensUsed: 0, explanation: previous.explanation },
  events: previous.data ? [dataEvent(previous.data)] : [],
});

/** Known to everybody and found in no table, unless the source has a word for it and answered. */
const worldly =
  /\b(?:weather|news|president|prime minister|capital of|bitcoin|recipe|football|soccer|movie|horoscope|lottery|meaning of life|what time is it|translate)\b|^\s*(?:what(?:'s|’s| is)\s+)?\d[\d\s.+*/^()=x-]*\??\s*$/i;

const future = /^(?:forecast|predict|project|extrapolate)/i;

/** What no query can answer, said so instead of "I could not connect the words". */
function beyondQuestions({ request }: TurnState, { sql, unusedWords, clarification }: AnalystAnswer): Answer['clarification'] {
  const text = textOf(request);
  const language = sql ? null : foreignLanguageOf(text);
  if (language) return { question: languageReply(language), options: [] };
  if (!sql && worldly.test(text))
    return { question: `I know only the connected data, so I cannot say. ${clarification?.question ?? ''}`.trim(), options: [] };
  if (!sql && /^(?:undo|revert|go back|take (?:that|it) back)\b/i.test(text))
    return { question: 'There is nothing to take back: the last query has none before it.', options: [] };
  const wantsFuture = (sql ? unusedWords : text.split(/\s+/)).some((word) => future.test(word));
  if (!wantsFuture) return null;
  return {
    question:
      'A conversation shows what the data say and makes no forecasts. An agent does: send it the same words (`POST /api/v1/agents/process`), and it trains a model once you agree.',
    options: [],
  };
}

/** A question back comes with questions that the source can answer. */
async function insteadOf(
  { suggestions, sourceId }: AnalystAnswer,
  state: TurnState,
  { analyst, caller, signal }: StepContext,
): Promise<readonly string[]> {
  if (suggestions.length > 0) return suggestions;
  return analyst.suggest(caller, { sourceId: sourceId ?? state.sourceId, limit: 3, signal });
}

async function answerFor(state: TurnState, route: Route, { analyst, caller, signal }: StepContext): Promise<AnalystAnswer> {
  const { request, sessionId, sourceId } = state;
  const text = textOf(request);
  const previous = route.isFollowUp ? previousOf(state.previous) : null;
  if (route.isFollowUp) {
    if (!previous)
      throw errors.INVALID_REQUEST(
        { what: 'refinement', hint: 'this session has no answer to refine yet; ask a question first' },
        { field: 'refinement' },
      );
    const refined = await analyst.refine(caller, {
      refinement: refinementOf(text),
      sourceId: state.previous?.sourceId ?? sourceId,
      sessionId,
      previous,
      signal,
    });
    if (refined.sql || request.kind === 'refine') return refined;
  }
  // A question that stands alone is asked alone: the filters and the source of the answer before would change its meaning.
  const ask = (question: string): Promise<AnalystAnswer> =>
    analyst.ask(caller, {
      question,
      sourceId,
      sessionId,
      previous,
      signal,
      ...(route.intent === 'analysis' ? { maxRows: mostAnalysedRows } : {}),
    });
  const question = questionFor(state, route, text);
  const found = await ask(question);
  if (!route.why?.after || !found.sql || singleValue(found) !== undefined) return found;
  // "Orders in May" may be read as a list of them; what changed is their number.
  const counted = await ask(`number of ${question}`);
  return counted.sql && singleValue(counted) !== undefined ? counted : found;
}

function questionFor(state: TurnState, route: Route, text: string): string {
  if (!route.why) return route.intent === 'analysis' ? dataQuestionOf(text) : text;
  const metric = route.why.metric ?? previousMetric(state.previous) ?? text;
  return route.why.after ? `${metric} ${within(route.why.after)}` : `${metric} by month`;
}

/** "It" is what the answer before measured. */
export function previousMetric(previous: Answer | null): string | null {
  if (!previous?.data) return null;
  const measure = profileColumns(previous.data.columns, previous.data.rows).findLast(({ role }) => role === 'measure');
  return measure ? wordsOf(measure.name) : null;
}

const previousOf = (answer: Answer | null): PreviousAnswer | null =>
  answer && { queryId: answer.queryId, tree: answer.tree, sql: answer.sql };

const textOf = (request: TurnState['request']): string => (request.kind === 'chart' ? '' : withoutOpening(request.text));

async function runStatement({ request, sourceId, answer }: TurnState, { analyst, caller, signal }: StepContext): ReturnType<Agent> {
  const sql = request.kind === 'chart' ? '' : request.text.trim().replace(/;\s*$/, '');
  const rows = await analyst.runSql(caller, { sql, sourceId, signal, maxRows: maxKeptRows });
  const kept = { ...answer, sql, sourceId, queryId: rows.queryId, confidence: 1, explanation: 'Your own statement', data: keepRows(rows) };
  return { next: 'visualization', answer: kept, events: [['sql', { sql, dialect: null, query_id: rows.queryId }], dataEvent(kept.data)] };
}

const keepRows = ({
  columns,
  rows,
  rowCount,
  truncated,
}: Pick<AnalystAnswer, 'columns' | 'rows' | 'rowCount' | 'truncated'>): NonNullable<Answer['data']> => ({
  columns,
  rows,
  rowCount,
  truncated,
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
  assumptions:
    found.unusedWords.length > 0 && found.sql
      ? [
          `The ${found.unusedWords.length === 1 ? 'word' : 'words'} ${found.unusedWords.map((word) => `“${word}”`).join(', ')} ${found.unusedWords.length === 1 ? 'was' : 'were'} not used.`,
        ]
      : [],
  clarification: found.clarification,
  data: found.sql ? keepRows(found) : null,
  suggestions: found.suggestions,
  warnings: found.warnings,
  tree: found.tree,
});

const dataEvent = (data: NonNullable<Answer['data']>): EmittedEvent => {
  const { columns, rows, rowCount, truncated } = cutRows(data);
  return ['data', { columns, rows, row_count: rowCount, truncated }];
};

const eventsOf = (found: AnalystAnswer): readonly EmittedEvent[] => [
  [
    'sql',
    { sql: found.sql, dialect: found.dialect, query_id: found.queryId, explanation: found.explanation, confidence: found.confidence },
  ],
  dataEvent(keepRows(found)),
  ...found.warnings.map((message): EmittedEvent => ['warning', { reason: 'query', message }]),
];
