import { getIntrospectionQuery, parse } from 'graphql';

import { localEngine, testContext, type SubgraphFixture } from '../../../test/gateway/kit/compose';
import { shop } from '../../../test/gateway/kit/shop';

import type { GraphEngine } from '../types';

import type { OperationLimits } from './limits';

const repeat = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');

/** An engine whose subgraphs say when they are asked. */
function watched(limits: Partial<OperationLimits>) {
  let asked = 0;
  const { fixtures } = shop();
  const counting = fixtures.map(({ name }) => ({
    name,
    execute: async () => {
      asked += 1;
      return { data: null };
    },
    subscribe: async () => ({ data: null }),
  }));
  const engine = localEngine(fixtures, { limits, subgraphs: counting });
  return {
    ask: async (source: string, variables: Record<string, unknown> = {}) =>
      (await engine.execute({ source, variables, context: testContext() })).errors?.[0],
    asked: () => asked,
  };
}

describe('each limit holds at its value and refuses one past it, before any subgraph is asked', () => {
  const cases: [keyof OperationLimits, string, number, string, string][] = [
    ['maxDepth', 'depth', 3, '{ me { reviews { id } } }', '{ me { reviews { author { id } } } }'],
    [
      'maxNesting',
      'nesting',
      4,
      '{ me { ... { ...F } } } fragment F on User { id }',
      '{ me { ... { ...F } } } fragment F on User { ... { id } }',
    ],
    ['maxAliases', 'aliases', 2, '{ a: me { b: id } }', '{ a: me { b: id c: id } }'],
    [
      'maxRootFields',
      'root fields',
      2,
      '{ me { id } users { id } }',
      '{ me { id } users { id } ...F } fragment F on Query { latestReviews { id } }',
    ],
    ['maxDirectives', 'directives', 1, '{ me { id @skip(if: false) } }', '{ me @include(if: true) { id @skip(if: false) } }'],
    ['maxFields', 'fields', 4, '{ me { id } users { id } }', '{ me { id name } users { id } }'],
    ['maxDuplicates', 'duplicate fields', 1, '{ me { id id } }', '{ me { id id id } }'],
  ];
  it.each(cases)('%s', async (limit, name, max, allowed, refused) => {
    const w = watched({ [limit]: max });
    expect((await w.ask(allowed))?.extensions.limit ?? null).toBeNull();
    const before = w.asked();
    expect(before).toBeGreaterThan(0);
    expect((await w.ask(refused))!.extensions).toMatchObject({ code: 'INVALID_REQUEST', details: { limit: name, value: max + 1, max } });
    expect(w.asked()).toBe(before);
  });

  it('maxTokens', async () => {
    const { ask } = watched({ maxTokens: 8 });
    expect((await ask('{ me { id name email } }'))?.extensions.details).toBeUndefined();
    expect((await ask('{ me { id name email id } }'))!.extensions).toMatchObject({
      code: 'INVALID_REQUEST',
      details: { limit: 'tokens', max: 8 },
    });
  });

  it('the depth of variables', async () => {
    const { ask } = watched({});
    const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    const source = 'query ($id: ID!) { user(id: $id) { id } }';
    expect((await ask(source, { id: nested(200) }))!.message).not.toContain('nested');
    expect((await ask(source, { id: nested(201) }))!.message).toContain('nested 200 deep at most');
  });

  it('maxCost, with list sizes from variables', async () => {
    const w = watched({ maxCost: 40 });
    const source = 'query ($first: Int!) { products(first: $first) { upc owner { id } } }';
    expect((await w.ask(source, { first: 20 }))?.extensions.details).toBeUndefined();
    const before = w.asked();
    expect((await w.ask(source, { first: 21 }))!.extensions.details).toEqual({ limit: 'cost', value: 42, max: 40 });
    expect(w.asked()).toBe(before);
  });
});

it('says what an operation costs by @cost and @listSize', async () => {
  const priced: SubgraphFixture = {
    name: 'priced',
    typeDefs: `
      type Query {
        cheap: Int
        dear: Int @cost(weight: 25)
        many: [Thing] @listSize(assumedSize: 7)
        page(limit: Int = 5): Page @listSize(slicingArguments: ["limit"], sizedFields: ["things"])
        things(first: Int): [Thing]
      }
      type Page { things: [Thing] total: Int }
      type Thing @cost(weight: 3) { id: ID other: Thing }
    `,
    resolvers: {},
  };
  const engine = localEngine([priced]);
  const cost = async (source: string, variables: Record<string, unknown> = {}) =>
    (await engine.execute({ source, variables, context: testContext() })).extensions?.cost;
  const max = 100_000;
  expect(await cost('{ cheap }')).toEqual({ requested: 0, max });
  expect(await cost('{ dear }')).toEqual({ requested: 25, max });
  expect(await cost('{ many { id } }')).toEqual({ requested: 21, max });
  expect(await cost('{ many { other { id } } }')).toEqual({ requested: 42, max });
  expect(await cost('{ page { things { id } total } }')).toEqual({ requested: 16, max });
  expect(await cost('query ($n: Int) { page(limit: $n) { things { id } } }', { n: 10 })).toEqual({ requested: 31, max });
  expect(await cost('{ things(first: 4) { id } }')).toEqual({ requested: 12, max });
  expect(await cost('{ things { id } }')).toEqual({ requested: 60, max });
});

/** The CPU time of this process for some work, the least of three times: collections of garbage and the like take theirs besides. */
async function leastCpu(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < 3; time += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    times.push(user + system);
  }
  return Math.min(...times);
}

async function warm(): Promise<GraphEngine> {
  const engine = localEngine(shop().fixtures);
  await engine.execute({ source: '{ me { id } }', context: testContext() });
  return engine;
}

describe('hostile operations are refused in little time', () => {
  const fragments = repeat(40, (index) => `fragment F${index} on User { ...F${index + 1} ...F${index + 1} }`);
  const cases: [string, string, Record<string, unknown>?][] = [
    ['circular fragments', '{ me { ...A } } fragment A on User { id ...B } fragment B on User { name ...A }'],
    ['5,000 duplicate fields', `{ me { ${repeat(4_990, () => 'id')} } }`],
    ['a 1 MB query', `{ me { ${repeat(200_000, (index) => `a${index}`)} } }`],
    ['deep nesting', `{ me ${'{ reviews { author '.repeat(2_000)} { id } ${'} }'.repeat(2_000)} }`],
    ['duplicate fields in fragments of their own', `{ me { ${repeat(1_990, () => '... { id }')} } }`],
    ['fragments in fragments', `{ me { ${'... { '.repeat(3_000)} id ${'}'.repeat(3_000)} } }`],
    [
      'a chain of fragments',
      `{ me { ...C0 } } ${repeat(1_000, (index) => `fragment C${index} on User { ...C${index + 1} }`)} fragment C1000 on User { id }`,
    ],
    ['fragments that double forty times', `{ me { ...F0 } } ${fragments} fragment F40 on User { id }`],
    [
      'variables nested 10,000 deep',
      'query ($id: ID!) { user(id: $id) { id } }',
      { id: JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) },
    ],
    ['a response name that is a prototype', '{ __proto__: me { id } }'],
  ];
  /** What parsing 1 MB takes here: the measure of little on this machine. */
  let little = 0;
  beforeAll(async () => {
    const text = `{ me { ${repeat(200_000, (index) => `a${index}`)} } }`;
    little = await leastCpu(async () => void parse(text));
  });
  it.each(cases)('%s', async (_, source, variables = {}) => {
    const engines = await Promise.all([1, 2, 3].map(warm));
    const spent = await leastCpu(async () => {
      const { errors, data } = await engines.pop()!.execute({ source, variables, context: testContext() });
      expect(data).toBeUndefined();
      expect(errors![0]!.extensions.code).toBe('INVALID_REQUEST');
    });
    expect(spent).toBeLessThan(little);
  });
});

it('keeps introspection and suggestions from strangers where it is told to', async () => {
  const production = localEngine(shop().fixtures, {
    introspection: ({ caller }) => caller.scopes?.includes('schema:read') === true,
    suggestions: false,
  });
  const ask = (source: string, scopes: string[]) => {
    const context = testContext();
    return production.execute({ source, context: { ...context, caller: { ...context.caller, scopes } } });
  };
  const refused = await ask(getIntrospectionQuery(), []);
  expect([refused.data, refused.errors![0]!.extensions.code]).toEqual([undefined, 'INVALID_REQUEST']);
  expect((await ask(getIntrospectionQuery(), ['schema:read'])).errors).toBeUndefined();
  const misspelt = await ask('{ me { nam } }', []);
  expect(misspelt.errors![0]!.message).toBe('Cannot query field "nam" on type "User".');
});

it('plans operations that differ only by literals once, and mixes no values up', async () => {
  const engine = localEngine(shop().fixtures);
  const title = async (source: string, variables: Record<string, unknown> = {}) =>
    (await engine.execute({ source, variables, context: testContext() })).data;
  const { planner } = (engine as any).parts.compile;
  const plan = jest.spyOn(planner, 'plan');
  for (let index = 0; index < 5; index += 1)
    expect(await title(`{ product(upc: "p${index}") { upc owner { name } } }`)).toMatchObject({ product: { upc: `p${index}` } });
  expect(plan).toHaveBeenCalledTimes(1);
  expect(
    await title('query ($u: ID!) { a: product(upc: $u) { upc } b: product(upc: "p2") { upc } c: product(upc: "p2") { upc } }', { u: 'p7' }),
  ).toEqual({
    a: { upc: 'p7' },
    b: { upc: 'p2' },
    c: { upc: 'p2' },
  });
  expect(
    await title('query ($_literal0: ID!) { a: product(upc: $_literal0) { upc } b: product(upc: "p2") { upc } }', { _literal0: 'p8' }),
  ).toEqual({ a: { upc: 'p8' }, b: { upc: 'p2' } });
});

it('holds a bounded number of operations', async () => {
  const engine = localEngine(shop().fixtures, { cache: { maxEntries: 10 } });
  for (let index = 0; index < 30; index += 1) await engine.execute({ source: `{ a${index}: me { id } }`, context: testContext() });
  expect((engine as any).parts.operations.byText.size).toBe(10);
});
