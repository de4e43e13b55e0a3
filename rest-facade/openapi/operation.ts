import {
  isInputObjectType,
  isLeafType,
  isListType,
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLType,
} from 'graphql';

import { maxPageSize } from '#platform/graphql';

import { takesFile } from '../http/upload';
import { toWords } from '../names';
import type { CompiledRoute } from '../view/compile-route';
import { hasBody, type Parameter } from '../view/parameters';
import { exampleOf } from './examples';
import { present, schemaOf, type JsonSchema } from './json-schema';
import { envelopeOf, errorReferences, headerReferences } from './responses';

type ViewField = GraphQLField<unknown, unknown>;

/** SOFA's operation of a route, completed: what it says about itself, its parameters, body, answers and failures. */
export function describeOperation(route: CompiledRoute, field: ViewField, fromSofa: JsonSchema): JsonSchema {
  const { spec } = route;
  const description = field.description ?? `${toWords(spec.field)}.`;
  const deprecation = field.deprecationReason ?? undefined;
  const body = hasBody(spec.method) ? requestBody(route, field) : undefined;
  return {
    operationId: fromSofa.operationId,
    summary: summaryOf(description),
    description: deprecation === undefined ? description : `${description}\n\nDeprecated: ${deprecation}`,
    tags: spec.tags,
    ...(deprecation === undefined ? {} : { deprecated: true }),
    parameters: [
      ...route.parameters
        .filter(({ in: place }) => place !== 'body')
        .map((parameter) => describeParameter(parameter, argument(field, parameter))),
      ...headerParameters(route),
    ],
    ...(body ? { requestBody: body } : {}),
    responses: {
      [String(spec.status)]: success(route, field.type),
      ...(spec.method === 'GET' && route.selection.kind !== 'binary' ? { '304': notModified } : {}),
      ...errorReferences(spec.method),
    },
  };
}

const summaryOf = (description: string): string => (/^[^.\n]{1,120}/.exec(description)?.[0] ?? description).trim();

const argument = (field: ViewField, { key }: Parameter): GraphQLArgument => field.args.find(({ name }) => name === key)!;

const notModified = { description: 'The data is still what `If-None-Match` names.', headers: headerReferences('ETag') };

function headerParameters({ spec, versionParameter }: CompiledRoute): readonly JsonSchema[] {
  const names = [
    ...(spec.method === 'POST' ? ['IdempotencyKey'] : []),
    ...(spec.method === 'GET' ? ['IfNoneMatch'] : []),
    ...(versionParameter ? ['IfMatch'] : []),
  ];
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

function withDefault(parameter: Parameter, { type, defaultValue }: GraphQLArgument): JsonSchema {
  const bounds = parameter.paging === 'limit' ? { minimum: 1, maximum: maxPageSize } : parameter.paging === 'offset' ? { minimum: 0 } : {};
  const shown = defaultValue === undefined ? {} : { default: restDefault(defaultValue, type) };
  const schema = present(type);
  return { ...schema, ...bounds, ...shown };
}

/** Defaults of enums are kept by the graph's name; the view knows its own. */
const restDefault = (value: unknown, type: GraphQLArgument['type']): unknown => {
  const named = getNamedType(type) as { getValues?(): readonly { readonly name: string; readonly value: unknown }[] };
  return named.getValues?.().find((candidate) => candidate.value === value)?.name ?? value;
};

function describeParameter(parameter: Parameter, view: GraphQLArgument): JsonSchema {
  const type = getNullableType(view.type);
  const nested = isInputObjectType(getNamedType(type))
    ? { style: 'deepObject', explode: true }
    : isListType(type)
      ? { style: 'form', explode: true }
      : {};
  return {
    name: parameter.key,
    in: parameter.in,
    required: parameter.required,
    description: parameter.description ?? `${toWords(parameter.key)}.`,
    ...(parameter.deprecationReason === undefined ? {} : { deprecated: true }),
    ...nested,
    schema: withDefault(parameter, view),
    ...(parameter.required ? { example: exampleOf(view.type, parameter.key) } : {}),
  };
}

function requestBody(route: CompiledRoute, field: ViewField): JsonSchema | undefined {
  const inBody = route.parameters.filter(({ in: place }) => place === 'body');
  if (inBody.length === 0) return undefined;
  const required = inBody.filter((parameter) => parameter.required);
  const properties = Object.fromEntries(inBody.map((parameter) => [parameter.key, bodyProperty(parameter, argument(field, parameter))]));
  const schema = {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required: required.map(({ key }) => key) } : {}),
    additionalProperties: false,
  };
  const shown = required.length > 0 ? required : inBody.slice(0, 1);
  const example = Object.fromEntries(shown.map((parameter) => [parameter.key, exampleOf(argument(field, parameter).type, parameter.key)]));
  return {
    required: required.length > 0,
    content: {
      'application/json': { schema: withIdentity(schema), example },
      ...(takesFile(route) ? { 'multipart/form-data': { schema: formSchema(properties, schema.required ?? []) } } : {}),
    },
  };
}

/** Existing clients repeat who they are; the facade accepts that where it is true. */
const withIdentity = (schema: { readonly properties: JsonSchema } & JsonSchema): JsonSchema => {
  const identity = (whose: string): JsonSchema => ({
    type: 'string',
    description: `Accepted where it equals the token's ${whose}; better left out.`,
  });
  const added = { tenant_id: identity('tenant'), ...('user_id' in schema.properties ? {} : { user_id: identity('user') }) };
  return { ...schema, properties: { ...schema.properties, ...added } };
};

/** As in GraphQL, one plain value stands for a list of one. */
const orSingle = (schema: JsonSchema, { type }: GraphQLArgument): JsonSchema => {
  const list = getNullableType(type);
  if (!isListType(list) || !isLeafType(getNullableType(list.ofType))) return schema;
  return { anyOf: [present(list.ofType as GraphQLType), schema] };
};

const bodyProperty = (parameter: Parameter, view: GraphQLArgument): JsonSchema => ({
  ...orSingle(parameter.required ? present(view.type) : schemaOf(view.type), view),
  ...(view.defaultValue === undefined ? {} : { default: restDefault(view.defaultValue, view.type) }),
  description: parameter.description ?? `${toWords(parameter.key)}.`,
  ...(parameter.deprecationReason === undefined ? {} : { deprecated: true }),
});

function formSchema(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): JsonSchema {
  const { filename, content_base64: content, content_type: type, ...fields } = properties;
  const file = { type: 'string', format: 'binary', contentMediaType: 'application/octet-stream', description: 'The file.' };
  return {
    type: 'object',
    properties: { file, ...fields },
    required: [...(required.includes('content_base64') ? ['file'] : []), ...required.filter((name) => name in fields)],
  };
}

function success(route: CompiledRoute, type: GraphQLOutputType): JsonSchema {
  const { spec, deprecation } = route;
  const headers = headerReferences(...(spec.method === 'GET' ? ['ETag'] : []), ...(deprecation ? ['Deprecation', 'Sunset', 'Link'] : []));
  if (route.selection.kind === 'binary') {
    return {
      description: 'The bytes of the file, under its own content type.',
      headers,
      content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
    };
  }
  const example = { success: true, data: exampleOf(type, spec.field), errors: [], warnings: [], execution_time_ms: 12.5 };
  return { description: 'The result.', headers, content: { 'application/json': { schema: envelopeOf(schemaOf(type)), example } } };
}
