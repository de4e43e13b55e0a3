export interface BenchCase {
  readonly name: string;
  readonly what: string;
  /** Requests of a round at scale 1. */
  readonly requests: number;
  /** Requests before, until the compiler has seen what is hot. */
  readonly warmUp: number;
  query(index: number): string;
}

const join = '{ products { upc name price owner { id name email } } }';

export const cases: readonly BenchCase[] = [
  { name: 'join', what: 'entity join of 20 rows', requests: 1_500, warmUp: 2_000, query: () => join },
  {
    name: 'read',
    what: 'plain read of one subgraph',
    requests: 2_500,
    warmUp: 2_000,
    query: () => '{ product(upc: "p1") { upc name price weight } }',
  },
  {
    name: 'nested',
    what: 'nested query over four subgraphs',
    requests: 600,
    warmUp: 800,
    query: () => '{ me { name } products { name inStock postage owner { name } reviews { body author { name email } } } }',
  },
  { name: 'large', what: 'answer of 8 MB', requests: 8, warmUp: 4, query: () => '{ rows { id label value tags ok } }' },
  {
    name: 'distinct',
    what: 'distinct operations, each a cache miss',
    requests: 600,
    warmUp: 300,
    query: (index) => `{ a${index}: products { upc name price owner { id name email } } }`,
  },
];
