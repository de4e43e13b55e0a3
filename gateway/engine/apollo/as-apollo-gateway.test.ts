import { ApolloServer } from '@apollo/server';

import { keptLog, localEngine, schemaOf, testContext } from '../../../test/gateway/kit/compose';
import { shop } from '../../../test/gateway/kit/shop';

import { localSubgraph } from '../subgraphs/local-subgraph';

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
