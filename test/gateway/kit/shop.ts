import { GraphQLError } from 'graphql';

import { errors } from '#platform/errors';

import type { SubgraphFixture } from './compose';

/** What the shop's subgraphs saw; tests assert on it. */
export interface ShopWorld {
  readonly fixtures: readonly SubgraphFixture[];
  /** `subgraph.what` → times. */
  readonly calls: Map<string, number>;
  /** Pushes an event to every `priceChanged` subscriber. */
  emit(upc: string): void;
  openStreams(): number;
}

const products = Array.from({ length: 20 }, (_, index) => ({
  __typename: index % 2 === 0 ? 'Book' : 'Toy',
  upc: `p${index}`,
  title: `Product ${index}`,
  ownerId: `u${index % 5}`,
  pages: 100 + index,
  age: index,
}));

const users = Array.from({ length: 5 }, (_, index) => ({ id: `u${index}`, name: `User ${index}`, email: `user${index}@example.com` }));

/** Four subgraphs: accounts, catalog, reviews, stock. Interfaces, unions, `@requires`, `@provides`, failures, a subscription. */
export function shop(): ShopWorld {
  const calls = new Map<string, number>();
  const count = (what: string): void => void calls.set(what, (calls.get(what) ?? 0) + 1);
  const listeners = new Set<(upc: string) => void>();

  async function* noEvents(): AsyncGenerator<never> {
    // Ends at once.
  }

  const priceChanged = (): AsyncIterableIterator<unknown> => {
    const queue: string[] = [];
    let wake: (() => void) | undefined;
    let isClosed = false;
    const listener = (upc: string): void => {
      queue.push(upc);
      wake?.();
    };
    listeners.add(listener);
    return {
      async next() {
        while (queue.length === 0 && !isClosed) await new Promise<void>((resolve) => (wake = resolve));
        if (isClosed) return { done: true, value: undefined };
        return { done: false, value: { priceChanged: { __typename: 'Book', upc: queue.shift()! } } };
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
  };

  const fixtures: SubgraphFixture[] = [
    {
      name: 'accounts',
      typeDefs: `
        type Query { me: User, user(id: ID!): User, users: [User!]! }
        type User @key(fields: "id") { id: ID! name: String! @shareable email: String secret: String! failing: String }
      `,
      resolvers: {
        Query: {
          me: () => users[0],
          user: (_: unknown, { id }: { id: string }) => users.find((user) => user.id === id) ?? null,
          users: () => users,
        },
        User: {
          __resolveReference: ({ id }: { id: string }) => {
            count('accounts.reference');
            return users.find((user) => user.id === id) ?? null;
          },
          secret: () => {
            throw new Error('connect ECONNREFUSED db.internal:5432');
          },
          failing: ({ id }: { id: string }) => {
            if (id === 'u1') throw errors.NOT_FOUND({ kind: 'nickname' });
            return `nick ${id}`;
          },
        },
      },
    },
    {
      name: 'catalog',
      typeDefs: `
        type Query { products(first: Int = 20): [Product!]! product(upc: ID!): Product search(text: String!): [Hit!]! }
        type Mutation { renameProduct(upc: ID!, title: String!): Product! }
        type Subscription { priceChanged: Product! nothing: Product }
        interface Product @key(fields: "upc") { upc: ID! title: String! owner: User weight: Int }
        type Book implements Product @key(fields: "upc") { upc: ID! title: String! owner: User weight: Int pages: Int! }
        type Toy implements Product @key(fields: "upc") { upc: ID! title: String! owner: User weight: Int minAge: Int! colour: Colour }
        union Hit = Book | Toy | User
        enum Colour { RED BLUE HIDDEN @inaccessible }
        type User @key(fields: "id", resolvable: false) { id: ID! }
      `,
      resolvers: {
        Query: {
          products: (_: unknown, { first }: { first: number }) => products.slice(0, first),
          product: (_: unknown, { upc }: { upc: string }) => products.find((product) => product.upc === upc) ?? null,
          search: () => [products[0], products[1], { __typename: 'User', id: 'u2' }],
        },
        Mutation: {
          renameProduct: (_: unknown, { upc, title }: { upc: string; title: string }) => {
            if (title === '') throw errors.INVALID_REQUEST({ what: 'title', hint: 'give at least one character' }, { field: 'title' });
            return { ...products.find((product) => product.upc === upc), title };
          },
        },
        Subscription: { priceChanged: { subscribe: priceChanged }, nothing: { subscribe: noEvents } },
        Product: {
          __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc) ?? null,
        },
        Book: {
          __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc) ?? null,
          owner: ({ upc }: { upc: string }) => ({ id: products.find((product) => product.upc === upc)!.ownerId }),
          title: ({ upc, title }: { upc: string; title?: string }) => title ?? products.find((product) => product.upc === upc)!.title,
          weight: () => 7,
        },
        Toy: {
          __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc) ?? null,
          owner: ({ upc }: { upc: string }) => ({ id: products.find((product) => product.upc === upc)!.ownerId }),
          weight: () => null,
          minAge: ({ age }: { age: number }) => age,
          colour: ({ upc }: { upc: string }) => (upc === 'p1' ? 'HIDDEN' : 'RED'),
        },
        Hit: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
      },
    },
    {
      name: 'reviews',
      typeDefs: `
        type Query { latestReviews: [Review!]! }
        type Review @key(fields: "id") { id: ID! body: String! author: User! @provides(fields: "name") about: Book }
        type User @key(fields: "id") { id: ID! name: String! @external reviews: [Review!]! }
        type Book @key(fields: "upc") { upc: ID! reviews: [Review!]! rating: Float! }
        type Toy @key(fields: "upc") { upc: ID! reviews: [Review!]! rating: Float }
      `,
      resolvers: {
        Query: { latestReviews: () => [{ id: 'r0' }, { id: 'r1' }] },
        Review: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          body: ({ id }: { id: string }) => `Review ${id}`,
          author: ({ id }: { id: string }) => ({ id: 'u1', name: `Provided ${id}` }),
          about: () => ({ upc: 'p0' }),
        },
        User: { __resolveReference: ({ id }: { id: string }) => ({ id }), reviews: ({ id }: { id: string }) => [{ id: `r-${id}` }] },
        Book: {
          __resolveReference: ({ upc }: { upc: string }) => ({ upc }),
          reviews: ({ upc }: { upc: string }) => [{ id: `r-${upc}` }],
          rating: ({ upc }: { upc: string }) => {
            if (upc === 'p4') throw errors.SERVICE_UNAVAILABLE();
            return 4.5;
          },
        },
        Toy: {
          __resolveReference: ({ upc }: { upc: string }) => (upc === 'p3' ? null : { upc }),
          reviews: ({ upc }: { upc: string }) => [{ id: `r-${upc}` }],
          rating: ({ upc }: { upc: string }) => {
            if (upc === 'p1') throw new GraphQLError('select * from ratings failed');
            return 3.5;
          },
        },
      },
    },
    {
      name: 'stock',
      typeDefs: `
        type Book @key(fields: "upc") { upc: ID! weight: Int @external inStock: Boolean! shipping: Int @requires(fields: "weight") }
        type Toy @key(fields: "upc") { upc: ID! weight: Int @external inStock: Boolean! shipping: Int @requires(fields: "weight") }
      `,
      resolvers: {
        Book: {
          __resolveReference: (reference: object) => reference,
          inStock: () => true,
          shipping: ({ weight }: { weight: number | null }) => (weight === null ? null : weight * 2),
        },
        Toy: {
          __resolveReference: (reference: object) => reference,
          inStock: () => false,
          shipping: ({ weight }: { weight: number | null }) => (weight === null ? -1 : weight * 2),
        },
      },
    },
  ];

  return {
    fixtures,
    calls,
    emit: (upc) => listeners.forEach((listener) => listener(upc)),
    openStreams: () => listeners.size,
  };
}
