import type { Caller } from '#platform/auth';

import { operation, type GraphClient } from './graph-client';

const columns = 'columns { name type kind } rows truncated cacheHit warnings queryId';
const run = operation(`mutation WidgetRun($input: ExecuteSqlInput!) { executeSql(input: $input) { ${columns} } }`);
const ask = operation(`mutation WidgetAsk($input: AskQuestionInput!) {
  askQuestion(input: $input) { ${columns} sql sourceId clarification { question } }
}`);
const outline = operation(`query WidgetOutline($sourceId: ID!) {
  source(id: $sourceId) { id name }
  semanticModel(sourceId: $sourceId) { model }
}`);
const suggest = operation(
  `query WidgetSuggest($sourceId: ID, $limit: Int) { suggestions(sourceId: $sourceId, limit: $limit) { question } }`,
);

interface Rows {
  readonly queryId: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly kind: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly cacheHit: boolean;
  readonly warnings: readonly string[];
}

interface Query {
  readonly sql?: string | null;
  readonly question?: string | null;
  readonly sourceId?: string | null;
  readonly filters: readonly unknown[];
  readonly maxRows: number;
  readonly refresh: boolean;
}

interface ModelShape {
  readonly entities?: readonly {
    readonly time?: string;
    readonly hidden?: boolean;
    readonly dimensions?: readonly { readonly name: string; readonly grains?: readonly string[]; readonly hidden?: boolean }[];
    readonly measures?: readonly { readonly name: string }[];
  }[];
  readonly metrics?: readonly { readonly name: string }[];
}

const spaced = (name: string): string => name.replaceAll('_', ' ');

/** Statements and questions of the sql domain, as dashboards run them. */
export function createQueryRunner(graph: GraphClient) {
  return {
    async run(caller: Caller, { sql, question, sourceId, filters, maxRows, refresh }: Query, signal?: AbortSignal) {
      const shared = { sourceId: sourceId ?? null, maxRows, refresh, filters: filters.length > 0 ? filters : null };
      if (sql) {
        const { executeSql } = await graph.execute<{ executeSql: Rows }>(caller, {
          document: run,
          variables: { input: { ...shared, sql } },
          signal,
        });
        return { ...executeSql, sql, sourceId: sourceId ?? null };
      }
      const { askQuestion } = await graph.execute<{
        askQuestion: Rows & { sql: string | null; sourceId: string | null; clarification: { question: string } | null };
      }>(caller, {
        document: ask,
        variables: { input: { ...shared, question } },
        signal,
      });
      const { clarification, ...answer } = askQuestion;
      return { ...answer, warnings: clarification ? [...answer.warnings, clarification.question] : answer.warnings };
    },
    async describe(caller: Caller, sourceId: string) {
      const data = await graph.execute<{ source: { id: string; name: string }; semanticModel: { model: ModelShape } }>(caller, {
        document: outline,
        variables: { sourceId },
      });
      const { entities = [], metrics = [] } = data.semanticModel.model;
      const shown = entities.filter(({ hidden }) => !hidden);
      return {
        ...data.source,
        metrics: [...metrics, ...shown.flatMap(({ measures }) => measures ?? [])].map(({ name }) => spaced(name)),
        dimensions: shown.flatMap(({ dimensions }) =>
          (dimensions ?? []).filter(({ grains, hidden }) => !grains && !hidden).map(({ name }) => spaced(name)),
        ),
        hasTime: shown.some(({ time }) => time !== undefined),
      };
    },
    async suggest(caller: Caller, sourceId: string, limit: number) {
      const data = await graph.execute<{ suggestions: { question: string }[] }>(caller, {
        document: suggest,
        variables: { sourceId, limit },
      });
      return data.suggestions.map(({ question }) => question);
    },
  };
}
