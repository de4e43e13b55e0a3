import type { Caller } from '#platform/auth';

import type { AnalystClient, GraphAnswer, GraphRows, SourceSummary } from './analyst';

/** The chat domain's view of the sql domain. Shapes are chat's own (`subgraphs/chat/service/ports.ts`); the compiler compares them at the wiring. */
export function createChatAnalyst(analyst: AnalystClient) {
  return {
    async ask(
      caller: Caller,
      request: {
        question: string;
        sourceId: string | null;
        sessionId: string | null;
        previous: { queryId: string | null } | null;
        maxRows?: number;
        usageId?: string;
        signal: AbortSignal;
      },
    ) {
      const { question, sourceId, sessionId, previous, maxRows, usageId, signal } = request;
      const input = { question, sourceId, sessionId, previousQueryId: previous?.queryId ?? null };
      return toAnswer(await analyst.ask(caller, { ...input, ...(maxRows ? { maxRows } : {}), ...(usageId ? { usageId } : {}) }, signal));
    },
    async refine(
      caller: Caller,
      request: {
        refinement: string;
        sourceId: string | null;
        sessionId: string | null;
        previous: { queryId: string | null };
        usageId?: string;
        signal: AbortSignal;
      },
    ) {
      const { refinement, sourceId, sessionId, previous, usageId, signal } = request;
      const input = { question: refinement, sourceId, sessionId, previousQueryId: previous.queryId };
      return toAnswer(await analyst.ask(caller, { ...input, ...(usageId ? { usageId } : {}) }, signal));
    },
    async runSql(
      caller: Caller,
      { sql, sourceId, maxRows, signal }: { sql: string; sourceId: string | null; maxRows?: number; signal: AbortSignal },
    ) {
      return toRows(await analyst.run(caller, { sql, sourceId, ...(maxRows ? { maxRows } : {}) }, signal));
    },
    async describe(caller: Caller, { sourceId, signal }: { sourceId: string | null; signal: AbortSignal }) {
      const ids = sourceId ? [sourceId] : (await analyst.sources(caller, signal)).map(({ id }) => id);
      return Promise.all(ids.map(async (id) => toDescription(await analyst.describe(caller, id, signal))));
    },
    suggest: (caller: Caller, { sourceId, limit, signal }: { sourceId: string | null; limit: number; signal: AbortSignal }) =>
      analyst.suggest(caller, { sourceId, limit }, signal),
  };
}

const toRows = ({ columns, rows, rowCount, truncated, queryId }: GraphRows) => ({ columns, rows, rowCount, truncated, queryId });

const toAnswer = (answer: GraphAnswer) => ({
  ...toRows(answer),
  sql: answer.sql,
  dialect: answer.dialect,
  sourceId: answer.sourceId,
  explanation: answer.explanation,
  confidence: answer.confidence,
  interpretation: answer.interpretation,
  unusedWords: answer.unusedWords,
  alternatives: answer.alternatives,
  clarification: answer.clarification && {
    question: answer.clarification.question,
    options: answer.clarification.options.map(({ label }) => label),
  },
  suggestions: [] as string[],
  warnings: answer.warnings,
  tokensUsed: answer.tokensUsed,
  tree: answer.tree,
});

interface Formula {
  readonly name: string;
  readonly label?: string;
  readonly synonyms?: readonly string[];
  readonly description?: string;
  readonly expression: string;
  readonly filters?: readonly string[];
  readonly unit?: string;
}

interface ModelShape {
  readonly entities?: readonly {
    readonly dimensions?: readonly { readonly name: string }[];
    readonly measures?: readonly (Formula & { readonly aggregate?: string })[];
  }[];
  readonly metrics?: readonly Formula[];
}

const toDefinition = ({ name, label, synonyms = [], description, expression, filters = [], unit }: Formula) => ({
  name: (label ?? name).replaceAll('_', ' '),
  synonyms: label ? [name.replaceAll('_', ' '), ...synonyms] : synonyms,
  description: description ?? null,
  expression,
  filters,
  unit: unit ?? null,
});

function toDescription({ id, name, tables, model }: SourceSummary) {
  const { entities = [], metrics = [] } = model as ModelShape;
  const names = (list: readonly { readonly name: string }[] | undefined): string[] =>
    (list ?? []).map((item) => item.name.replaceAll('_', ' '));
  return {
    sourceId: id,
    name,
    tables: tables.map((table) => ({
      name: table.name,
      description: table.comment,
      columns: table.columns.map((column) => ({ name: column.name, type: column.type, description: column.comment })),
    })),
    dimensions: entities.flatMap(({ dimensions }) => names(dimensions)),
    measures: [...names(metrics), ...entities.flatMap(({ measures }) => names(measures))],
    definitions: [
      ...metrics,
      ...entities.flatMap(({ measures = [] }) =>
        measures.map((measure) => ({ ...measure, expression: `${measure.aggregate ?? 'sum'}(${measure.expression})` })),
      ),
    ].map(toDefinition),
  };
}
