import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { getIntrospectionQuery } from 'graphql';

import { loadConfig } from '#platform/config';
import { createLifecycle } from '#platform/lifecycle';
import { createMetrics, silentLogger } from '#platform/telemetry';

import { composeFixtures, schemaOf, testContext } from '../../test/gateway/kit/compose';
import { secret, serveRemotely } from '../../test/gateway/kit/remote';
import { shop } from '../../test/gateway/kit/shop';

import { graphFromConfig } from './graph-from-config';

async function graph(environment: Record<string, string> = {}, liveFeeds: readonly string[] = []) {
  const world = shop();
  const folder = await mkdtemp(path.join(tmpdir(), 'graph-'));
  const supergraphFile = path.join(folder, 'supergraph.graphql');
  await writeFile(supergraphFile, composeFixtures(world.fixtures));
  const lifecycle = createLifecycle();
  const metrics = createMetrics();
  const made = await graphFromConfig({
    config: loadConfig({ CONTEXT_SECRET: secret, ...environment }),
    domains: world.fixtures.map((fixture) => ({ name: fixture.name, schema: schemaOf(fixture) })),
    liveFeeds,
    logger: silentLogger,
    metrics,
    lifecycle,
    contextSecret: secret,
    supergraphFile,
  });
  const ask = (source: string) => made.engine.execute({ source, context: testContext() });
  return { ...made, ask, world, folder, metrics, stop: () => lifecycle.stop() };
}

it.each(['native', 'apollo'])('runs the %s engine', async (engine) => {
  const g = await graph({ GATEWAY_ENGINE: engine });
  expect((await g.ask('{ products(first: 1) { title owner { name } } }')).data).toEqual({
    products: [{ title: 'Product 0', owner: { name: 'User 0' } }],
  });
  await g.stop();
});

it('compiles what runs often where it is told to, with the same answers', async () => {
  const [plain, compiling] = [await graph(), await graph({ GATEWAY_JIT: 'true' })];
  const source = '{ products(first: 4) { __typename title owner { name } ... on Book { pages rating } } }';
  const expected = await plain.ask(source);
  for (let time = 0; time < 8; time += 1) expect((await compiling.ask(source)).data).toEqual(expected.data);
  await plain.stop();
  await compiling.stop();
});

it('asks a domain where its address says, signed, and tells strangers nothing in production', async () => {
  await using accounts = await serveRemotely(schemaOf(shop().fixtures[0]!));
  const production = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(40), ENCRYPTION_KEY: 'y'.repeat(44) };
  const config = { ...loadConfig({ CONTEXT_SECRET: secret, ...production }) };
  const world = shop();
  const folder = await mkdtemp(path.join(tmpdir(), 'graph-'));
  const supergraphFile = path.join(folder, 'supergraph.graphql');
  await writeFile(supergraphFile, composeFixtures(world.fixtures));
  const lifecycle = createLifecycle();
  const { engine } = await graphFromConfig({
    config: { ...config, gateway: { ...config.gateway, SUBGRAPH_ACCOUNTS_URL: accounts.url } as never },
    domains: world.fixtures.map((fixture) => ({ name: fixture.name, schema: schemaOf(fixture) })),
    logger: silentLogger,
    metrics: createMetrics(),
    lifecycle,
    contextSecret: secret,
    supergraphFile,
  });
  const ask = (source: string) => engine.execute({ source, context: testContext() });
  expect((await ask('{ products(first: 1) { owner { name } } }')).data).toEqual({ products: [{ owner: { name: 'User 0' } }] });
  expect(world.calls.get('accounts.reference')).toBeUndefined();
  expect((await ask(getIntrospectionQuery())).errors![0]!.extensions.code).toBe('INVALID_REQUEST');
  expect((await ask('{ product(upc: "p0") { titel } }')).errors![0]!.message).not.toContain('Did you mean');
  await lifecycle.stop();
});

it('runs only the operations of the list, and counts them by name', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'list-'));
  const list = path.join(folder, 'operations.graphql');
  await writeFile(list, 'query Me { me { ...F } } query Other { users { id } } fragment F on User { name }');
  const g = await graph({ GATEWAY_SAFELIST: list });
  const text = await g.persisted.resolve({ query: 'query Me {\n  me {\n    ...F\n  }\n}\n\nfragment F on User {\n  name\n}' });
  expect((await g.ask(text)).data).toEqual({ me: { name: 'User 0' } });
  expect(() => g.persisted.resolve({ query: '{ me { name } }' })).toThrow(/published list/);
  expect(await g.metrics.text()).toContain('operation="Me"');
  await g.stop();
});

it('gives equal subscriptions of one caller to a live feed one upstream', async () => {
  const g = await graph({}, ['priceChanged']);
  const context = testContext();
  const follow = () => g.engine.subscribe({ source: 'subscription { priceChanged { upc } }', context });
  const streams = [await follow(), await follow()];
  expect(g.world.openStreams()).toBe(1);
  for (const stream of streams) if (Symbol.asyncIterator in stream) await stream.return!();
  expect(g.world.openStreams()).toBe(0);
  await g.stop();
});
