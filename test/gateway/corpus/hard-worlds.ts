import type { CorpusWorld } from './world';

const books = [
  { isbn: 'b1', shelf: { row: 1, place: 4, hall: 'north' }, title: 'Dune' },
  { isbn: 'b2', shelf: { row: 2, place: 5, hall: 'south' }, title: 'Emma' },
];

/** A subgraph comes back to an entity by the key that it resolves, though it names others first. */
const namedKeysWorld: CorpusWorld = {
  name: 'keys that a subgraph names and does not resolve',
  fixtures: [
    {
      name: 'titles',
      typeDefs: `
        type Book
          @key(fields: "shelf { row place }", resolvable: false)
          @key(fields: "isbn")
          @key(fields: "isbn shelf { place hall }", resolvable: false) { isbn: ID! shelf: Shelf! title: String! }
        type Shelf { row: Int! place: Int! hall: String! }
      `,
      resolvers: { Book: { __resolveReference: ({ isbn }: any) => books.find((book) => book.isbn === isbn) ?? null } },
    },
    {
      name: 'loans',
      typeDefs: `
        type Query { loaned: [Book!]! }
        type Book
          @key(fields: "shelf { row place }", resolvable: false)
          @key(fields: "isbn", resolvable: false)
          @key(fields: "isbn shelf { place hall }") {
          isbn: ID! shelf: Shelf! title: String! @external notice: String! @requires(fields: "title")
        }
        type Shelf { row: Int! place: Int! hall: String! }
      `,
      resolvers: {
        Query: { loaned: () => books.map(({ isbn, shelf }) => ({ isbn, shelf })) },
        Book: {
          __resolveReference({ isbn, shelf, title }: any) {
            if (!isbn || !shelf?.hall) throw new Error('asked for by a key that is not resolved here');
            return { isbn, title, shelf: books.find((book) => book.isbn === isbn)!.shelf };
          },
          notice: ({ title, shelf }: any) => `${title} goes back to ${shelf.hall} ${shelf.place}`,
        },
      },
    },
  ],
  operations: [
    {
      source: '{ loaned { isbn title notice } }',
      data: {
        loaned: [
          { isbn: 'b1', title: 'Dune', notice: 'Dune goes back to north 4' },
          { isbn: 'b2', title: 'Emma', notice: 'Emma goes back to south 5' },
        ],
      },
      beyondStock: true,
    },
    { source: '{ loaned { shelf { row } title } }' },
  ],
};

const cards = [
  { __typename: 'Coin', id: 'c1', metal: 'gold', parts: [{ grams: 2 }, { grams: 3 }] },
  { __typename: 'Note', id: 'c2', paper: 'linen', parts: [{ grams: 1 }] },
];
const cardOf = ({ id }: { id: string }) => cards.find((card) => card.id === id) ?? null;

/** What is required of an interface object has to be fetched of the objects behind it, and of a union by its members. */
const requiredAbstractWorld: CorpusWorld = {
  name: 'requirements of interface objects, of interfaces and by fragments',
  fixtures: [
    {
      name: 'mint',
      typeDefs: `
        type Query { money: [Money!]! first: Money }
        interface Money @key(fields: "id") { id: ID! parts: [Part!]! }
        type Coin implements Money @key(fields: "id") { id: ID! parts: [Part!]! metal: String! look: Look }
        type Note implements Money @key(fields: "id") { id: ID! parts: [Part!]! paper: String! look: Look }
        type Part { grams: Int! }
        union Look = Shiny | Plain
        type Shiny { gloss: Int! @shareable }
        type Plain { shade: String! @shareable }
      `,
      resolvers: {
        Query: { money: () => cards, first: () => cards[0] },
        Money: { __resolveReference: cardOf, __resolveType: ({ __typename }: any) => __typename },
        Coin: { __resolveReference: cardOf, look: () => ({ __typename: 'Shiny', gloss: 9 }) },
        Note: { __resolveReference: cardOf, look: () => ({ __typename: 'Plain', shade: 'ivory' }) },
        Look: { __resolveType: ({ __typename }: any) => __typename },
      },
    },
    {
      name: 'scales',
      typeDefs: `
        type Query { heaviest: Money }
        type Money @key(fields: "id") @interfaceObject {
          id: ID! parts: [Part!]! @external weight: Int! @requires(fields: "parts { grams }") maker: Maker!
          worth(rate: Int!): Int! @requires(fields: "parts { grams }")
        }
        type Part @external { grams: Int! }
        type Maker @key(fields: "id") { id: ID! made: [Money!]! }
      `,
      resolvers: {
        Query: { heaviest: () => ({ id: 'c1' }) },
        Money: {
          __resolveReference: (reference: object) => reference,
          weight: ({ parts }: any) => parts.reduce((sum: number, { grams }: any) => sum + grams, 0),
          worth: ({ parts }: any, { rate }: any) => rate * parts.reduce((sum: number, { grams }: any) => sum + grams, 0),
          maker: () => ({ id: 'm' }),
        },
        Maker: { __resolveReference: (reference: object) => reference, made: () => [{ id: 'c2' }, { id: 'c1' }] },
      },
    },
    {
      name: 'catalogue',
      typeDefs: `
        type Coin @key(fields: "id") {
          id: ID! look: Look @external
          caption: String @requires(fields: "look { ... on Shiny { gloss } ... on Plain { shade } }")
        }
        union Look = Shiny | Plain
        type Shiny { gloss: Int! @shareable }
        type Plain { shade: String! @shareable }
      `,
      resolvers: {
        Coin: { __resolveReference: (reference: object) => reference, caption: ({ look }: any) => `gloss ${look.gloss}` },
        Look: { __resolveType: ({ gloss }: any) => (gloss === undefined ? 'Plain' : 'Shiny') },
      },
    },
  ],
  operations: [
    {
      source: '{ money { id weight } }',
      data: {
        money: [
          { id: 'c1', weight: 5 },
          { id: 'c2', weight: 1 },
        ],
      },
    },
    { source: '{ heaviest { weight } }', data: { heaviest: { weight: 5 } } },
    {
      source: '{ heaviest { __typename weight ... on Coin { metal caption } } }',
      data: { heaviest: { __typename: 'Coin', weight: 5, metal: 'gold', caption: 'gloss 9' } },
    },
    { source: '{ first { maker { made { __typename id weight ... on Note { paper } } } } }' },
    {
      source: '{ first { maker { id } ... on Note { weight } } }',
      data: { first: { maker: { id: 'm' } } },
      beyondStock: true,
    },
    {
      source: '{ money { id maker { made { weight } } ... on Note { heavy: weight paper } } }',
      data: {
        money: [
          { id: 'c1', maker: { made: [{ weight: 1 }, { weight: 5 }] } },
          { id: 'c2', maker: { made: [{ weight: 1 }, { weight: 5 }] }, heavy: 1, paper: 'linen' },
        ],
      },
      beyondStock: true,
    },
    {
      source: '{ money { ... on Coin { worth(rate: 2) } ... on Note { weight maker { id } } } }',
      data: { money: [{ worth: 10 }, { weight: 1, maker: { id: 'm' } }] },
      beyondStock: true,
    },
    {
      source: 'query ($rate: Int!) { money { maker { id } ... on Coin { worth(rate: $rate) } } }',
      variables: { rate: 3 },
      data: { money: [{ maker: { id: 'm' }, worth: 15 }, { maker: { id: 'm' } }] },
      beyondStock: true,
    },
    { source: '{ money { ... on Coin { caption look { __typename } } ... on Note { look { ... on Plain { shade } } } } }' },
  ],
};

export const hardWorlds: readonly CorpusWorld[] = [namedKeysWorld, requiredAbstractWorld];
