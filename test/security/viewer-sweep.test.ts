import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
} from 'graphql';

import { projectRoot } from '#platform/lifecycle';

import { startServer, type TestServer } from '../kit/server';

const schema = buildSchema(readFileSync(path.join(projectRoot, 'schema', 'api.graphql'), 'utf8'));
const mutations = Object.values(schema.getMutationType()!.getFields());

/** Mutations only by their verb: they change nothing, and a viewer may read. */
const reading = new Map([
  ['semanticSearch', 'searching is reading; it is a mutation because REST sends it as POST'],
  ['draftSemanticModel', 'stores nothing: it infers a model from a schema that a viewer may read'],
]);

/** The least value that the type accepts. */
function least(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return least(type.ofType as GraphQLInputType);
  if (isListType(type)) return [least(type.ofType as GraphQLInputType)];
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
    return Object.fromEntries(required.map((field) => [field.name, least(field.type)]));
  }
  return { Int: 1, Float: 0.5, Boolean: true, JSON: {} }[getNamedType(type).name] ?? 'x';
}

describe('a viewer', () => {
  let server: TestServer;
  let viewer: string;
  beforeAll(async () => {
    server = await startServer({ environment: { DEMO_DATA: 'false', RATE_LIMIT_FREE: '100000' } });
    viewer = server.token('acme', { roles: ['viewer'] });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** One field that can be asked for without an argument, however deep. */
  const shallow = (type: GraphQLObjectType): string => {
    const fields = Object.values(type.getFields()).filter(({ args }) => args.length === 0);
    const leaf = fields.find((each) => isLeafType(getNamedType(each.type)));
    if (leaf) return `{ ${leaf.name} }`;
    const inner = fields.find((each) => isObjectType(getNamedType(each.type)))!;
    return `{ ${inner.name} ${shallow(getNamedType(inner.type) as GraphQLObjectType)} }`;
  };

  const call = async (field: (typeof mutations)[number]): Promise<any> => {
    const variables = Object.fromEntries(
      field.args.filter((argument) => isNonNullType(argument.type)).map((argument) => [argument.name, least(argument.type)]),
    );
    const given = field.args.filter(({ name }) => name in variables);
    const head = given.length > 0 ? `(${given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ')})` : '';
    const body = given.length > 0 ? `(${given.map(({ name }) => `${name}: $${name}`).join(', ')})` : '';
    const result = getNamedType(field.type);
    const selection = isObjectType(result) ? shallow(result) : '';
    return server.graphql(`mutation ${head} { ${field.name}${body} ${selection} }`, { token: viewer, variables });
  };

  it.each(mutations.filter(({ name }) => !reading.has(name)).map((field) => [field.name, field] as const))(
    'may not %s',
    async (_name, field) => {
      const { errors } = await call(field);
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    },
  );
});
