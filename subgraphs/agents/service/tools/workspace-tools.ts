import { z } from 'zod';

import type { DashboardPort, PredictionPort, SearchPort } from '../ports';

import { defineTool, type AnyTool } from './tool';

export interface WorkspacePorts {
  readonly search: SearchPort | null;
  readonly dashboards: DashboardPort | null;
  readonly predictions: PredictionPort | null;
}

const searchTool = (search: SearchPort): AnyTool =>
  defineTool({
    name: 'search',
    description: 'Searches documents, tables, dashboards and conversations.',
    schema: z.strictObject({ query: z.string().trim().min(1).max(1_000), limit: z.number().int().min(1).max(20).default(5) }),
    effect: 'read',
    async run({ query, limit }, { caller, signal }) {
      const hits = await search.search(caller, { query, limit, signal });
      const results = hits.map(({ id, collection, title, content, score }) => ({
        id,
        collection,
        title,
        content: content.slice(0, 1_000),
        score,
      }));
      return {
        output: { results },
        summary:
          results.length === 0
            ? 'Nothing found.'
            : results
                .slice(0, 3)
                .map(({ title, content }) => `${title}: ${content.slice(0, 200)}`)
                .join('\n'),
      };
    },
  });

const dashboardTools = (dashboards: DashboardPort): readonly AnyTool[] => [
  defineTool({
    name: 'list_dashboards',
    description: 'Lists dashboards, those whose name fits the words first.',
    schema: z.strictObject({ query: z.string().max(200).nullish(), limit: z.number().int().min(1).max(50).default(10) }),
    effect: 'read',
    async run({ query, limit }, { caller, signal }) {
      const found = await dashboards.list(caller, { query: query ?? null, limit, signal });
      return {
        output: { dashboards: found },
        summary: found.length === 0 ? 'There are no dashboards.' : found.map(({ name }) => name).join(', '),
      };
    },
  }),
  defineTool({
    name: 'create_dashboard',
    description: 'Creates a dashboard with one widget for each statement.',
    schema: z.strictObject({
      name: z.string().trim().min(1).max(200),
      description: z.string().max(2_000).default(''),
      widgets: z
        .array(
          z.strictObject({
            name: z.string().min(1).max(200),
            type: z.string().max(40).default('table'),
            sql: z.string().min(1).max(50_000),
            source_id: z.string().nullish(),
          }),
        )
        .max(20)
        .default([]),
    }),
    effect: 'write',
    async run({ name, description, widgets }, { caller, signal, idempotencyKey }) {
      const made = await dashboards.create(caller, {
        name,
        description,
        idempotencyKey,
        signal,
        widgets: widgets.map(({ source_id: sourceId, ...widget }) => ({ ...widget, sourceId: sourceId ?? null })),
      });
      return { output: { dashboard_id: made.id, name: made.name }, summary: `Dashboard “${made.name}” was created (${made.id}).` };
    },
  }),
];

const predictTool = (predictions: PredictionPort): AnyTool =>
  defineTool({
    name: 'predict',
    description: 'Applies a trained model to features.',
    schema: z.strictObject({ model_id: z.string().min(1).max(200), features: z.record(z.string(), z.unknown()) }),
    effect: 'read',
    async run({ model_id: modelId, features }, { caller, signal }) {
      const { prediction, probability, modelVersion } = await predictions.predict(caller, { modelId, features, signal });
      return {
        output: { prediction, probability, model_version: modelVersion },
        summary: `The model predicts ${JSON.stringify(prediction)}${probability === null ? '' : ` with probability ${probability}`}.`,
      };
    },
  });

export const workspaceTools = ({ search, dashboards, predictions }: WorkspacePorts): readonly AnyTool[] => [
  ...(search ? [searchTool(search)] : []),
  ...(dashboards ? dashboardTools(dashboards) : []),
  ...(predictions ? [predictTool(predictions)] : []),
];
