import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server';

import { keptLog, localEngine, schemaOf, testContext } from '../../../test/gateway/kit/compose';
import { shop } from '../../../test/gateway/kit/shop';

import { localSubgraph } from '../subgraphs/local-subgraph';

import { apolloServerParts } from './apollo-server-parts';
import { asApolloGateway } from './as-apollo-gateway';
import { createApolloEngine } from './create-apollo-engine';

it('is the gateway of an Apollo Server', async () => {
  const server = new ApolloServer({ gateway: asApolloGateway(localEngine(shop().fixtures)) });
  const { body } = await server.executeOperation(
    { query: 'query ($u: ID!) { product(upc: $u) { title owner { name } } }', variables: { u: 'p2' } },
    { contextValue: testContext() as never },
  );
  if (body.kind !== 'single') throw new Error(body.kind);
  expect(JSON.parse(JSON.stringify(body.singleResult.data))).toEqual({ product: { title: 'Product 2', owner: { name: 'User 2' } } });
  const refused = await server.executeOperation({ query: '{ me { secret } }' }, { contextValue: testContext() as never });
  expect(JSON.stringify(refused.body)).not.toContain('ECONNREFUSED');
  expect(JSON.stringify(refused.body)).toContain('INTERNAL_ERROR');
  await server.stop();
});

it('has the stock executor as a second opinion on every event of a subscription', async () => {
  const events = ['p0', 'p1', 'p4'];
  const answers = [];
  for (const make of [
    (world: ReturnType<typeof shop>) => Promise.resolve(localEngine(world.fixtures)),
    (world: ReturnType<typeof shop>) => {
      const { supergraphSdl } = localEngine(world.fixtures);
      return createApolloEngine({
        supergraphSdl,
        log: keptLog(),
        subgraphs: world.fixtures.map((fixture) => localSubgraph(fixture.name, schemaOf(fixture))),
      });
    },
  ]) {
    const world = shop();
    const engine = await make(world);
    const stream = await engine.subscribe({
      source: 'subscription { priceChanged { upc owner { name email } ... on Book { rating reviews { body } } } }',
      context: testContext(),
    });
    if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
    const seen = [];
    for (const upc of events) {
      const next = stream.next();
      world.emit(upc);
      const { data, errors = [] } = (await next).value;
      seen.push({ data, errors: errors.map(({ path, extensions }: any) => [path, extensions.code]) });
    }
    await stream.return!();
    expect(world.openStreams()).toBe(0);
    answers.push(JSON.parse(JSON.stringify(seen)));
    await engine.stop();
  }
  expect(answers[0]).toEqual(answers[1]);
});

describe('the parts of an Apollo Server', () => {
  const served = (options: Parameters<typeof localEngine>[1] = {}) => {
    const seen: string[] = [];
    const watching: ApolloServerPlugin<BaseContext> = {
      requestDidStart: async () => ({
        didEncounterErrors: async ({ errors }) =>
          void seen.push(`errors: ${errors.map(({ extensions }) => String(extensions.code)).join()}`),
        executionDidStart: async () => void seen.push('execution'),
        willSendResponse: async () => void seen.push('response'),
      }),
    };
    const { gateway, plugin } = apolloServerParts(localEngine(shop().fixtures, options));
    const formatError = (formatted: object) => ({ ...formatted, message: 'formatted' });
    const server = new ApolloServer({ gateway, plugins: [watching, plugin], formatError });
    const ask = async (request: Parameters<typeof server.executeOperation>[0]) => {
      seen.length = 0;
      const { body } = await server.executeOperation(request, { contextValue: testContext() as never });
      if (body.kind !== 'single') throw new Error(body.kind);
      return JSON.parse(JSON.stringify(body.singleResult)) as { data?: any; errors?: any[]; extensions?: any };
    };
    return { server, seen, ask };
  };

  it('answer with the cost and the same data as the gateway alone', async () => {
    const { server, seen, ask } = served();
    const query = 'query Q($u: ID!) { product(upc: $u) { title owner { name } } }';
    const answer = await ask({ query, variables: { u: 'p2' } });
    expect(answer.data).toEqual({ product: { title: 'Product 2', owner: { name: 'User 2' } } });
    expect(answer.extensions.cost.requested).toBeGreaterThan(0);
    expect(seen).toEqual(['response']);
    await server.stop();
  });

  it('show failures to plugins and to formatError, and run nothing twice', async () => {
    const log = keptLog();
    const { server, seen, ask } = served({ log });
    const answer = await ask({ query: '{ me { name secret } }' });
    expect(answer.errors).toMatchObject([{ message: 'formatted', path: ['me', 'secret'], extensions: { code: 'INTERNAL_ERROR' } }]);
    expect(seen).toEqual(['execution', 'errors: INTERNAL_ERROR', 'response']);
    expect(log.errors).toHaveLength(1);
    await server.stop();
  });

  it('leave an unknown operation name to the server', async () => {
    const { server, ask } = served();
    const answer = await ask({ query: 'query A { me { name } } query B { me { name } }', operationName: 'C' });
    expect(answer.errors![0].extensions.code).toBe('OPERATION_RESOLUTION_FAILURE');
    await server.stop();
  });

  it('hold the limits for documents that the server has parsed', async () => {
    const { server, ask } = served({ limits: { maxTokens: 8 } });
    expect((await ask({ query: '{ me { id name # a comment\n email } }' })).errors).toBeUndefined();
    const { errors: refused } = await ask({ query: '{ me { id name email id } }' });
    expect(refused![0].extensions).toMatchObject({ code: 'INVALID_REQUEST', details: { limit: 'tokens', max: 8 } });
    await server.stop();
    const shallow = served({ limits: { maxDepth: 2 } });
    const { errors: tooDeep } = await shallow.ask({ query: '{ me { reviews { id } } }' });
    expect(tooDeep![0].extensions.details).toEqual({ limit: 'depth', value: 3, max: 2 });
    await shallow.server.stop();
  });
});
