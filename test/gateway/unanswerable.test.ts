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

// Neither subgraph can tell the id of every kind of part, though both can find any part.
const parts: readonly SubgraphFixture[] = [
  {
    name: 'wheels',
    typeDefs: `
      type Query { part(id: ID!): Part @shareable wheel: Wheel ok: Boolean }
      interface Part { id: ID! }
      type Wheel implements Part @key(fields: "id") { id: ID! spokes: Int }
      type Bell implements Part @key(fields: "id") { id: ID! @external note: String }
    `,
    resolvers: {
      Query: { part: () => ({ __typename: 'Wheel', id: 'w', spokes: 36 }), wheel: () => ({ id: 'w', spokes: 36 }), ok: () => true },
      Part: { __resolveType: () => 'Wheel' },
    },
  },
  {
    name: 'bells',
    typeDefs: `
      type Query { part(id: ID!): Part @shareable }
      interface Part { id: ID! }
      type Wheel implements Part @key(fields: "id") { id: ID! @external size: Int! }
      type Bell implements Part @key(fields: "id") { id: ID! volume: Int }
    `,
    resolvers: { Query: { part: () => ({ __typename: 'Wheel', id: 'w' }) }, Part: { __resolveType: () => 'Wheel' } },
  },
];

describe.each(['apollo', 'hive'] as const)('beside other fields, with the %s planner', (planner) => {
  const run = (source: string, answers: Readonly<Record<string, object>>) =>
    createEngine({
      supergraphSdl: composeFixtures(parts),
      subgraphs: parts.map(({ name }) => ({
        name,
        execute: async () => answers[name] ?? { data: null },
        subscribe: async () => ({ data: null }),
      })),
      log: keptLog(),
      planner,
    }).execute({ source, context: testContext() });

  it('a field that nobody can be asked for refuses the operation, whatever else is in it', async () => {
    const { data, errors } = await run('{ ok part(id: "w") { id } }', {});
    expect(data ?? null).toBeNull();
    expect(errors).not.toHaveLength(0);
  });

  it('a field that a subgraph leaves out of its answer is an error where it is, and no silent null', async () => {
    const { data, errors } = await run('{ ok wheel { id spokes } }', {
      wheels: { data: { ok: true, wheel: { __typename: 'Wheel', id: 'w' } } },
    });
    expect(data).toEqual({ ok: true, wheel: { id: 'w', spokes: null } });
    expect(errors!.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['wheel', 'spokes'], 'INTERNAL_ERROR']]);
  });

  it('one that may not be null takes its parent along, with the error', async () => {
    const answers = {
      wheels: { data: { wheel: { __typename: 'Wheel', id: 'w' } } },
      bells: { data: { _entities: [{ __typename: 'Wheel' }] } },
    };
    const { data, errors } = await run('{ wheel { id size } }', answers);
    expect(data).toEqual({ wheel: null });
    expect(errors!.map(({ path }) => path)).toEqual([['wheel', 'size']]);
  });

  it('an entity that a subgraph does not know is null without one', async () => {
    const answers = { wheels: { data: { wheel: { __typename: 'Wheel', id: 'w' } } }, bells: { data: { _entities: [null] } } };
    const { data, errors, extensions } = await run('{ wheel { id size } ok: __typename }', answers);
    expect([data, errors]).toEqual([{ wheel: null, ok: 'Query' }, undefined]);
    expect(extensions?.valueCompletion).toEqual([expect.objectContaining({ path: ['wheel', 'size'] })]);
  });
});
