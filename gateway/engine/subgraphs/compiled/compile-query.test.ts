import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, GraphQLScalarType, parse } from 'graphql';

import { createRequestContext } from '#platform/graphql';

import { caller } from '../../../../test/kit/caller';

import { compileQuery } from './compile-query';

const later = <Value>(value: Value): Promise<Value> => new Promise((resolve) => setImmediate(resolve, value));
const soon = async <Value>(value: Value): Promise<Value> => value;
const fails = (message: string) => () => {
  throw new Error(message);
};

const typeDefs = `
  scalar Odd
  enum Colour { RED GREEN }
  interface Node { id: ID! node: Node }
  type Leaf implements Node @key(fields: "id") { id: ID! node: Node size(unit: Unit = { name: "cm" }, times: Int = 2): String! broken: Int strict: Int! }
  type Branch implements Node { id: ID! node: Node leaves(first: Int): [Leaf!] nodes: [Node] deep: [[Int]] colour: Colour slow: Leaf slowStrict: Leaf! parent: Branch! }
  union Any = Leaf | Branch
  input Unit { name: String! }
  type Query {
    leaf: Leaf branch: Branch! none: Leaf nodes: [Node] strictNodes: [Node!]! any(kind: String!): Any
    odd: Odd oddNull: Odd oddThrows: Odd ints: [Int!] floats: [Float] wrong: Int nan: Float colour: Colour badColour: Colour
    method(text: String): String notList: [Int] generator: [Int] promised: [Int] promisedStrict: [Int!] error: String errors: [String]
    slow: [Leaf] slowFailing: [Leaf!] twice: Branch echo(unit: Unit, times: [Int!] = [1]): String path: String parentType: String text: String bool: Boolean id: ID
  }
  type Mutation { push(value: Int!): [Int!]! pushSlowly(value: Int!): [Int!]! fail: Int failStrict: Int! }
`;

function schema() {
  const log: number[] = [];
  const leaf = (id: string) => ({ __typename: 'Leaf', id, broken: fails('broken leaf'), strict: null });
  const branch = {
    __typename: 'Branch', id: 7, node: () => later(leaf('of a branch')), colour: 'RED', deep: [[1, null], null, ['x', 2]],
    leaves: ({ first = 3 }: { first?: number }) => Array.from({ length: first }, (_, index) => leaf(`l${index}`)),
    nodes: [leaf('n'), soon({ __typename: 'Branch', id: 'b' }), null, { __typename: 'Nobody' }, { __typename: 'Query' }, {}],
    slow: () => later(leaf('slow')), slowStrict: () => later(null), parent: () => soon(null),
  }; // prettier-ignore
  const resolvers = {
      Odd: new GraphQLScalarType({
        name: 'Odd',
        serialize(value) {
          if (value === 'throw') throw new TypeError('not odd');
          return value === 'null' ? null : { odd: value };
        },
      }),
      Colour: { RED: 'RED', GREEN: 2 },
      Leaf: {
        __resolveReference: ({ id }: { id: string }) => (id === 'gone' ? null : later(leaf(id))),
        size: (_: unknown, { unit, times }: { unit: { name: string }; times: number }) => `${times}${unit.name}`,
        node: (_source: unknown, _args: unknown, _context: unknown, info: { path: object }) => ({ __typename: 'Leaf', id: JSON.stringify(info.path) }),
      },
      Branch: { __isTypeOf: ({ id }: { id: unknown }) => (id === 'b' ? soon(false) : true) },
      Any: { __resolveType: ({ kind }: { kind: string }) => (kind === 'later' ? later('Leaf') : kind) },
      Query: {
        leaf: () => leaf('one'), branch: () => branch, none: () => null, nodes: () => soon([leaf('a'), branch, undefined]),
        strictNodes: () => [leaf('a'), soon(null)], any: (_: unknown, { kind }: { kind: string }) => ({ kind, id: 'u' }),
        odd: () => 3, oddNull: () => 'null', oddThrows: () => 'throw', ints: () => [1, 2 ** 31, 3], floats: () => [1, '2.5', Number.NaN, -0], wrong: () => 'x',
        nan: () => Number.POSITIVE_INFINITY, colour: () => 2, badColour: () => 'BLUE', method: (_: unknown, { text }: { text?: string }) => text ?? 'nothing',
        notList: () => 'abc', *generator() { yield 1; yield 2; }, promised: () => [soon(1), 2, Promise.reject(new Error('third'))],
        promisedStrict: () => [soon(1), soon(null)], error: () => new Error('given'), errors: () => ['a', new Error('in a list'), soon(new Error('later in a list'))],
        slow: () => [later(leaf('1')), leaf('2'), later(null)], slowFailing: () => [later(leaf('1')), Promise.reject(new Error('gone'))], twice: () => soon(branch),
        echo: (_: unknown, args: unknown) => JSON.stringify(args), path: (_s: unknown, _a: unknown, _c: unknown, info: { path: object }) => JSON.stringify(info.path),
        parentType: (_s: unknown, _a: unknown, context: { requestId: string }, info: { parentType: { name: string }; operation: { name?: { value: string } } }) =>
          `${info.parentType.name} ${info.operation.name?.value ?? ''} ${context.requestId}`,
        text: () => 5, bool: () => 1, id: () => 12,
      },
      Mutation: {
        push: (_: unknown, { value }: { value: number }) => (log.push(value), [...log]),
        pushSlowly: async (_: unknown, { value }: { value: number }) => (await later(0), log.push(value), [...log]),
        fail: fails('not today'), failStrict: () => Promise.reject(new Error('never')),
      },
    }; // prettier-ignore
  return buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: resolvers as never }]);
}

const entities =
  'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename ... on Leaf { id size } } }';

const operations: readonly (readonly [source: string, variables?: Record<string, unknown>])[] = [
  ['{ leaf { id size broken } none { id } __typename t: __typename leaf { __typename } }'],
  ['{ leaf { strict } branch { id } }'],
  ['{ branch { id colour deep leaves(first: 2) { id size(times: 4) } } }'],
  ['{ branch { leaves { strict } id } }'],
  ['{ branch { nodes { id ... on Leaf { size node { id } } ... on Branch { colour } } } }'],
  ['{ branch { node { id ... on Leaf { node { id } } } slow { id broken } } }'],
  ['{ branch { slowStrict { id } slow { broken } } leaf { broken } }'],
  ['{ twice { parent { id } slow { strict } leaves { broken } } leaf { id } }'],
  ['{ nodes { __typename id } strictNodes { id } }'],
  ['{ a: any(kind: "Leaf") { ... on Leaf { id } } b: any(kind: "later") { __typename } c: any(kind: "Nobody") { __typename } d: any(kind: "Query") { __typename } }'],
  ['{ odd oddNull oddThrows ints floats wrong nan colour badColour text bool id }'],
  ['{ notList } '],
  ['{ generator promised promisedStrict error errors }'],
  ['{ slow { id broken } slowFailing { id } }'],
  ['{ slow { strict } slowFailing { broken } }'],
  ['query Named($u: Unit, $t: [Int!]) { parentType path x: path echo(unit: $u, times: $t) }', { u: { name: 'm' }, t: 3 }],
  ['query ($u: Unit, $t: [Int!]) { echo(unit: $u, times: $t) }'],
  ['query ($n: String = "in") { echo(unit: { name: $n }, times: [4, 5]) method(text: null) }', { n: null }],
  ['query ($n: String!) { echo(unit: { name: $n }) }', { n: 5 }],
  ['query ($n: Int!) { branch { leaves(first: $n) { id } } }', { n: 1 }],
  ['{ ...A leaf { ...L } } fragment A on Query { leaf { id } ...B } fragment B on Query { leaf { size } ...A2 } fragment A2 on Query { none { id } } fragment L on Node { id node { __typename ...M } } fragment M on Leaf { size }'],
  ['{ branch { ... { id } ... on Node { node { id } } ... on Leaf { size } } }'],
  ['mutation { a: pushSlowly(value: 1) b: push(value: 2) c: fail d: pushSlowly(value: 3) }'],
  ['mutation { a: push(value: 1) failStrict b: push(value: 2) }'],
  [entities, { representations: [{ __typename: 'Leaf', id: 'x' }, { __typename: 'Leaf', id: 'gone' }] }],
  [entities, { representations: { __typename: 'Leaf', id: 'x' } }],
  [entities, { representations: [null] }],
  ['query ($n: Int) { branch { leaves(first: $n) { id } } }', { n: 1.5 }],
  ['query ($n: Int) { branch { leaves(first: $n) { id } } }'],
  ['query ($n: Int) { leaf { size(times: $n) } }'],
  ['query ($n: Int) { leaf { size(times: $n) } }', { n: null }],
  ['query ($k: String) { any(kind: $k) { __typename } text }'],
  ['query ($k: String) { any(kind: $k) { __typename } method(text: $k) }', { k: null }],
  ['query ($k: String!) { any(kind: $k) { __typename } method(text: $k) }', { k: 'Leaf' }],
  [entities],
  ['query ($c: Boolean!) { leaf { id @skip(if: $c) size } ... @include(if: $c) { text } }', { c: true }],
  ['{ __schema { queryType { name } } leaf { id } }'],
  ['{ __proto__: text leaf { id } }'],
]; // prettier-ignore

/** Words about what a resolver of types gave are each executor's own. */
const own = /must resolve to|was resolved to|is not a possible type|Expected value of type|to serialize to|Expected `/;

const shown = (result: unknown) => {
  const { data, errors } = result as { data?: unknown; errors?: readonly { message: string; path?: unknown }[] };
  return {
    text: JSON.stringify(data),
    errors: errors?.map(({ message, path }) => ({ message: own.test(message) ? 'own words' : message, path })),
  };
};

describe('a compiled operation', () => {
  it.each(operations.map(([source, variables = {}]) => ({ source, variables })))(
    'has the answer of graphql-js: $source',
    async ({ source, variables }) => {
      const document = parse(source);
      const context = createRequestContext({ caller: caller(), requestId: 'r' });
      const expected = await execute({ schema: schema(), document, variableValues: variables, contextValue: context });
      const compiled = compileQuery(schema(), { document, source, operationKind: 'query', variables, context });
      const isForGraphqlJs = /@skip|__schema|__proto__/.test(source);
      expect(compiled === null).toBe(isForGraphqlJs);
      if (!compiled) return;
      // Twice, since what is compiled must keep nothing of a run; mutations write, so once.
      for (let run = 0; run < (source.startsWith('mutation') ? 1 : 2); run += 1)
        expect(shown(await compiled({ document, source, operationKind: 'query', variables, context }))).toEqual(shown(expected));
    },
  );

  it('waits for nothing where no resolver does', () => {
    const document = parse('{ leaf { id size } odd }');
    const request = {
      document,
      source: '',
      operationKind: 'query',
      variables: {},
      context: createRequestContext({ caller: caller(), requestId: 'r' }),
    } as const;
    expect(compileQuery(schema(), request)!(request)).toEqual({ data: { leaf: { id: 'one', size: '2cm' }, odd: { odd: 3 } } });
  });
});
