import { setTimeout } from 'node:timers/promises';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { AnalystClient } from './analyst';
import { operation, type GraphClient } from './graph-client';

const validate = operation(`mutation AgentCheck($input: ValidateSqlInput!) { validateSql(input: $input) { valid errors { message } } }`);
const search = operation(
  `mutation AgentSearch($input: SemanticSearchInput!) { semanticSearch(input: $input) { results { id collection title content score } } }`,
);
const list = operation(`query AgentDashboards($q: String, $first: Int) { dashboards(q: $q, first: $first) { nodes { id name } } }`);
const create = operation(`mutation AgentDashboard($input: CreateDashboardInput!) { createDashboard(input: $input) { id name } }`);
const add = operation(`mutation AgentWidget($input: AddWidgetInput!) { addWidget(input: $input) { id } }`);
const marked = operation(`query AgentMarked($tag: String) { dashboards(tag: $tag, first: 1) { nodes { id name } } }`);
const models = operation(`query AgentModels($sourceId: ID!) { semanticModel(sourceId: $sourceId) { model } }`);
const predict = operation(
  `mutation AgentPredict($input: PredictInput!) { predict(input: $input) { prediction probability modelVersion } }`,
);
const train = operation(`mutation AgentTrain($input: TrainModelInput!) { trainModel(input: $input) { id } }`);
const training = operation(`query AgentTraining($jobId: ID!) { trainingJob(jobId: $jobId) { status error modelId modelVersion metrics } }`);

interface Signalled {
  readonly signal: AbortSignal;
}

/** The sql domain for agents: the shapes are theirs, the compiler compares them at the wiring. */
export function createDataPort(graph: GraphClient, analyst: AnalystClient) {
  return {
    async ask(
      caller: Caller,
      request: Signalled & { question: string; sourceId: string | null; sessionId: string | null; usageId: string },
    ) {
      const { question, sourceId, sessionId, usageId, signal } = request;
      const answer = await analyst.ask(caller, { question, sourceId, sessionId, usageId }, signal);
      const { sql, explanation, confidence, queryId, columns, rows, rowCount, truncated } = answer;
      return {
        sql,
        explanation,
        confidence,
        clarification: answer.clarification?.question ?? null,
        queryId,
        sourceId: answer.sourceId,
        columns,
        rows,
        rowCount,
        truncated,
        tokensUsed: answer.tokensUsed ?? 0,
      };
    },
    async runSql(caller: Caller, { sql, sourceId, signal }: Signalled & { sql: string; sourceId: string | null }) {
      const { queryId, columns, rows, rowCount, truncated } = await analyst.run(caller, { sql, sourceId }, signal);
      return { queryId, columns, rows, rowCount, truncated };
    },
    async checkSql(caller: Caller, { sql, sourceId, signal }: Signalled & { sql: string; sourceId: string | null }) {
      const data = await graph.execute<{ validateSql: { valid: boolean; errors: { message: string }[] } }>(caller, {
        document: validate,
        variables: { input: { sql, sourceId } },
        signal,
      });
      return { allowed: data.validateSql.valid, reason: data.validateSql.errors[0]?.message ?? null };
    },
    async personalColumns(caller: Caller, { sourceId, signal }: Signalled & { sourceId: string | null }) {
      if (!sourceId) return [];
      interface Model {
        readonly entities?: readonly { readonly dimensions?: readonly { readonly column: string; readonly pii?: boolean }[] }[];
      }
      const data = await graph.execute<{ semanticModel: { model: Model } }>(caller, { document: models, variables: { sourceId }, signal });
      return (data.semanticModel.model.entities ?? []).flatMap(({ dimensions }) =>
        (dimensions ?? []).filter(({ pii }) => pii).map(({ column }) => column),
      );
    },
  };
}

export function createSearchPort(graph: GraphClient) {
  return {
    async search(caller: Caller, { query, limit, signal }: Signalled & { query: string; limit: number }) {
      interface Hit {
        readonly id: string;
        readonly collection: string;
        readonly title: string;
        readonly content: string;
        readonly score: number;
      }
      const data = await graph.execute<{ semanticSearch: { results: Hit[] } }>(caller, {
        document: search,
        variables: { input: { query: query.slice(0, 2_000), topK: limit } },
        signal,
      });
      return data.semanticSearch.results;
    },
  };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface NewDashboard extends Signalled {
  readonly name: string;
  readonly description: string;
  readonly widgets: readonly { readonly name: string; readonly type: string; readonly sql: string; readonly sourceId: string | null }[];
  readonly idempotencyKey: string;
}

export function createDashboardPort(graph: GraphClient) {
  return {
    async list(caller: Caller, { query, limit, signal }: Signalled & { query: string | null; limit: number }) {
      const data = await graph.execute<{ dashboards: { nodes: Named[] } }>(caller, {
        document: list,
        variables: { q: query, first: limit },
        signal,
      });
      return data.dashboards.nodes;
    },
    /** The key becomes a tag, by which a repeated call finds what the first one made. */
    async create(caller: Caller, { name, description, widgets, idempotencyKey, signal }: NewDashboard): Promise<Named> {
      const tag = `agent-${idempotencyKey}`.slice(0, 60);
      const known = await graph.execute<{ dashboards: { nodes: Named[] } }>(caller, { document: marked, variables: { tag }, signal });
      if (known.dashboards.nodes[0]) return known.dashboards.nodes[0];
      const data = await graph.execute<{ createDashboard: Named }>(caller, {
        document: create,
        variables: { input: { name, description, tags: [tag] } },
        signal,
      });
      for (const { name: title, type, sql, sourceId } of widgets) {
        const input = { dashboardId: data.createDashboard.id, name: title, widgetType: type.toUpperCase(), dataSource: { sql, sourceId } };
        await graph.execute(caller, { document: add, variables: { input }, signal });
      }
      return data.createDashboard;
    },
  };
}

export function createPredictionPort(graph: GraphClient) {
  return {
    async predict(
      caller: Caller,
      { modelId, features, signal }: Signalled & { modelId: string; features: Readonly<Record<string, unknown>> },
    ) {
      interface Prediction {
        readonly prediction: unknown;
        readonly probability: number | null;
        readonly modelVersion: string | null;
      }
      const data = await graph.execute<{ predict: Prediction }>(caller, {
        document: predict,
        variables: { input: { modelId, features } },
        signal,
      });
      return data.predict;
    },
  };
}

interface Training {
  readonly status: string;
  readonly error: string | null;
  readonly modelId: string | null;
  readonly modelVersion: number | null;
  readonly metrics: Readonly<Record<string, number>> | null;
}

/** How often a training that is waited for is looked at. */
const lookMs = 500;

export function createTrainingPort(graph: GraphClient) {
  return {
    ...createPredictionPort(graph),
    async train(
      caller: Caller,
      request: Signalled & {
        readonly name: string;
        readonly taskType: string;
        readonly sql: string;
        readonly sourceId: string | null;
        readonly target: string | null;
        readonly timeColumn: string | null;
        readonly hyperparameters: Readonly<Record<string, unknown>>;
      },
    ) {
      const { name, taskType, sql, sourceId, target, timeColumn, hyperparameters, signal } = request;
      if (!sourceId) throw errors.INVALID_REQUEST({ what: 'source_id', hint: 'a model is trained on one source; name it' });
      const input = {
        name,
        taskType: taskType.toUpperCase(),
        dataset: { sourceId, query: sql },
        targetColumn: target,
        hyperparameters,
        ...(timeColumn ? { split: { timeColumn } } : {}),
      };
      const begun = await graph.execute<{ trainModel: { id: string } }>(caller, { document: train, variables: { input }, signal });
      for (;;) {
        const variables = { jobId: begun.trainModel.id };
        const { trainingJob: job } = await graph.execute<{ trainingJob: Training }>(caller, { document: training, variables, signal });
        if (job.status === 'COMPLETED') return { modelId: job.modelId!, version: job.modelVersion!, metrics: job.metrics ?? {} };
        if (job.status === 'FAILED' || job.status === 'CANCELLED')
          throw errors.QUERY_FAILED({ reason: job.error ?? 'the training was cancelled' });
        await setTimeout(lookMs, undefined, { signal });
      }
    },
  };
}
