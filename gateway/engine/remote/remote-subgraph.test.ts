import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import { mintToken, signContext } from '#platform/auth';

import { keptLog, localEngine, schemaOf, testContext } from '../../../test/gateway/kit/compose';
import { contextHeader, listen, listenWith, remoteAt, secret, serveAllRemotely, serveRemotely } from '../../../test/gateway/kit/remote';
import { serveGraph } from '../../../test/gateway/kit/serve';
import { shop } from '../../../test/gateway/kit/shop';
import { caller } from '../../../test/kit/caller';
import { holdTimers } from '../../../test/kit/held-timers';
import { until } from '../../../test/kit/until';
import { localSubgraph } from '../index';

const json = { 'content-type': 'application/json' };

/** An engine whose accounts subgraph is wherever `url` says; the others are local. */
function withAccountsAt(url: string, options: object = {}) {
  const world = shop();
  const log = keptLog();
  const [, ...others] = world.fixtures;
  const subgraphs = [
    remoteAt('accounts', url, { maxRetries: 0, ...options }),
    ...others.map((fixture) => localSubgraph(fixture.name, schemaOf(fixture))),
  ];
  return { engine: localEngine(world.fixtures, { subgraphs, log }), log };
}

const source = '{ products(first: 2) { upc owner { id name } } me { name } }';

it('gives the same answers remotely as locally, subscriptions too', async () => {
  const world = shop();
  await using remote = await serveAllRemotely(world.fixtures);
  const engine = localEngine(world.fixtures, { subgraphs: remote.subgraphs });
  const local = localEngine(world.fixtures);
  for (const text of [source, '{ users { failing secret } }', 'mutation { renameProduct(upc: "p1", title: "") { upc } }']) {
    const [theirs, ours] = [
      await engine.execute({ source: text, context: testContext() }),
      await local.execute({ source: text, context: testContext() }),
    ];
    expect(JSON.parse(JSON.stringify(theirs))).toEqual(JSON.parse(JSON.stringify(ours)));
  }
  const stream = await engine.subscribe({ source: 'subscription { priceChanged { upc owner { name } } }', context: testContext() });
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  const first = stream.next();
  await until(() => world.openStreams() === 1);
  world.emit('p2');
  expect((await first).value).toEqual({ data: { priceChanged: { upc: 'p2', owner: { name: 'User 2' } } } });
  await stream.return!();
  await until(() => world.openStreams() === 0);
  await engine.stop();
});

it('asks for equal entities once', async () => {
  const world = shop();
  await using remote = await serveAllRemotely(world.fixtures);
  const engine = localEngine(world.fixtures, { subgraphs: remote.subgraphs });
  const { data } = await engine.execute({ source: '{ products { owner { name } } }', context: testContext() });
  expect((data as any).products).toHaveLength(20);
  expect(world.calls.get('accounts.reference')).toBe(5);
});

describe('a subgraph accepts only what the gateway has signed', () => {
  const request = (url: string, headers: Record<string, string>) =>
    fetch(url, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify({ query: '{ me { id } }' }) });
  const context = { caller: caller(), requestId: 'req-1' };

  it('refuses no context, a user token, a forged header and a signature that is too old', async () => {
    await using accounts = await serveRemotely(schemaOf(shop().fixtures[0]!));
    const user = mintToken(secret, { tenantId: 't', userId: 'u', roles: ['admin'] } as never);
    const late = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 60_000);
    const old = signContext(secret, context);
    late.mockRestore();
    for (const headers of [
      {},
      { authorization: `Bearer ${user}` },
      { [contextHeader]: String(user) },
      { 'x-tenant-id': 'tenant-b' },
      { [contextHeader]: signContext(`other-${secret}`, context) },
      { [contextHeader]: old },
    ] as Record<string, string>[]) {
      const response = await request(accounts.url, headers);
      expect(response.status).toBe(401);
      expect(((await response.json()) as any).errors[0].extensions.code).toBe('UNAUTHORIZED');
    }
    expect((await request(accounts.url, { [contextHeader]: signContext(secret, context) })).status).toBe(200);
  });
});

describe('a subgraph that is broken', () => {
  const faults: [string, string, Parameters<typeof listenWith>[0]][] = [
    ['hangs', 'TIMEOUT', () => undefined],
    [
      'trickles',
      'TIMEOUT',
      (_, response) => {
        response.writeHead(200, json);
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'answers HTML',
      'SERVICE_UNAVAILABLE',
      (_, response) => response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Oops at db.internal</h1>'),
    ],
    ['answers invalid JSON', 'SERVICE_UNAVAILABLE', (_, response) => response.writeHead(200, json).end('{"data": {')],
    ['answers JSON that is no result', 'SERVICE_UNAVAILABLE', (_, response) => response.writeHead(200, json).end('[1, 2]')],
    [
      'says it sends 100 MB',
      'SERVICE_UNAVAILABLE',
      (_, response) => void response.writeHead(200, { ...json, 'content-length': 100_000_000 }).write('{'),
    ],
    [
      'sends more than allowed',
      'SERVICE_UNAVAILABLE',
      (_, response) => {
        response.writeHead(200, json);
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
          response.once('drain', more);
        };
        more();
      },
    ],
    ['resets the connection', 'SERVICE_UNAVAILABLE', (request) => request.socket.resetAndDestroy()],
  ];
  it.each(faults)('%s: %s at the places that need it, and the others are untouched', async (_, code, listener) => {
    let asked = 0;
    await using server = await listenWith((request, response) => {
      asked += 1;
      listener(request, response);
    });
    const timeoutMs = 23_456;
    using deadlines = holdTimers(timeoutMs);
    const { engine, log } = withAccountsAt(server.url, { timeoutMs, maxResponseBytes: 1_000_000 });
    const answer = engine.execute({ source, context: testContext() });
    let isOver = code !== 'TIMEOUT';
    void answer.finally(() => (isOver = true));
    await until(() => isOver || (asked === deadlines.count() && deadlines.passAll()));
    const { data, errors } = await answer;
    expect(data).toEqual({
      products: [
        { upc: 'p0', owner: null },
        { upc: 'p1', owner: null },
      ],
      me: null,
    });
    expect(errors!.map(({ extensions }) => extensions.code)).toEqual(errors!.map(() => code));
    expect(errors!.map(({ path }) => path?.join('.')).sort()).toEqual(['me', 'products.0.owner', 'products.1.owner']);
    expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|db\.internal|ECONN/);
    expect(log.errors).toEqual([]);
    expect(log.warnings.length).toBeGreaterThan(0);
    await engine.stop();
  });

  it('sends 100 MB: it is cut off at the limit, announced or not, and the others are untouched', async () => {
    const megabyte = Buffer.alloc(1_000_000, 'x');
    for (const headers of [json, { ...json, 'content-length': 100_000_000 }]) {
      let sent = 0;
      await using server = await listenWith((_, response) => {
        response.writeHead(200, headers);
        const more = (): void => {
          while (!response.destroyed && sent < 100_000_000) {
            sent += megabyte.length;
            if (!response.write(megabyte)) return void response.once('drain', more);
          }
          response.end();
        };
        more();
      });
      const { engine } = withAccountsAt(server.url, { maxResponseBytes: 4_000_000 });
      const { data, errors } = await engine.execute({ source, context: testContext() });
      expect((data as any).products[0]).toEqual({ upc: 'p0', owner: null });
      expect(errors!.every(({ extensions }) => extensions.code === 'SERVICE_UNAVAILABLE')).toBe(true);
      // What was on its way besides is what the sockets of the system hold.
      expect(sent).toBeLessThan(40_000_000);
      await engine.stop();
    }
  });

  it('may answer as much as allowed and not a byte more, announced or not', async () => {
    const limit = 10_000;
    const answerOf = (bytes: number): string => {
      const text = JSON.stringify({ data: { me: { name: '' } } });
      return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`);
    };
    let respond: Parameters<typeof listenWith>[0] = () => undefined;
    await using server = await listenWith((request, response) => respond(request, response));
    const { engine } = withAccountsAt(server.url, { maxResponseBytes: limit });
    for (const [bytes, isAllowed] of [
      [limit, true],
      [limit + 1, false],
    ] as const)
      for (const isAnnounced of [true, false]) {
        const body = answerOf(bytes);
        respond = (_, response) => {
          response.writeHead(200, isAnnounced ? { ...json, 'content-length': bytes } : json).write(body.slice(0, 100));
          response.end(body.slice(100));
        };
        const { errors } = await engine.execute({ source: '{ me { name } }', context: testContext() });
        expect(errors?.[0]!.extensions.code).toBe(isAllowed ? undefined : 'SERVICE_UNAVAILABLE');
      }
    await engine.stop();
  });

  describe('as the source of a subscription', () => {
    /** A subgraph that speaks the protocol up to the first event, which is what `text` says; or not even that. */
    const eventsOf = async (text: string | null) => {
      const server = createServer();
      const sockets = new WebSocketServer({ noServer: true });
      const open = new Set<Duplex>();
      server.on('upgrade', (request, socket, head) => {
        open.add(socket);
        if (text === null) return;
        sockets.handleUpgrade(request, socket, head, (opened) => {
          opened
            .on('error', () => undefined)
            .on('message', (data) => {
              const { type, id } = JSON.parse(String(data));
              if (type === 'connection_init') opened.send('{"type":"connection_ack"}');
              if (type === 'subscribe') opened.send(text.replace('ID', id));
            });
        });
      });
      const listening = await listen(server);
      return {
        url: listening.url,
        async [Symbol.asyncDispose]() {
          for (const socket of open) socket.destroy();
          await listening[Symbol.asyncDispose]();
        },
      };
    };
    const next = (name: string): string =>
      `{"type":"next","id":"ID","payload":{"data":{"priceChanged":{"__typename":"Book","title":"${name}"}}}}`;
    const faults: [string, string | null, string | undefined][] = [
      ['never opens the socket', null, 'SERVICE_UNAVAILABLE'],
      ['sends an event within the limit', next('x'.repeat(3_000)), undefined],
      ['sends an event over the limit', next('x'.repeat(5_000)), 'SERVICE_UNAVAILABLE'],
      ['sends what is no JSON', '{"type":"next","id":"ID","payload":', 'SERVICE_UNAVAILABLE'],
      ['sends another protocol', '{"type":"news"}', 'SERVICE_UNAVAILABLE'],
    ];
    it.each(faults)('%s', async (_, text, code) => {
      await using server = await eventsOf(text);
      const world = shop();
      const subgraphs = world.fixtures.map((fixture) =>
        fixture.name === 'catalog'
          ? remoteAt('catalog', server.url, { timeoutMs: text === null ? 1_000 : 30_000, maxResponseBytes: 4_000 })
          : localSubgraph(fixture.name, schemaOf(fixture)),
      );
      const engine = localEngine(world.fixtures, { subgraphs });
      const stream = await engine.subscribe({ source: 'subscription { priceChanged { title } }', context: testContext() });
      if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
      const { value } = await stream.next();
      expect(value.errors?.[0].extensions.code).toBe(code);
      if (code) expect(await stream.next()).toEqual({ done: true, value: undefined });
      await stream.return!();
      await engine.stop();
    });
  });

  it('is down from the start: the engine starts, and answers what it can', async () => {
    const { engine } = withAccountsAt('http://127.0.0.1:1/graphql');
    const { data, errors } = await engine.execute({ source, context: testContext() });
    expect((data as any).products[0]).toEqual({ upc: 'p0', owner: null });
    expect(errors![0]!.extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    await engine.stop();
  });

  it('is left alone after failures in a row, and asked again later', async () => {
    let asked = 0;
    let isBroken = true;
    let now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
    await using server = await listenWith((_, response) => {
      asked += 1;
      if (isBroken) response.writeHead(500, { 'content-type': 'text/html' }).end('no');
      else response.writeHead(200, json).end('{"data":{"me":{"name":"back"}}}');
    });
    const { engine } = withAccountsAt(server.url, { breakerFailures: 3, breakerMs: 3_000 });
    const ask = () => engine.execute({ source: '{ me { name } }', context: testContext() });
    for (let round = 0; round < 10; round += 1) await ask();
    now += 2_999;
    await ask();
    expect(asked).toBe(3);
    isBroken = false;
    now += 1;
    expect((await ask()).errors).toBeUndefined();
    expect(asked).toBe(4);
    clock.mockRestore();
    await engine.stop();
  });

  it('gets queries again within a budget of a tenth, and mutations never', async () => {
    let asked = 0;
    await using server = await listenWith((_, response) => {
      asked += 1;
      response.writeHead(503, { 'content-type': 'text/plain' }).end('no');
    });
    const { engine } = withAccountsAt(server.url, { maxRetries: 2, breakerFailures: 10_000 });
    const rounds = 100;
    for (let round = 0; round < rounds; round += 1) await engine.execute({ source: '{ me { name } }', context: testContext() });
    expect(asked).toBeGreaterThan(rounds);
    expect(asked).toBeLessThanOrEqual(rounds + 10 + rounds / 10);
    await engine.stop();
  });
});

it('carries named headers to the subgraph and back, and no others', async () => {
  const seen: Record<string, unknown>[] = [];
  await using server = await listenWith((request, response) => {
    seen.push(request.headers);
    response
      .writeHead(200, { ...json, 'cache-control': 'max-age=9', deprecation: 'true', 'x-internal': 'no' })
      .end('{"data":{"me":{"name":"x"}}}');
  });
  const { engine } = withAccountsAt(server.url, { forwardHeaders: ['accept-language'], returnHeaders: ['deprecation'] });
  await using served = await serveGraph(engine, { http: { forwardHeaders: ['accept-language', 'x-other'] } });
  const response = await fetch(served.url, {
    method: 'POST',
    headers: { ...json, 'accept-language': 'de', 'x-other': 'o', cookie: 'secret' },
    body: JSON.stringify({ query: '{ me { name } }' }),
  });
  expect(response.headers.get('deprecation')).toBe('true');
  expect(response.headers.get('x-internal')).toBeNull();
  expect(seen[0]).toMatchObject({ 'accept-language': 'de', 'x-request-id': response.headers.get('x-request-id') });
  expect(seen[0]).not.toHaveProperty('cookie');
  expect(seen[0]).not.toHaveProperty('x-other');
});

it('sends equal queries of one caller that are under way at once only once, and other callers their own', async () => {
  let asked = 0;
  const waiting: (() => void)[] = [];
  await using server = await listenWith((_, response) => {
    asked += 1;
    waiting.push(() => response.writeHead(200, json).end('{"data":{"me":{"name":"x","tags":["a"]}}}'));
  });
  const { engine } = withAccountsAt(server.url);
  const same = caller();
  const ask = (who = same) => engine.execute({ source: '{ me { name } }', context: testContext({ caller: who, requestId: randomUUID() }) });
  const answers = [ask(), ask(), ask(), ask(caller())];
  await until(() => asked === 2);
  waiting.forEach((reply) => reply());
  for (const answer of answers) expect((await answer).data).toEqual({ me: { name: 'x' } });
  expect(asked).toBe(2);
  await engine.stop();
});

it('ends the request to a subgraph when the client leaves', async () => {
  let hasEnded = false;
  let hasBegun = false;
  await using server = await listenWith((_, response) => {
    hasBegun = true;
    response.on('close', () => (hasEnded = true));
  });
  const { engine } = withAccountsAt(server.url);
  const leaving = new AbortController();
  const answer = engine.execute({ source: '{ me { name } }', context: testContext({ signal: leaving.signal }) });
  await until(() => hasBegun);
  leaving.abort();
  await until(() => hasEnded);
  expect((await answer).errors).toHaveLength(1);
  await engine.stop();
});

it('ends a subscription with a retryable error when its subgraph goes away', async () => {
  const world = shop();
  await using remote = await serveAllRemotely(world.fixtures);
  const engine = localEngine(world.fixtures, { subgraphs: remote.subgraphs });
  const stream = await engine.subscribe({ source: 'subscription { priceChanged { upc } }', context: testContext() });
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  const first = stream.next();
  await until(() => world.openStreams() === 1);
  await Promise.all(remote.servers.map((server) => server[Symbol.asyncDispose]()));
  expect((await first).value.errors[0].extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

it('lets go of a remote source that is waiting for its next event as soon as the reader leaves', async () => {
  let open = 0;
  const quiet = {
    name: 'quiet',
    typeDefs: 'type Query { ready: Boolean } type Subscription { news: Int }',
    resolvers: {
      Subscription: {
        news: {
          // A generator, as domains write them: `return()` alone would wait for an event that never comes.
          subscribe: async function* (_: unknown, __: unknown, { signal }: { signal: AbortSignal }) {
            open += 1;
            yield { news: 1 };
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            open -= 1;
          },
        },
      },
    },
  };
  await using remote = await serveAllRemotely([quiet]);
  const engine = localEngine([quiet], { subgraphs: remote.subgraphs });
  const stream = await engine.subscribe({ source: 'subscription { news }', context: testContext() });
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  expect((await stream.next()).value).toEqual({ data: { news: 1 } });
  const pending = stream.next();
  expect(open).toBe(1);
  await stream.return!();
  await until(() => open === 0);
  expect(await pending).toEqual({ done: true, value: undefined });
});
