import { catalogue, type ErrorCode } from '#platform/errors';

import type { RouteSpec } from '../routes/route-spec';
import { hasBody } from '../view/parameters';
import { referenceTo, type JsonSchema } from './json-schema';

type Responses = Readonly<Record<string, JsonSchema>>;

const codesByStatus = (): ReadonlyMap<number, readonly ErrorCode[]> => {
  const statuses = new Map<number, ErrorCode[]>();
  for (const code of Object.keys(catalogue) as ErrorCode[]) {
    const { status } = catalogue[code];
    statuses.set(status, [...(statuses.get(status) ?? []), code]);
  }
  return statuses;
};

const header = (description: string, schema: JsonSchema = { type: 'string' }): JsonSchema => ({ description, schema });
const whole = { type: 'integer' };

/** Headers that answers share, as components. */
export const sharedHeaders: Readonly<Record<string, JsonSchema>> = {
  'X-Request-ID': header('The id of this request, given or made; it is in every log line about it.'),
  'X-RateLimit-Limit': header('Requests that the tenant may make in a minute.', whole),
  'X-RateLimit-Remaining': header('Requests left in the current window.', whole),
  'X-RateLimit-Reset': header('When the window is full again, Unix seconds.', whole),
  RateLimit: header('The same by the IETF draft: `"default";r=remaining;t=seconds`.'),
  'RateLimit-Policy': header('The quota by the IETF draft: `"default";q=requests;w=seconds`.'),
  'Retry-After': header('Seconds after which a repetition makes sense.', whole),
  ETag: header('Weak validator of the data, for If-None-Match and, on versioned things, If-Match.'),
  Deprecation: header('Since when this address is deprecated (RFC 9745).'),
  Sunset: header('When this address goes away (RFC 8594).'),
  Link: header('The successor of a deprecated address, `rel="successor-version"`.'),
};

export const headerReferences = (...names: string[]): JsonSchema =>
  Object.fromEntries(
    ['X-Request-ID', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'RateLimit', 'RateLimit-Policy', ...names].map(
      (name) => [name, { $ref: `#/components/headers/${name}` }],
    ),
  );

/** One shared answer per status, with an example of every code that has it. All from the catalogue. */
export function errorResponses(): Responses {
  const responses = [...codesByStatus()].map(([status, codes]) => {
    const examples = codes.map((code) => [code, { summary: code, value: errorExample(code) }]);
    return [
      `Error${status}`,
      {
        description: codes.map((code) => `\`${code}\`: ${catalogue[code].message}`).join('\n\n'),
        headers: headerReferences(...([409, 429, 503].includes(status) ? ['Retry-After'] : [])),
        content: { 'application/json': { schema: referenceTo('ErrorEnvelope'), examples: Object.fromEntries(examples) as JsonSchema } },
      },
    ];
  });
  return Object.fromEntries(responses) as Responses;
}

const errorExample = (code: ErrorCode): JsonSchema => ({
  success: false,
  data: null,
  errors: [{ code, message: catalogue[code].message, request_id: '0f8c5a2e-6f1d-4c0e-9a55-2f7f3f1b8d10' }],
  warnings: [],
  execution_time_ms: 1.5,
});

const always = [400, 401, 403, 404, 406, 409, 422, 429, 500, 503, 504];

/** What a route may answer besides success. */
export function errorReferences(method: RouteSpec['method']): Responses {
  const statuses = [...always, ...(method === 'GET' ? [] : [412]), ...(hasBody(method) ? [413, 415] : [])].sort();
  return Object.fromEntries(statuses.map((status) => [String(status), { $ref: `#/components/responses/Error${status}` }]));
}

const envelopeProperties = (data: JsonSchema, success: boolean, errors: JsonSchema): JsonSchema => ({
  success: { const: success, type: 'boolean', description: 'False where the request failed; `errors` then says why.' },
  data,
  errors,
  warnings: { type: 'array', items: { type: 'string' }, description: 'What a person should know although the request succeeded.' },
  execution_time_ms: { type: 'number', description: 'Time spent on this request, milliseconds.' },
});

const required = ['success', 'data', 'errors', 'warnings', 'execution_time_ms'];
const errorList = { type: 'array', items: referenceTo('Error'), description: 'Empty, unless a part of the answer is missing.' };

/** The envelope around one route's data. */
export const envelopeOf = (data: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: envelopeProperties(data, true, errorList),
  required,
});

export const envelopeSchemas: Readonly<Record<string, JsonSchema>> = {
  Error: {
    type: 'object',
    description: 'One failure.',
    properties: {
      code: { type: 'string', enum: Object.keys(catalogue), description: 'The same at every door of the service.' },
      message: { type: 'string', description: 'What was wrong and what would be right.' },
      field: { type: 'string', description: 'Where in the request: `body.filters[0].operator`.' },
      details: { description: 'Facts for programs: a limit and its maximum, the nearest known name, attempts.' },
      request_id: { type: 'string', description: 'Name it when you ask for help.' },
    },
    required: ['code', 'message', 'request_id'],
  },
  ErrorEnvelope: {
    type: 'object',
    description: 'The answer of a request that failed.',
    properties: envelopeProperties({ type: 'null' }, false, { type: 'array', minItems: 1, items: referenceTo('Error') }),
    required,
  },
};
