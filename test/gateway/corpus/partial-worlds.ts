import type { CorpusWorld } from './world';

const parcel = { __typename: 'Parcel', weight: 3, from: { city: 'Basel', kind: 'HOME' } };
const letter = { __typename: 'Letter', lines: 12 };
const telegram = { __typename: 'Telegram', words: 7 };
const typed = { __resolveType: ({ __typename }: any) => __typename };

/** What one subgraph's list holds is of types that another subgraph, which could resolve the list too, does not have. */
const partialWorld: CorpusWorld = {
  name: 'members of a union and an interface that only one of two subgraphs has',
  fixtures: [
    {
      name: 'post',
      typeDefs: `
        type Query { office: Office anywhere: Office @shareable }
        type Office @key(fields: "id") { id: ID! box: Box @shareable }
        type Box @shareable { content: [Item!]! latest: Sent }
        union Item = Parcel | Letter
        interface Sent { id: ID }
        type Parcel implements Sent { id: ID weight: Int from(country: String = "CH"): Address }
        type Address { city: String kind: Kind }
        enum Kind { HOME WORK }
        type Letter @shareable { lines: Int }
      `,
      resolvers: {
        Query: { office: () => ({ id: 'o' }), anywhere: () => ({ id: 'o', box: { content: [letter] } }) },
        Office: {
          __resolveReference: ({ id }: any) => ({ id }),
          box: ({ box }: any) => box ?? { content: [parcel, letter], latest: { ...parcel, id: 'p' } },
        },
        Item: typed,
        Sent: typed,
      },
    },
    {
      name: 'wire',
      typeDefs: `
        type Query { station: Office anywhere: Office @shareable }
        type Office @key(fields: "id") { id: ID! box: Box @shareable wires: Box }
        type Box @shareable { content: [Item!]! latest: Sent }
        union Item = Letter | Telegram
        interface Sent { id: ID }
        type Letter @shareable { lines: Int }
        type Telegram implements Sent { id: ID words: Int }
      `,
      resolvers: {
        Query: { station: () => ({ id: 'o' }), anywhere: () => ({ id: 'o', box: { content: [letter] } }) },
        Office: {
          __resolveReference: ({ id }: any) => ({ id }),
          box: ({ box }: any) => box ?? { content: [letter, telegram], latest: { ...telegram, id: 't' } },
          wires: () => ({ content: [telegram] }),
        },
        Item: typed,
        Sent: typed,
      },
    },
  ],
  operations: [
    {
      source: `query ($country: String) { office { box { content {
        __typename ... on Parcel { weight from(country: $country) { city kind } } ... on Letter { lines } ... on Telegram { words }
      } } } }`,
      variables: { country: 'DE' },
      data: { office: { box: { content: [parcel, letter] } } },
      beyondStock: true,
    },
    {
      source: '{ station { box { content { ... on Parcel { weight } ... on Letter { lines } ... on Telegram { words } } } } }',
      data: { station: { box: { content: [{ lines: 12 }, { words: 7 }] } } },
      beyondStock: true,
    },
    {
      source: 'query ($country: String) { station { box { content { ... on Parcel { from(country: $country) { city } } } } } }',
      variables: { country: 'DE' },
      data: { station: { box: { content: [{}, {}] } } },
    },
    {
      source: '{ anywhere { box { content { __typename ... on Letter { lines } ... on Telegram { words } ... on Parcel { weight } } } } }',
      data: { anywhere: { box: { content: [letter] } } },
    },
    {
      source: '{ office { wires { content { ... on Letter { lines } ... on Telegram { words } } } } }',
      data: { office: { wires: { content: [{ words: 7 }] } } },
    },
    {
      source: '{ office { box { latest { id ... on Parcel { weight } } } } station { box { latest { ... on Telegram { words } } } } }',
      data: { office: { box: { latest: { id: 'p', weight: 3 } } }, station: { box: { latest: { words: 7 } } } },
      beyondStock: true,
    },
  ],
};

const notNeeded = (): never => {
  throw new Error('nobody asked this of an entity of this branch');
};

/** The same entity below two members of a union: what is asked of it below one is not fetched below the other. */
const branchesWorld: CorpusWorld = {
  name: 'entities below members of a union, each with fields of its own subgraph',
  fixtures: [
    {
      name: 'verdicts',
      typeDefs: `
        type Query { verdict: Verdict verdicts: [Verdict!]! }
        union Verdict = Signed | Unsigned
        type Signed { on: Song }
        type Unsigned { on: Song }
        type Song @key(fields: "id") { id: ID! }
      `,
      resolvers: {
        Query: {
          verdict: () => ({ __typename: 'Unsigned', on: { id: 's1' } }),
          verdicts: () => [{ __typename: 'Unsigned', on: { id: 's1' } }],
        },
      },
    },
    {
      name: 'titles',
      typeDefs: 'type Song @key(fields: "id") { id: ID! title: String! }',
      resolvers: { Song: { __resolveReference: ({ id }: any) => ({ id, title: `Song ${id}` }) } },
    },
    {
      name: 'royalties',
      typeDefs: 'type Song @key(fields: "id") { id: ID! share: Int! }',
      resolvers: { Song: { __resolveReference: notNeeded } },
    },
  ],
  operations: [
    {
      source: '{ verdict { ... on Unsigned { on { title } } ... on Signed { on { share } } } }',
      data: { verdict: { on: { title: 'Song s1' } } },
      beyondStock: true,
    },
    {
      source: '{ verdicts { __typename ... on Unsigned { on { id title } } ... on Signed { on { id share } } } }',
      data: { verdicts: [{ __typename: 'Unsigned', on: { id: 's1', title: 'Song s1' } }] },
      beyondStock: true,
    },
  ],
};

const hintSpec = `
  extend schema
    @link(url: "https://specs.example/hint/v1.0", import: ["@hint"])
    @composeDirective(name: "@hint")
  directive @hint(speed: Speed! = CALM) on FIELD | FRAGMENT_SPREAD
  enum Speed { CALM HASTY }
`;

/** Interfaces whose objects may be of a hidden type, asked for without a word on types; and a directive for clients. */
const hiddenWorld: CorpusWorld = {
  name: 'hidden members behind an interface, and directives of operations',
  fixtures: [
    {
      name: 'fleet',
      typeDefs: `
        ${hintSpec}
        type Query { vehicles: [Vehicle] first: Depot }
        type Depot @key(fields: "id") { id: ID! parked: Vehicle }
        interface Vehicle { plate: String }
        type Tram implements Vehicle { plate: String }
        type Ghost implements Vehicle @inaccessible { plate: String }
      `,
      resolvers: {
        Query: {
          vehicles: () => [
            { __typename: 'Tram', plate: 't' },
            { __typename: 'Ghost', plate: 'g' },
          ],
          first: () => ({ id: 'd', parked: { __typename: 'Ghost', plate: 'g' } }),
        },
        Vehicle: typed,
      },
    },
    {
      name: 'names',
      typeDefs: `${hintSpec} type Query { hello: String } type Depot @key(fields: "id") { id: ID! name: String }`,
      resolvers: { Query: { hello: () => 'hello' }, Depot: { __resolveReference: ({ id }: any) => ({ id, name: `Depot ${id}` }) } },
    },
  ],
  operations: [
    { source: '{ vehicles { plate } }', data: { vehicles: [{ plate: 't' }, null] } },
    { source: '{ first { name parked { plate } } }', data: { first: { name: 'Depot d', parked: null } } },
    {
      source: '{ hello @hint first @hint(speed: HASTY) { ...D @hint name } } fragment D on Depot { id @hint }',
      data: { hello: 'hello', first: { id: 'd', name: 'Depot d' } },
      beyondStock: true,
    },
  ],
};

export const partialWorlds: readonly CorpusWorld[] = [partialWorld, branchesWorld, hiddenWorld];
