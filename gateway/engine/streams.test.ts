import { setImmediate } from 'node:timers/promises';

import DataLoader from 'dataloader';

import type { RequestContext } from '#platform/graphql';

import { localEngine, testContext } from '../../test/gateway/kit/compose';
import { shop } from '../../test/gateway/kit/shop';
import { caller } from '../../test/kit/caller';
import { until } from '../../test/kit/until';

import { EngineReplaced, reloadableEngine } from './reloadable-engine';
import type { GraphEngine } from './types';

const source = 'subscription { priceChanged { upc owner { name } } }';

async function open(engine: GraphEngine, who = caller()) {
  const stream = await engine.subscribe({ source, context: testContext({ caller: who }) });
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  return stream;
}

describe('a shared feed', () => {
  it('has one upstream and one fetch of entities an event for equal subscriptions of one caller', async () => {
    const world = shop();
    const engine = localEngine(world.fixtures, { sharedFeeds: ['priceChanged'] });
    const who = caller();
    const streams = await Promise.all(Array.from({ length: 100 }, () => open(engine, who)));
    const other = await open(engine, caller());
    expect(world.openStreams()).toBe(2);
    const answers = streams.map((stream) => stream.next());
    const others = other.next();
    world.emit('p1');
    for (const answer of await Promise.all(answers))
      expect(answer.value).toEqual({ data: { priceChanged: { upc: 'p1', owner: { name: 'User 1' } } } });
    await others;
    expect(world.calls.get('accounts.reference')).toBe(2);
    await Promise.all(streams.slice(1).map((stream) => stream.return!()));
    expect(world.openStreams()).toBe(2);
    await streams[0]!.return!();
    await other.return!();
    expect(world.openStreams()).toBe(0);
  });

  it('gives each reader every event from its joining on, whatever the others do', async () => {
    const world = shop();
    const engine = localEngine(world.fixtures, { sharedFeeds: ['priceChanged'] });
    const who = caller();
    const [first, second] = [await open(engine, who), await open(engine, who)];
    for (let index = 0; index < 5; index += 1) world.emit(`p${index}`);
    const upcs = async (stream: typeof first, count: number) => {
      const seen = [];
      for (let index = 0; index < count; index += 1) seen.push((await stream!.next()).value.data.priceChanged.upc);
      return seen;
    };
    expect(await upcs(first, 5)).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
    const third = await open(engine, who);
    world.emit('p9');
    expect(await upcs(third, 1)).toEqual(['p9']);
    expect(await upcs(second, 6)).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p9']);
    await Promise.all([first, second, third].map((stream) => stream!.return!()));
    expect(world.openStreams()).toBe(0);
  });

  it('is not shared by those who ask for the past', async () => {
    let open = 0;
    const told = {
      name: 'told',
      typeDefs: 'type Query { ready: Boolean } type Subscription { told(after: Int): Int }',
      resolvers: {
        Subscription: {
          told: {
            subscribe: async function* (_: unknown, { after }: { after?: number }, { signal }: RequestContext) {
              open += 1;
              try {
                yield { told: (after ?? 100) + 1 };
                await new Promise((resolve) => signal.addEventListener('abort', resolve));
              } finally {
                open -= 1;
              }
            },
          },
        },
      },
    };
    const engine = localEngine([told], { sharedFeeds: ['told'] });
    const who = caller();
    const leaving: AbortController[] = [];
    const follow = async (text: string, variables = {}) => {
      const left = new AbortController();
      leaving.push(left);
      const context = testContext({ caller: who, signal: left.signal });
      const stream = await engine.subscribe({ source: text, variables, context });
      if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
      return stream;
    };
    const byVariable = 'subscription ($after: Int) { told(after: $after) }';
    const live = [await follow(byVariable), await follow(byVariable), await follow('subscription { told(after: null) }')];
    const past = [
      await follow(byVariable, { after: 3 }),
      await follow(byVariable, { after: 3 }),
      await follow('subscription { told(after: 3) }'),
    ];
    const first = async (stream: (typeof live)[number]) => (await stream.next()).value.data.told;
    expect(await Promise.all(past.map(first))).toEqual([4, 4, 4]);
    expect(await Promise.all(live.map(first))).toEqual([101, 101, 101]);
    expect(open).toBe(5);
    for (const left of leaving) left.abort();
    await Promise.all([...live, ...past].map((stream) => stream.return!()));
    await until(() => open === 0);
  });

  it('is not shared where it is not named', async () => {
    const world = shop();
    const engine = localEngine(world.fixtures);
    const who = caller();
    const streams = [await open(engine, who), await open(engine, who)];
    expect(world.openStreams()).toBe(2);
    await Promise.all(streams.map((stream) => stream.return!()));
  });
});

describe('a supergraph that changes', () => {
  const before = shop();
  const after = shop();
  const renamed = after.fixtures.map((fixture) => ({
    ...fixture,
    typeDefs: fixture.typeDefs.replace('me: User,', 'me: User, myself: String,'),
  }));

  it('serves new requests by the new graph while the old one ends what it has begun', async () => {
    let finish: (() => void) | undefined;
    const slow = before.fixtures.map((fixture) =>
      fixture.name === 'accounts'
        ? {
            ...fixture,
            resolvers: {
              ...fixture.resolvers,
              Query: { me: () => new Promise((resolve) => (finish = () => resolve({ id: 'u0', name: 'Old' }))) },
            },
          }
        : fixture,
    );
    let stopped = 0;
    const old = localEngine(slow);
    const engine = reloadableEngine({
      ...old,
      schema: old.schema,
      supergraphSdl: old.supergraphSdl,
      execute: (r) => old.execute(r),
      subscribe: (r) => old.subscribe(r),
      prepare: (s) => old.prepare(s),
      stop: async () => void (stopped += 1),
    });
    const running = engine.execute({ source: '{ me { name } }', context: testContext() });
    await until(() => finish);
    const replaced = engine.replace(localEngine(renamed));
    expect((await engine.execute({ source: '{ myself }', context: testContext() })).errors).toBeUndefined();
    expect(stopped).toBe(0);
    finish!();
    expect((await running).data).toEqual({ me: { name: 'Old' } });
    await replaced;
    expect(stopped).toBe(1);
  });

  it('drops no request and answers each by one of the graphs while it is replaced ten times under load', async () => {
    const engine = reloadableEngine(localEngine(shop().fixtures));
    const answers: Promise<unknown>[] = [];
    let isReloading = true;
    const ask = async (): Promise<void> => {
      while (isReloading) {
        const answer = engine.execute({ source: '{ products(first: 3) { upc owner { name } } }', context: testContext() });
        answers.push(answer);
        await answer;
        // Answers in this process may take no turn of the event loop, and others need theirs.
        await setImmediate();
      }
    };
    const clients = Array.from({ length: 8 }, ask);
    for (let round = 0; round < 10; round += 1) {
      const enough = answers.length + 8;
      await until(() => answers.length > enough);
      await engine.replace(localEngine(shop().fixtures));
    }
    isReloading = false;
    await Promise.all(clients);
    expect(answers.length).toBeGreaterThan(80);
    const [first, ...others] = await Promise.all(answers);
    expect(first).toMatchObject({ data: { products: [{ upc: 'p0' }, { upc: 'p1' }, { upc: 'p2' }] } });
    for (const other of others) expect(other).toEqual(first);
  });

  it('ends the streams of the old graph after the time to drain, with a reason after which clients come back', async () => {
    const world = shop();
    const engine = reloadableEngine(localEngine(world.fixtures), { drainMs: 20 });
    const stream = await open(engine);
    const pending = stream.next().catch((thrown: unknown) => thrown);
    await engine.replace(localEngine(renamed));
    expect(await pending).toBeInstanceOf(EngineReplaced);
    expect(world.openStreams()).toBe(0);
  });
});

it('gives each event loaders of its own, so that none shows what was true at the one before', async () => {
  let name = 'before';
  const told = {
    name: 'told',
    typeDefs: 'type Query { ready: Boolean } type Subscription { changed: Thing } type Thing { name: String }',
    resolvers: {
      Subscription: {
        changed: {
          subscribe: async function* () {
            yield { changed: {} };
            name = 'after';
            yield { changed: {} };
          },
        },
      },
      Thing: {
        name: (_: unknown, __: unknown, context: RequestContext) =>
          context.loader('names', () => new DataLoader(async (ids: readonly string[]) => ids.map(() => name))).load('1'),
      },
    },
  };
  const stream = await localEngine([told]).subscribe({ source: 'subscription { changed { name } }', context: testContext() });
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  expect((await stream.next()).value).toEqual({ data: { changed: { name: 'before' } } });
  expect((await stream.next()).value).toEqual({ data: { changed: { name: 'after' } } });
});
