import { createEngine, localSubgraph, type GraphEngine, type Subgraph } from '../../../gateway/engine';
import { caller } from '../../kit/caller';
import { composeFixtures, keptLog, schemaOf, testContext } from '../kit/compose';
import { serveAllRemotely } from '../kit/remote';

import { protectedWorld } from './protected-world';

const engines: [string, GraphEngine][] = [];
const cleanups: (() => Promise<void>)[] = [];
const asked: string[] = [];

/** Notes every request that leaves the engine. */
const overheard = (subgraph: Subgraph): Subgraph => ({
  name: subgraph.name,
  isRemote: subgraph.isRemote,
  execute: (request) => (asked.push(`${subgraph.name}: ${request.source}`), subgraph.execute(request)),
  subscribe: (request) => (asked.push(`${subgraph.name}: ${request.source}`), subgraph.subscribe(request)),
});

beforeAll(async () => {
  const supergraphSdl = composeFixtures(protectedWorld);
  const remote = await serveAllRemotely(protectedWorld);
  cleanups.push(() => remote[Symbol.asyncDispose]());
  const local = protectedWorld.map((fixture) => localSubgraph(fixture.name, schemaOf(fixture)));
  for (const planner of ['apollo', 'hive'] as const)
    for (const [where, subgraphs] of [['local', local] as const, ['remote', remote.subgraphs] as const])
      engines.push([`${planner}, ${where}`, createEngine({ supergraphSdl, planner, log: keptLog(), subgraphs: subgraphs.map(overheard) })]);
});
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

const nobody = { userId: '', scopes: [] };
const holding = (...scopes: string[]) => ({ userId: 'somebody', scopes });

interface Case {
  readonly source: string;
  readonly who: { readonly userId: string; readonly scopes: string[] };
  readonly data: unknown;
  /** Places withheld and why; none for who may see all. */
  readonly withheld?: readonly (readonly [string, string])[];
  /** What no subgraph may have been asked for. */
  readonly never?: RegExp;
  /** Subgraphs that were asked, where it matters that others were not. */
  readonly only?: readonly string[];
}

const tom = { __typename: 'Cat', name: 'Tom' };
const rex = { __typename: 'Dog', name: 'Rex' };

const cases: Readonly<Record<string, Case>> = {
  'a nullable field stays null beside its neighbours': {
    source: '{ people { name salary } }',
    who: holding(),
    data: {
      people: [
        { name: 'Ann', salary: null },
        { name: 'Bob', salary: null },
      ],
    },
    withheld: [['people.salary', 'FORBIDDEN']],
    never: /salary/,
  },
  'nobody is told to log in': {
    source: '{ people { salary } }',
    who: nobody,
    data: { people: [{ salary: null }, { salary: null }] },
    withheld: [['people.salary', 'UNAUTHORIZED']],
    never: /salary/,
  },
  'any set of scopes in full opens it': {
    source: '{ people { salary } }',
    who: holding('admin:all', 'hr:all'),
    data: { people: [{ salary: 10 }, { salary: 20 }] },
  },
  'half a set does not': {
    source: '{ people { salary } }',
    who: holding('admin:all'),
    data: { people: [{ salary: null }, { salary: null }] },
    withheld: [['people.salary', 'FORBIDDEN']],
    never: /salary/,
  },
  'an entity field of another subgraph, beside an open one of it': {
    source: '{ people { name medical insured } }',
    who: holding(),
    data: {
      people: [
        { name: 'Ann', medical: null, insured: true },
        { name: 'Bob', medical: null, insured: true },
      ],
    },
    withheld: [['people.medical', 'FORBIDDEN']],
    never: /medical/,
  },
  'a subgraph that would only be asked for what is withheld is not asked': {
    source: '{ people { name medical } }',
    who: holding(),
    data: {
      people: [
        { name: 'Ann', medical: null },
        { name: 'Bob', medical: null },
      ],
    },
    withheld: [['people.medical', 'FORBIDDEN']],
    only: ['people'],
  },
  'the same with the scope': {
    source: '{ people { name medical } }',
    who: holding('health:read'),
    data: {
      people: [
        { name: 'Ann', medical: 'fit' },
        { name: 'Bob', medical: 'ill' },
      ],
    },
    only: ['people', 'health'],
  },
  'a field that cannot be null takes its nullable parent along': {
    source: '{ people { name vault { label secretCode } } }',
    who: nobody,
    data: {
      people: [
        { name: 'Ann', vault: null },
        { name: 'Bob', vault: null },
      ],
    },
    withheld: [['people.vault.secretCode', 'UNAUTHORIZED']],
    never: /secretCode/,
  },
  'and the first nullable one above, over subgraphs': {
    source: '{ person(id: "e1") { name doctor { name } } }',
    who: nobody,
    data: { person: null },
    withheld: [['person.doctor', 'UNAUTHORIZED']],
    never: /doctor/,
  },
  'and the whole answer where nothing above is nullable': {
    source: '{ wards { name keeper { insured doctor { name } } } }',
    who: nobody,
    data: null,
    withheld: [['wards.keeper.doctor', 'UNAUTHORIZED']],
    never: /doctor/,
  },
  'the same with a login': {
    source: '{ wards { keeper { name doctor { name } } } }',
    who: holding(),
    data: { wards: [{ keeper: { name: 'Ann', doctor: { name: 'Dr. No' } } }] },
  },
  'entities reached through another subgraph, fields of both': {
    source: '{ wards { patients { name salary medical chief { name salary } } } }',
    who: holding('health:read'),
    data: {
      wards: [
        {
          patients: [
            { name: 'Ann', salary: null, medical: 'fit', chief: null },
            { name: 'Bob', salary: null, medical: 'ill', chief: { name: 'Ann', salary: null } },
          ],
        },
      ],
    },
    withheld: [
      ['wards.patients.salary', 'FORBIDDEN'],
      ['wards.patients.chief.salary', 'FORBIDDEN'],
    ],
    never: /salary/,
  },
  'an interface field that one implementation protects': {
    source: '{ pets { __typename name chip } }',
    who: nobody,
    data: {
      pets: [
        { ...tom, chip: null },
        { ...rex, chip: null },
      ],
    },
    withheld: [['pets.chip', 'UNAUTHORIZED']],
    never: /chip/,
  },
  'the field of the implementation that is open': {
    source: '{ pets { __typename name ... on Dog { chip } } }',
    who: nobody,
    data: { pets: [tom, { ...rex, chip: 'd-2' }] },
  },
  'the field of the implementation that is protected, and its entity fields': {
    source: '{ pets { __typename name ... on Cat { chip lives } } }',
    who: nobody,
    data: { pets: [{ ...tom, chip: null, lives: 9 }, rex] },
    withheld: [['pets.chip', 'UNAUTHORIZED']],
    never: /chip/,
  },
  'a type of a union': {
    source: '{ found { __typename ... on Person { name salary } ... on Cat { lives } } }',
    who: holding(),
    data: { found: [{ __typename: 'Person', name: 'Ann', salary: null }, { __typename: 'Audit' }, { __typename: 'Cat', lives: 9 }] },
    withheld: [['found.salary', 'FORBIDDEN']],
    never: /salary/,
  },
  'a field of a protected type of a union': {
    source: '{ found { ... on Audit { secretTotal } ... on Cat { lives } } }',
    who: holding(),
    data: null,
    withheld: [['found.secretTotal', 'FORBIDDEN']],
    never: /secretTotal/,
  },
  'the same with its scope': {
    source: '{ found { ... on Audit { secretTotal } ... on Cat { lives } } }',
    who: holding('audit:read'),
    data: { found: [{}, { secretTotal: 30 }, { lives: 9 }] },
  },
  'a field whose type is protected, and an enum that is': {
    source: '{ audit { secretTotal } clearance people { name } }',
    who: nobody,
    data: { audit: null, clearance: null, people: [{ name: 'Ann' }, { name: 'Bob' }] },
    withheld: [
      ['audit', 'UNAUTHORIZED'],
      ['clearance', 'UNAUTHORIZED'],
    ],
    never: /audit|clearance|secretTotal/,
  },
  'fragments and aliases, each at its place': {
    source: `{ person(id: "e1") { ...A ... { ...B } } me { name } }
      fragment A on Person { pay: salary name }
      fragment B on Person { wage: salary medical ... on Person { chief { ...A } } }`,
    who: nobody,
    data: { person: { pay: null, name: 'Ann', wage: null, medical: null, chief: null }, me: null },
    withheld: [
      ['person.pay', 'UNAUTHORIZED'],
      ['person.wage', 'UNAUTHORIZED'],
      ['person.medical', 'UNAUTHORIZED'],
      ['person.chief.pay', 'UNAUTHORIZED'],
      ['me', 'UNAUTHORIZED'],
    ],
    never: /salary|medical|\bme\b/,
  },
  'a field of an interface object, asked of the interface and of a type': {
    source: '{ media { title plays royalties } songs { royalties } }',
    who: holding(),
    data: {
      media: [
        { title: 'Blue', plays: 7, royalties: null },
        { title: 'Red', plays: 7, royalties: null },
      ],
      songs: [{ royalties: null }],
    },
    withheld: [
      ['media.royalties', 'FORBIDDEN'],
      ['songs.royalties', 'FORBIDDEN'],
    ],
    never: /royalties\b.*royalties|\{ ?royalties/,
  },
  'a field of an interface object with its scope': {
    source: '{ media { title royalties } songs { royalties } }',
    who: holding('pay:read'),
    data: {
      media: [
        { title: 'Blue', royalties: 99 },
        { title: 'Red', royalties: 99 },
      ],
      songs: [{ royalties: 99 }],
    },
  },
  'what a condition leaves out is not missed': {
    source: '{ people { name salary @skip(if: true) } }',
    who: holding(),
    data: { people: [{ name: 'Ann' }, { name: 'Bob' }] },
  },
  'a mutation is not run': {
    source: 'mutation { secretRaise(id: "e1") { name } }',
    who: holding('pay:read'),
    data: { secretRaise: null },
    withheld: [['secretRaise', 'FORBIDDEN']],
    only: [],
  },
};

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

it.each(Object.entries(cases))('%s', async (_, { source, who, data, withheld = [], never, only }) => {
  for (const [name, engine] of engines) {
    asked.length = 0;
    const answer = await engine.execute({ source, context: testContext({ caller: caller(who) }) });
    const told = (answer.errors ?? []).map(({ path, extensions }) => [path?.join('.'), extensions.code]);
    expect({ name, data: plain(answer.data), told }).toEqual({ name, data, told: withheld });
    if (never) expect(asked.filter((request) => never.test(request))).toEqual([]);
    if (only) expect([...new Set(asked.map((request) => request.split(':')[0]))].sort()).toEqual([...only].sort());
  }
});

it('a subscription without its field asks nobody, and its events are without what is withheld', async () => {
  for (const [name, engine] of engines) {
    asked.length = 0;
    const context = () => testContext({ caller: caller(nobody) });
    const refused = await engine.subscribe({ source: 'subscription { secretHired { name } }', context: context() });
    if (Symbol.asyncIterator in refused) throw new Error(`${name} opened a stream`);
    expect([plain(refused.data), refused.errors![0]!.extensions.code, asked]).toEqual([{ secretHired: null }, 'UNAUTHORIZED', []]);
    const stream = await engine.subscribe({ source: 'subscription { hired { name salary medical insured } }', context: context() });
    if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
    const { data, errors } = (await stream.next()).value;
    expect(plain(data)).toEqual({ hired: { name: 'Bob', salary: null, medical: null, insured: true } });
    expect(errors.map((error: any) => error.path.join('.')).sort()).toEqual(['hired.medical', 'hired.salary']);
    expect(asked.filter((request) => /salary|medical/.test(request))).toEqual([]);
    await stream.return!();
  }
});
