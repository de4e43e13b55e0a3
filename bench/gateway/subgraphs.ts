import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';

const header =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable"])\n';

interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly ownerId: string;
}

const products: readonly Product[] = Array.from({ length: 20 }, (_, index) => ({
  upc: `p${index}`,
  name: `Product number ${index}`,
  price: 10 + index,
  weight: 100 + index,
  ownerId: `u${index % 10}`,
}));
const users = Array.from({ length: 10 }, (_, index) => ({
  id: `u${index}`,
  name: `User number ${index}`,
  email: `user${index}@example.com`,
}));
const byUpc = new Map(products.map((product) => [product.upc, product]));
const userById = new Map(users.map((user) => [user.id, user]));

/** Rows of the large answer: about 8 MB of JSON at 60,000. */
const rows = Array.from({ length: 60_000 }, (_, index) => ({
  id: `row-${index}`,
  label: `A label of ordinary length for row ${index}`,
  value: index * 1.25,
  tags: ['red', 'green'],
  ok: index % 2 === 0,
}));

const listeners = new Set<(tick: number) => void>();
export const tick = (count: number): void => listeners.forEach((listener) => listener(count));

function ticks(): AsyncIterableIterator<{ ticked: { at: string; product: { upc: string } } }> {
  const queue: number[] = [];
  let wake: (() => void) | undefined;
  let isClosed = false;
  const listener = (count: number): void => {
    queue.push(count);
    wake?.();
  };
  listeners.add(listener);
  return {
    async next() {
      while (queue.length === 0 && !isClosed) await new Promise<void>((resolve) => (wake = resolve));
      if (isClosed) return { done: true, value: undefined };
      return { done: false, value: { ticked: { at: String(queue.shift()), product: { upc: 'p1' } } } };
    },
    async return() {
      isClosed = true;
      listeners.delete(listener);
      wake?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

interface Reference {
  readonly id: string;
  readonly upc: string;
}

/** Written once for the federated graph and the monoliths. */
const resolvers = {
  products: () => products,
  product: (_: unknown, { upc }: Reference) => byUpc.get(upc) ?? null,
  me: () => users[0],
  owner: ({ ownerId }: Product) => userById.get(ownerId),
  reviewsOf: ({ upc }: Reference) => [
    { id: `r1-${upc}`, body: 'Does what it says.', authorId: 'u1' },
    { id: `r2-${upc}`, body: 'Arrived late, works well.', authorId: 'u2' },
  ],
  inStock: ({ upc }: Reference) => upc !== 'p3',
};

export interface BenchSubgraph {
  readonly name: string;
  readonly typeDefs: string;
  readonly schema: GraphQLSchema;
}

const build = (name: string, typeDefs: string, resolverMap: Record<string, unknown>): BenchSubgraph => ({
  name,
  typeDefs: header + typeDefs,
  schema: buildSubgraphSchema([{ typeDefs: parse(header + typeDefs), resolvers: resolverMap as never }]),
});

export const benchSubgraphs = (): readonly BenchSubgraph[] => [
  build('users', 'type Query { me: User! } type User @key(fields: "id") { id: ID! name: String! email: String! }', {
    Query: { me: resolvers.me },
    User: { __resolveReference: ({ id }: Reference) => userById.get(id) },
  }),
  build(
    'products',
    `type Query { products: [Product!]! product(upc: ID!): Product rows: [Row!]! }
     type Mutation { tick(count: Int!): Boolean! }
     type Subscription { ticked: Tick! }
     type Tick { at: String! product: Product! }
     type Product @key(fields: "upc") { upc: ID! name: String! price: Int! weight: Int! owner: User! }
     type User @key(fields: "id", resolvable: false) { id: ID! }
     type Row { id: ID! label: String! value: Float! tags: [String!]! ok: Boolean! }`,
    {
      Query: { products: resolvers.products, product: resolvers.product, rows: () => rows },
      Mutation: {
        tick: (_: unknown, { count }: { count: number }) => {
          tick(count);
          return true;
        },
      },
      Subscription: { ticked: { subscribe: ticks } },
      Product: { __resolveReference: ({ upc }: Reference) => byUpc.get(upc), owner: ({ ownerId }: Product) => ({ id: ownerId }) },
    },
  ),
  build(
    'reviews',
    `type Product @key(fields: "upc") { upc: ID! reviews: [Review!]! }
     type Review { id: ID! body: String! author: User! }
     type User @key(fields: "id", resolvable: false) { id: ID! }`,
    {
      Product: { __resolveReference: (reference: object) => reference, reviews: resolvers.reviewsOf },
      Review: { author: ({ authorId }: { authorId: string }) => ({ id: authorId }) },
    },
  ),
  build(
    'stock',
    'type Product @key(fields: "upc") { upc: ID! weight: Int! @external inStock: Boolean! postage: Int! @requires(fields: "weight") }',
    {
      Product: {
        __resolveReference: (reference: object) => reference,
        inStock: resolvers.inStock,
        postage: ({ weight }: Product) => weight * 2,
      },
    },
  ),
];

/** The same graph as one schema, for the monoliths. */
export const monolith = {
  typeDefs: `
    type Query { me: User! products: [Product!]! product(upc: ID!): Product rows: [Row!]! }
    type User { id: ID! name: String! email: String! }
    type Product { upc: ID! name: String! price: Int! weight: Int! owner: User! reviews: [Review!]! inStock: Boolean! postage: Int! }
    type Review { id: ID! body: String! author: User! }
    type Row { id: ID! label: String! value: Float! tags: [String!]! ok: Boolean! }
  `,
  resolvers: {
    Query: { me: resolvers.me, products: resolvers.products, product: resolvers.product, rows: () => rows },
    Product: {
      owner: resolvers.owner,
      reviews: resolvers.reviewsOf,
      inStock: resolvers.inStock,
      postage: ({ weight }: Product) => weight * 2,
    },
    Review: { author: ({ authorId }: { authorId: string }) => userById.get(authorId) },
  },
};

export function composeBench(urlOf: (name: string) => string): string {
  const result = composeServices(benchSubgraphs().map(({ name, typeDefs }) => ({ name, url: urlOf(name), typeDefs: parse(typeDefs) })));
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.supergraphSdl;
}
