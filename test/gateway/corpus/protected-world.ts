import type { SubgraphFixture } from '../kit/compose';

const staff = [
  { id: 'e1', name: 'Ann', salary: 10, medical: 'fit' },
  { id: 'e2', name: 'Bob', salary: 20, medical: 'ill' },
];
const byId = ({ id }: { id: string }) => staff.find((person) => person.id === id) ?? null;
const pets = [
  { __typename: 'Cat', id: 'p1', name: 'Tom', chip: 'c-1', lives: 9 },
  { __typename: 'Dog', id: 'p2', name: 'Rex', chip: 'd-2', tricks: ['sit'] },
];

/**
 * Protected fields at every kind of place. What they hold is called `secret…` or has a name of its own that appears nowhere else, so
 * that a request to a subgraph shows whether it was asked for.
 */
export const protectedWorld: readonly SubgraphFixture[] = [
  {
    name: 'people',
    typeDefs: `
      type Query {
        people: [Person!]!
        person(id: ID!): Person
        pets: [Pet!]!
        found: [Found!]!
        me: Person @authenticated
        audit: Audit
        clearance: Clearance
      }
      type Mutation { secretRaise(id: ID!): Person @requiresScopes(scopes: [["pay:write"]]) }
      type Subscription { secretHired: Person @authenticated hired: Person }
      type Person @key(fields: "id") {
        id: ID!
        name: String!
        salary: Int @requiresScopes(scopes: [["pay:read"], ["admin:all", "hr:all"]])
        vault: Vault
        chief: Person
      }
      type Vault { label: String! secretCode: String! @authenticated }
      type Audit @requiresScopes(scopes: [["audit:read"]]) { secretTotal: Int! }
      interface Pet { id: ID! name: String! chip: String }
      type Cat implements Pet @key(fields: "id") { id: ID! name: String! chip: String @authenticated lives: Int! }
      type Dog implements Pet @key(fields: "id") { id: ID! name: String! chip: String tricks: [String!]! }
      union Found = Person | Audit | Cat
      enum Clearance @authenticated { LOW HIGH }
    `,
    resolvers: {
      Query: {
        people: () => staff,
        person: (_: unknown, reference: { id: string }) => byId(reference),
        pets: () => pets,
        found: () => [{ __typename: 'Person', ...staff[0] }, { __typename: 'Audit', secretTotal: 30 }, pets[0]],
        me: () => staff[0],
        audit: () => ({ secretTotal: 30 }),
        clearance: () => 'HIGH',
      },
      Mutation: { secretRaise: (_: unknown, reference: { id: string }) => byId(reference) },
      Subscription: {
        secretHired: {
          subscribe: async function* () {
            yield { secretHired: staff[0] };
          },
        },
        hired: {
          subscribe: async function* () {
            yield { hired: staff[1] };
          },
        },
      },
      Person: {
        __resolveReference: byId,
        vault: () => ({ label: 'top', secretCode: '1234' }),
        chief: ({ id }: { id: string }) => (id === 'e1' ? null : staff[0]),
      },
      Pet: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
      Found: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
      Cat: { __resolveReference: ({ id }: { id: string }) => pets.find((pet) => pet.id === id) },
      Dog: { __resolveReference: ({ id }: { id: string }) => pets.find((pet) => pet.id === id) },
    },
  },
  {
    name: 'health',
    typeDefs: `
      type Query { wards: [Ward!]! }
      type Ward { name: String! patients: [Person!]! keeper: Person! }
      type Person @key(fields: "id") {
        id: ID!
        medical: String @requiresScopes(scopes: [["health:read"]])
        insured: Boolean!
        doctor: Doctor! @authenticated
      }
      type Doctor { name: String! }
      type Cat @key(fields: "id") { id: ID! vaccinations: [String!]! @authenticated }
    `,
    resolvers: {
      Query: { wards: () => [{ name: 'North' }] },
      Ward: { patients: () => [{ id: 'e1' }, { id: 'e2' }], keeper: () => ({ id: 'e1' }) },
      Person: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        medical: ({ id }: { id: string }) => byId({ id })!.medical,
        insured: () => true,
        doctor: () => ({ name: 'Dr. No' }),
      },
      Cat: { __resolveReference: ({ id }: { id: string }) => ({ id }), vaccinations: () => ['flu'] },
    },
  },
  {
    name: 'library',
    typeDefs: `
      type Query { media: [Media!]! songs: [Song!]! }
      interface Media @key(fields: "id") { id: ID! title: String! }
      type Song implements Media @key(fields: "id") { id: ID! title: String! }
      type Film implements Media @key(fields: "id") { id: ID! title: String! }
    `,
    resolvers: {
      Query: { media: () => [song, film], songs: () => [song] },
      Media: {
        __resolveReference: ({ id }: any) => [song, film].find((item) => item.id === id),
        __resolveType: ({ __typename }: any) => __typename,
      },
      Song: { __resolveReference: () => song },
      Film: { __resolveReference: () => film },
    },
  },
  {
    name: 'royalties',
    typeDefs: `type Media @key(fields: "id") @interfaceObject { id: ID! plays: Int! royalties: Int @requiresScopes(scopes: [["pay:read"]]) }`,
    resolvers: { Media: { __resolveReference: ({ id }: { id: string }) => ({ id }), plays: () => 7, royalties: () => 99 } },
  },
];

const song = { __typename: 'Song', id: 's1', title: 'Blue' };
const film = { __typename: 'Film', id: 'f1', title: 'Red' };
