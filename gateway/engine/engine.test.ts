import { GraphQLScalarType, parse, type OperationDefinitionNode } from 'graphql';

import { keptLog, localEngine, testContext } from '../../test/gateway/kit/compose';
import { shop } from '../../test/gateway/kit/shop';

const run = (source: string, variables: Record<string, unknown> = {}, log = keptLog()) =>
  localEngine(shop().fixtures, { log }).execute({ source, variables, context: testContext() });

it('joins fields of four subgraphs into one answer', async () => {
  const { data, errors } = await run(
    `{ product(upc: "p0") { __typename title owner { name } ... on Book { pages reviews { body } shipping inStock } } }`,
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    product: {
      __typename: 'Book',
      title: 'Product 0',
      owner: { name: 'User 0' },
      pages: 100,
      reviews: [{ body: 'Review r-p0' }],
      shipping: 14,
      inStock: true,
    },
  });
});

it('shows an AppError with its code, path and request id, and keeps the rest of the answer', async () => {
  const { data, errors } = await run(`{ users { id failing } }`);
  expect((data as any).users[0].failing).toBe('nick u0');
  expect((data as any).users[1].failing).toBeNull();
  expect(errors).toHaveLength(1);
  expect(errors![0]!.path).toEqual(['users', 1, 'failing']);
  expect(errors![0]!.extensions).toEqual({ code: 'NOT_FOUND', retryable: false, requestId: 'req-test' });
});

it('masks what is not of the catalogue and logs it once', async () => {
  const log = keptLog();
  const { data, errors } = await run(`{ me { name secret } }`, {}, log);
  expect(data).toEqual({ me: null });
  expect(JSON.stringify(errors)).not.toMatch(/ECONNREFUSED|db\.internal/);
  expect(errors![0]!.extensions.code).toBe('INTERNAL_ERROR');
  expect(log.errors).toHaveLength(1);
  expect(String((log.errors[0] as any).err)).toContain('ECONNREFUSED');
});

it('places errors of entity fetches where the entities are', async () => {
  const { data, errors } = await run(`{ products(first: 3) { upc ... on Toy { rating } } }`);
  expect((data as any).products[1]).toEqual({ upc: 'p1', rating: null });
  expect(errors!.map((error) => error.path)).toEqual([['products', 1, 'rating']]);
  expect(JSON.stringify(errors)).not.toContain('select');
});

it('propagates null through non-null fields of entity fetches', async () => {
  const { data, errors } = await run(`{ product(upc: "p4") { upc ... on Book { rating } } }`);
  expect(data).toEqual({ product: null });
  expect(errors!.map((error) => [error.path, error.extensions.code])).toEqual([[['product', 'rating'], 'SERVICE_UNAVAILABLE']]);
});

it('nulls the parent of an entity that a subgraph does not know, and says where in the extensions', async () => {
  const { data, errors, extensions } = await run(`{ product(upc: "p3") { upc ... on Toy { reviews { id } } } }`);
  expect(data).toEqual({ product: null });
  expect(errors).toBeUndefined();
  expect((extensions as any).valueCompletion).toEqual([
    { message: 'Cannot return null for non-nullable field Toy.reviews.', path: ['product', 'reviews'] },
  ]);
});

it('never answers null as a whole without an error', async () => {
  const fixture = {
    name: 'one',
    typeDefs: 'type Query { must: Thing! } type Thing @key(fields: "id") { id: ID! }',
    resolvers: { Query: { must: () => ({ id: '1' }) } },
  };
  const other = {
    name: 'two',
    typeDefs: 'type Thing @key(fields: "id") { id: ID! name: String! }',
    resolvers: { Thing: { __resolveReference: () => null } },
  };
  const { data, errors } = await localEngine([fixture, other]).execute({ source: '{ must { name } }', context: testContext() });
  expect(data).toBeNull();
  expect(errors!.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['must', 'name'], 'INTERNAL_ERROR']]);
});

it('answers null for an enum value that clients must not see', async () => {
  const { data } = await run(`{ product(upc: "p1") { ... on Toy { colour } } }`);
  expect(data).toEqual({ product: { colour: null } });
});

it('follows @skip and @include by variables', async () => {
  const engine = localEngine(shop().fixtures);
  const source = `query ($yes: Boolean!, $no: Boolean = false) { me { id @skip(if: $yes) name @include(if: $no) email } }`;
  const answer = async (variables: Record<string, unknown>) => (await engine.execute({ source, variables, context: testContext() })).data;
  expect(await answer({ yes: true })).toEqual({ me: { email: 'user0@example.com' } });
  expect(await answer({ yes: false, no: true })).toEqual({ me: { id: 'u0', name: 'User 0', email: 'user0@example.com' } });
});

it('refuses what does not parse, validate or coerce with INVALID_REQUEST', async () => {
  for (const [source, variables] of [
    ['{ me { ', {}],
    ['{ me { nope } }', {}],
    ['query ($id: ID!) { user(id: $id) { id } }', {}],
    ['query A { me { id } } query B { me { id } }', {}],
    ['query { ' + 'me { '.repeat(20_000), {}],
  ] as const) {
    const { data, errors } = await run(source, variables);
    expect(data).toBeUndefined();
    expect(errors![0]!.extensions).toMatchObject({ code: 'INVALID_REQUEST', requestId: 'req-test' });
  }
});

it('answers introspection and __typename without a subgraph', async () => {
  const { data } = await run(
    `query Q { __typename kind: __type(name: "Colour") { name enumValues { name } } __schema { queryType { name } } }`,
  );
  expect(data).toEqual({
    __typename: 'Query',
    kind: { name: 'Colour', enumValues: [{ name: 'RED' }, { name: 'BLUE' }] },
    __schema: { queryType: { name: 'Query' } },
  });
});

it('runs mutations and then the rest of the plan', async () => {
  const { data } = await run(`mutation { renameProduct(upc: "p0", title: "New") { title owner { name } } }`);
  expect(data).toEqual({ renameProduct: { title: 'New', owner: { name: 'User 0' } } });
});

it('answers SERVICE_UNAVAILABLE with a path for a subgraph that throws, and keeps the others', async () => {
  const { fixtures } = shop();
  const engine = localEngine(fixtures);
  const broken = localEngine(fixtures, { subgraphs: [] });
  expect((await engine.execute({ source: '{ me { id } }', context: testContext() })).errors).toBeUndefined();
  const { data, errors } = await broken.execute({ source: '{ me { id } }', context: testContext() });
  expect(data).toEqual({ me: null });
  expect(errors![0]).toMatchObject({ path: ['me'], extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true } });
});

it('resolves fields of other subgraphs in every event of a subscription, and lets go of the source on return', async () => {
  const world = shop();
  const stream = await localEngine(world.fixtures).subscribe({
    source: 'subscription { priceChanged { upc owner { name } ... on Book { rating } } }',
    context: testContext(),
  });
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  world.emit('p0');
  world.emit('p4');
  expect((await stream.next()).value.data).toEqual({ priceChanged: { upc: 'p0', owner: { name: 'User 0' }, rating: 4.5 } });
  const second = (await stream.next()).value;
  expect(second.data).toBeNull();
  expect(second.errors[0].extensions.code).toBe('SERVICE_UNAVAILABLE');
  const pending = stream.next();
  expect(world.openStreams()).toBe(1);
  await stream.return!();
  expect(world.openStreams()).toBe(0);
  expect(await pending).toEqual({ done: true, value: undefined });
});

it('refuses to prepare an operation that the graph can not run', () => {
  const engine = localEngine(shop().fixtures);
  expect(() => engine.prepare('{ me { id } }')).not.toThrow();
  expect(() => engine.prepare('{ nope }')).toThrow(/nope/);
});

describe('whatever a resolver throws', () => {
  const circular: Record<string, unknown> = { password: 'hunter2' };
  circular.self = circular;
  const thrown: [string, unknown][] = [
    ['an Error', new Error('secret at /srv/app/db.ts')],
    ['a string', 'secret'],
    ['nothing', undefined],
    ['a circular object', circular],
    [
      'a database error',
      Object.assign(new Error('duplicate key (email)=(secret@example.com)'), { code: '23505', query: 'insert into users …' }),
    ],
    [
      'an object that throws when read',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('secret');
          },
        },
      ),
    ],
  ];
  it.each(thrown)('%s: the client sees a code and the request id, the log sees the cause', async (_, value) => {
    const { fixtures } = shop();
    const [accounts, ...others] = fixtures;
    const failing = {
      ...accounts!,
      resolvers: {
        ...accounts!.resolvers,
        Query: {
          me: () => {
            throw value;
          },
        },
      },
    };
    const log = keptLog();
    const { data, errors } = await localEngine([failing, ...others], { log })
      .execute({ source: '{ me { id } users { id } }', context: testContext() })
      .catch((error: unknown) => ({ data: undefined, errors: [error as any] }));
    expect(errors![0]!.extensions).toEqual({ code: 'INTERNAL_ERROR', retryable: false, requestId: 'req-test' });
    expect(JSON.stringify({ data, errors })).not.toMatch(/secret|hunter2|23505|srv/);
    expect(log.errors.length).toBeGreaterThan(0);
  });
});

it("refuses a value that a scalar of a subgraph refuses as the client's mistake", async () => {
  const Even = new GraphQLScalarType({
    name: 'Even',
    parseValue: (value) => {
      if (Number(value) % 2) throw new TypeError('not even');
      return value;
    },
  });
  const fixture = {
    name: 'numbers',
    typeDefs: 'scalar Even type Query { half(of: Even!): Int }',
    resolvers: { Even, Query: { half: (_: unknown, { of }: any) => of / 2 } },
  };
  const ask = (options: object) =>
    localEngine([fixture], options).execute({ source: 'query ($n: Even!) { half(of: $n) }', variables: { n: 3 }, context: testContext() });
  expect((await ask({})).errors![0]!.extensions.code).toBe('INVALID_REQUEST');
  expect((await ask({ scalars: [Even] })).data).toBeUndefined();
});

describe('a document that a server has validated before', () => {
  const given = () => {
    const used: OperationDefinitionNode[] = [];
    const engine = localEngine(shop().fixtures, {
      observer: {
        operationStarted({ definition }) {
          used.push(definition);
          return () => undefined;
        },
      },
    });
    return { engine, used };
  };
  const source = '{ me { name } }';

  it('is used as it is', async () => {
    const { engine, used } = given();
    const document = parse(source);
    const result = await engine.execute({ source, validated: { document, schema: engine.schema }, context: testContext() });
    expect(result.data).toEqual({ me: { name: 'User 0' } });
    expect(used[0]).toBe(document.definitions[0]);
  });

  it('is not believed for another text or another schema, nor without knowing its text', async () => {
    const { engine, used } = given();
    const other = given().engine;
    const wrong = '{ nothing }';
    for (const validated of [
      { document: parse(source), schema: engine.schema },
      { document: parse(wrong), schema: other.schema },
      { document: parse(wrong, { noLocation: true }), schema: engine.schema },
    ]) {
      const { errors } = await engine.execute({ source: wrong, validated, context: testContext() });
      expect(errors![0]!.message).toContain('Cannot query field "nothing"');
    }
    expect(used).toEqual([]);
  });
});
