import type { GraphQLField } from 'graphql';

import type { ApiVersion } from '../routes/deprecation';
import type { SofaOutput } from '../sofa';
import type { View } from '../view/view-schema';
import { componentOf, type JsonSchema } from './json-schema';
import { describeOperation } from './operation';
import { pruneUnused } from './prune';
import { envelopeSchemas, errorResponses, sharedHeaders } from './responses';
import { spellOut, type Described } from './spell-out';

export type OpenApiDocument = JsonSchema & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
};

export interface DocumentParts {
  readonly version: ApiVersion;
  readonly view: View;
  readonly sofa: SofaOutput;
  /** Of the release. */
  readonly release: string;
  /** Addresses that do not come from the graph's queries and mutations: event streams. */
  readonly extra?: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
}

const about = `Questions about data become SQL, rows, charts, dashboards, agents and predictions.

Every JSON answer is an envelope: \`success\`, \`data\`, \`errors\`, \`warnings\`, \`execution_time_ms\`. Names are snake_case. Lists are pages: send \`next_cursor\` back as \`cursor\`.
The same operations are offered by GraphQL at \`/graphql\`. Typed events come over WebSocket at \`/ws/chat/{session_id}\` and \`/ws/agent/{agent_id}\`, and over server-sent events.`;

/** By the tag in lower case; a tag that is not here describes itself. */
const tagDescriptions: Readonly<Record<string, string>> = {
  'text-to-sql': 'Questions become SQL; SQL is checked, explained and run.',
  sources: 'Databases and files to ask, and their semantic models.',
  'verified queries': 'Question and SQL pairs that a person approved; they are used first.',
  agents: 'Agents, their runs, teams, approvals and guardrails.',
  chat: 'Conversations about data.',
  dashboards: 'Dashboards: documents with versions.',
  widgets: 'What is on a dashboard, its rows, charts and exports.',
  sharing: 'Who sees a dashboard, and links for people without an account.',
  'alerts and reports': 'Conditions that are watched, and dashboards that are sent.',
  search: 'Search over schemas, conversations, dashboards and documents.',
  knowledge: 'Documents that are split, embedded and cited.',
  'llm router': 'The model router: completions, configuration, decisions, usage.',
  models: 'Trained models: registry, versions, stages, drift.',
  training: 'Training jobs and hyperparameter search.',
  predictions: 'Predictions, one and many.',
  features: 'Feature sets, online and point-in-time correct.',
  experiments: 'Runs with parameters, metrics and artifacts.',
  serving: 'Deployments: direct, canary, shadow, A/B.',
};

const headerParameter = (name: string, description: string): JsonSchema => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string', maxLength: 255 },
});

const parameters = {
  IdempotencyKey: headerParameter(
    'Idempotency-Key',
    'Up to 255 printable characters without spaces. The first result is kept for a day and replayed; `X-Idempotency-Key` means the same.',
  ),
  IfMatch: headerParameter('If-Match', 'The ETag that was read; the change is refused with 412 where the thing has changed since.'),
  IfNoneMatch: headerParameter('If-None-Match', 'An ETag that was read; where the data is still the same the answer is 304.'),
};

/** SOFA's document made ours: OpenAPI 3.1, the envelope around every answer, failures from the catalogue, nothing unused. */
export function buildDocument({ version, view, sofa, release, extra = {} }: DocumentParts): OpenApiDocument {
  const roots: Record<string, GraphQLField<unknown, unknown>> = {
    ...view.schema.getQueryType()?.getFields(),
    ...view.schema.getMutationType()?.getFields(),
  };
  const described: Described[] = [];
  const taken = new Set<string>();
  for (const [name, route] of view.routes) {
    const { method, path, field } = route.spec;
    const below = path.replace(/:(\w+)/g, '{$1}');
    const fromSofa = (sofa.document.paths as Record<string, Record<string, JsonSchema>>)[below]?.[method.toLowerCase()];
    if (!fromSofa) throw new Error(`SOFA made no route for ${method} ${path}.`);
    const operationId = taken.has(field) ? `${field}_${taken.size}` : field;
    taken.add(operationId);
    const operation = describeOperation(route, roots[name]!, { ...fromSofa, operationId });
    described.push({ address: `/api/${version.name}${below}`, method: method.toLowerCase(), route, operation });
  }
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const { address, method, operation } of spellOut(described)) paths[address] = { ...paths[address], [method]: operation };
  const fromView = Object.values(view.schema.getTypeMap()).flatMap((type): [string, JsonSchema][] => {
    const component = type.name.startsWith('__') || type.name === 'Query' || type.name === 'Mutation' ? undefined : componentOf(type);
    return component ? [[type.name, component]] : [];
  });
  const all = Object.fromEntries(Object.entries({ ...paths, ...extra }).sort(([a], [b]) => (a < b ? -1 : 1)));
  return pruneUnused({
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: release,
      summary: 'Conversational analytics',
      description: version.deprecated ? `${about}\n\nThis version is deprecated since ${version.deprecated.since}.` : about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    security: [{ bearer: [] }],
    tags: tagsOf(all),
    paths: all,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A JWT with `tenant_id` and `user_id` (or `sub`); `roles` and `scope` optional.',
        },
      },
      parameters,
      headers: sharedHeaders,
      responses: errorResponses(),
      schemas: { ...Object.fromEntries(fromView), ...envelopeSchemas },
    },
  }) as unknown as OpenApiDocument;
}

function tagsOf(paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>): readonly JsonSchema[] {
  const names = new Set(Object.values(paths).flatMap((methods) => Object.values(methods).flatMap(({ tags }) => tags as string[])));
  return [...names].sort().map((name) => ({ name, description: tagDescriptions[name.toLowerCase()] ?? `Everything about ${name}.` }));
}
