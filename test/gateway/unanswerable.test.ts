import { createEngine, localSubgraph } from '../../gateway/engine';

import { composeFixtures, keptLog, schemaOf, testContext, type SubgraphFixture } from './kit/compose';

// Nothing in `places` implements Place: only `names` knows it, as an interface object that it does not resolve.
const fixtures: readonly SubgraphFixture[] = [
  {
    name: 'places',
    typeDefs: 'type Query { here: Place ok: Boolean } interface Place @key(fields: "id") { id: ID! }',
    resolvers: { Query: { here: () => ({ __typename: 'Place', id: 'p' }), ok: () => true } },
  },
  {
    name: 'names',
    typeDefs: 'type Query { there: Place } type Place @key(fields: "id", resolvable: false) @interfaceObject { id: ID! name: String }',
    resolvers: { Query: { there: () => ({ id: 'p' }) }, Place: { name: () => 'Basel' } },
  },
];

describe.each(['apollo', 'hive'] as const)('with the %s planner', (planner) => {
  const engine = createEngine({
    supergraphSdl: composeFixtures(fixtures),
    subgraphs: fixtures.map((fixture) => localSubgraph(fixture.name, schemaOf(fixture))),
    log: keptLog(),
    planner,
  });
  const run = (source: string) => engine.execute({ source, context: testContext() });

  it('a field that no subgraph can answer is an error, not a null', async () => {
    const { data, errors } = await run('{ here { name } }');
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions.code).toBe('INVALID_REQUEST');
  });

  it('an interface object is answered without asking what it is', async () => {
    expect(await run('{ there { id name } }')).toMatchObject({ data: { there: { id: 'p', name: 'Basel' } } });
  });

  it('an object of a type that does not exist is null with an error', async () => {
    const { data, errors } = await run('{ here { id } ok }');
    expect(data).toEqual({ here: null, ok: true });
    expect(errors).not.toHaveLength(0);
  });

  it('asking for the type of the root alone, or for nothing, needs no subgraph', async () => {
    expect(await run('{ __typename ok @skip(if: true) }')).toMatchObject({ data: { __typename: 'Query' } });
    expect(await run('{ ok @include(if: false) }')).toMatchObject({ data: {} });
  });
});
