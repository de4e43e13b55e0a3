import type { Caller } from '#platform/auth';

import { operation, type GraphClient } from './graph-client';

const answerFields = `
  queryId sourceId sql dialect explanation confidence interpretation { words clause } unusedWords warnings engine tokensUsed
  alternatives { sql explanation confidence }
  clarification { question notUnderstood nearest { words names } options { label sql } }
  tree columns { name type kind } rows rowCount truncated executionTimeMs cacheHit
`;

const ask = operation(`mutation AnalystAsk($input: AskQuestionInput!) { askQuestion(input: $input) { ${answerFields} } }`);
const run = operation(`mutation AnalystRun($input: ExecuteSqlInput!) {
  executeSql(input: $input) { queryId columns { name type kind } rows rowCount truncated executionTimeMs cacheHit }
}`);
const suggest = operation(
  `query AnalystSuggest($sourceId: ID, $limit: Int) { suggestions(sourceId: $sourceId, limit: $limit) { question sourceId tables } }`,
);
const list = operation(`query AnalystSources { sources(first: 100) { nodes { id name } } }`);
const describe = operation(`query AnalystDescribe($sourceId: ID!) {
  source(id: $sourceId) { id name }
  sourceSchema(sourceId: $sourceId) { tables { name comment rowCount columns { name type comment } } }
  semanticModel(sourceId: $sourceId) { model }
}`);

interface Column {
  readonly name: string;
  readonly type: string;
  readonly kind: string;
}

export interface GraphRows {
  readonly queryId: string | null;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowCount: number;
  readonly truncated: boolean;
  readonly executionTimeMs: number;
  readonly cacheHit: boolean;
}

export interface GraphAnswer extends GraphRows {
  readonly sourceId: string | null;
  readonly sql: string | null;
  readonly dialect: string;
  readonly explanation: string | null;
  readonly confidence: number;
  readonly interpretation: readonly { readonly words: string; readonly clause: string }[];
  readonly unusedWords: readonly string[];
  readonly warnings: readonly string[];
  readonly engine: string;
  readonly tokensUsed: number;
  readonly alternatives: readonly { readonly sql: string; readonly explanation: string; readonly confidence: number }[];
  readonly clarification: {
    readonly question: string;
    readonly notUnderstood: readonly string[];
    readonly nearest: readonly { readonly words: string; readonly names: readonly string[] }[];
    readonly options: readonly { readonly label: string; readonly sql: string }[];
  } | null;
  readonly tree: unknown;
}

export interface SourceSummary {
  readonly id: string;
  readonly name: string;
  readonly tables: readonly {
    readonly name: string;
    readonly comment: string | null;
    readonly columns: readonly { readonly name: string; readonly type: string; readonly comment: string | null }[];
  }[];
  /** The semantic model as stored. */
  readonly model: unknown;
}

interface AskInput {
  readonly question: string;
  readonly sourceId?: string | null;
  readonly sessionId?: string | null;
  readonly previousQueryId?: string | null;
  readonly strategy?: 'AUTO' | 'SEMANTIC' | 'LLM';
  readonly maxRows?: number;
  /** What calls of language models count towards. */
  readonly usageId?: string;
}

/** Questions, statements and sources of the sql domain, for the domains that need them. */
export function createAnalyst(graph: GraphClient) {
  return {
    async ask(caller: Caller, input: AskInput, signal?: AbortSignal): Promise<GraphAnswer> {
      const data = await graph.execute<{ askQuestion: GraphAnswer }>(caller, { document: ask, variables: { input }, signal });
      const answer = data.askQuestion;
      // Enum values travel in capitals; between domains they are the values themselves.
      return { ...answer, dialect: answer.dialect.toLowerCase(), engine: answer.engine.toLowerCase() };
    },
    async run(
      caller: Caller,
      input: { sql: string; sourceId?: string | null; maxRows?: number },
      signal?: AbortSignal,
    ): Promise<GraphRows> {
      const data = await graph.execute<{ executeSql: GraphRows }>(caller, { document: run, variables: { input }, signal });
      return data.executeSql;
    },
    async suggest(
      caller: Caller,
      { sourceId, limit }: { sourceId?: string | null; limit?: number },
      signal?: AbortSignal,
    ): Promise<readonly string[]> {
      const variables = { sourceId: sourceId ?? null, limit: limit ?? null };
      const data = await graph.execute<{ suggestions: { question: string }[] }>(caller, { document: suggest, variables, signal });
      return data.suggestions.map(({ question }) => question);
    },
    async sources(caller: Caller, signal?: AbortSignal): Promise<readonly { readonly id: string; readonly name: string }[]> {
      const data = await graph.execute<{ sources: { nodes: { id: string; name: string }[] } }>(caller, { document: list, signal });
      return data.sources.nodes;
    },
    async describe(caller: Caller, sourceId: string, signal?: AbortSignal): Promise<SourceSummary> {
      const data = await graph.execute<{
        source: { id: string; name: string };
        sourceSchema: { tables: SourceSummary['tables'] };
        semanticModel: { model: unknown };
      }>(caller, { document: describe, variables: { sourceId }, signal });
      return { ...data.source, tables: data.sourceSchema.tables, model: data.semanticModel.model };
    },
  };
}

export type AnalystClient = ReturnType<typeof createAnalyst>;
