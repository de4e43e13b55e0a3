import { z } from 'zod';

import { chartFor, chartTypes } from '#platform/charts';
import { errors } from '#platform/errors';

import type { DataPort, DataRows } from '../ports';

import { rowsInWords } from './rows-in-words';
import { defineTool, type AnyTool } from './tool';

const mostRows = 200;
const cells = z.array(z.array(z.unknown()).max(200)).max(10_000);
const columns = z
  .array(z.object({ name: z.string(), type: z.string() }))
  .min(1)
  .max(200);

const kept = ({ columns: all, rows, rowCount, truncated, queryId }: DataRows) => ({
  columns: all,
  rows: rows.slice(0, mostRows),
  row_count: rowCount,
  truncated: truncated || rows.length > mostRows,
  query_id: queryId,
});

/** Personal columns never reach an agent, and so no model either. */
function masked<Rows extends DataRows>(rows: Rows, personal: readonly string[]): Rows {
  const hidden = new Set(rows.columns.flatMap(({ name }, index) => (personal.includes(name.toLowerCase()) ? [index] : [])));
  return hidden.size === 0
    ? rows
    : { ...rows, rows: rows.rows.map((row) => row.map((value, index) => (hidden.has(index) && value !== null ? '[personal]' : value))) };
}

export function dataTools(data: DataPort): readonly AnyTool[] {
  const personalOf = async (...request: Parameters<NonNullable<DataPort['personalColumns']>>): Promise<readonly string[]> =>
    ((await data.personalColumns?.(...request)) ?? []).map((name) => name.toLowerCase());

  return [
    defineTool({
      name: 'ask_data',
      description: 'Answers a question about the data in plain words with a query and its rows.',
      schema: z.strictObject({ question: z.string().trim().min(1).max(2_000), source_id: z.string().nullish() }),
      effect: 'read',
      async run({ question, source_id: wanted }, { caller, runId, sessionId, sourceId, signal }) {
        const source = wanted ?? sourceId;
        const answer = await data.ask(caller, { question, sourceId: source, sessionId, usageId: runId, signal });
        if (!answer.sql)
          throw errors.QUERY_FAILED({ reason: (answer.clarification ?? 'the data has no answer to that').replace(/[.?]\s*$/, '') });
        const rows = masked(answer, await personalOf(caller, { sourceId: answer.sourceId ?? source, signal }));
        const output = {
          sql: answer.sql,
          explanation: answer.explanation,
          confidence: answer.confidence,
          source_id: answer.sourceId,
          ...kept(rows),
        };
        const summary = `${(answer.explanation ?? question).replace(/[.:?]\s*$/, '')}: ${rowsInWords(rows)}.`;
        return { output, summary, tokensUsed: answer.tokensUsed ?? 0 };
      },
    }),
    defineTool({
      name: 'run_sql',
      description: 'Runs one read-only statement and gives its rows.',
      schema: z.strictObject({ sql: z.string().trim().min(1).max(50_000), source_id: z.string().nullish() }),
      effect: 'read',
      async run({ sql, source_id: wanted }, { caller, sourceId, signal }) {
        const source = wanted ?? sourceId;
        const found = await data.runSql(caller, { sql, sourceId: source, signal });
        const rows = masked(found, await personalOf(caller, { sourceId: source, signal }));
        return { output: { sql, ...kept(rows) }, summary: `${rowsInWords(rows)}.` };
      },
    }),
    defineTool({
      name: 'make_chart',
      description: 'Chooses a chart for rows: a Vega-Lite specification with the reason.',
      schema: z.strictObject({ columns, rows: cells, chart_type: z.enum(chartTypes).nullish(), title: z.string().max(200).nullish() }),
      effect: 'read',
      async run({ columns: all, rows, chart_type: type, title }) {
        const chart = chartFor({ columns: all, rows, type: type ?? null, ...(title ? { title } : {}) });
        return {
          output: {
            type: chart.type,
            x_axis: chart.xAxis,
            y_axis: chart.yAxis,
            spec: chart.spec,
            reason: chart.reason,
            alt_text: chart.altText,
          },
          summary: chart.altText,
        };
      },
    }),
  ];
}
