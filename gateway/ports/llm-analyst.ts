import type { Caller } from '#platform/auth';

import type { AnalystClient } from './analyst';

/** Below it a chat model says that it does not know, rather than answer another question than was asked. */
const leastConfidence = 0.5;

/** The semantic engine as the built-in model speaks: an answer in words, with its rows and the statement behind it. */
export function createLlmAnalyst(analyst: AnalystClient) {
  return {
    async ask(caller: Caller, question: string, { signal }: { readonly signal?: AbortSignal }) {
      const answer = await analyst.ask(caller, { question: question.slice(0, 2_000), strategy: 'SEMANTIC', maxRows: 100 }, signal);
      const columns = answer.columns.map(({ name }) => name);
      if (answer.sql === null || answer.confidence < leastConfidence) {
        const suggestions = await analyst.suggest(caller, { limit: 3 }, signal);
        return {
          answered: false,
          text: answer.clarification?.question ?? 'The sources cannot answer this.',
          sql: null,
          columns,
          rows: [],
          suggestions,
        };
      }
      const single = answer.rows.length === 1 && columns.length === 1;
      const text = single ? `${answer.explanation ?? columns[0]!} ${String(answer.rows[0]![0])}` : (answer.explanation ?? '');
      return { answered: true, text, sql: answer.sql, columns, rows: single ? [] : answer.rows, suggestions: [] };
    },
  };
}
