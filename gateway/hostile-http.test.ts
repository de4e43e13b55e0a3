import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';

import { localEngine } from '../test/gateway/kit/compose';
import { serveAllRemotely } from '../test/gateway/kit/remote';
import { callerOf, serveGraph, type ServedGraph } from '../test/gateway/kit/serve';
import { shop } from '../test/gateway/kit/shop';
import { until } from '../test/kit/until';

import { startingServer } from './server';

const json = { 'content-type': 'application/json' };
const post = (url: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { ...json, ...headers }, body: body as BodyInit });

/** An operation of exactly this many bytes of JSON. */
function bodyOf(bytes: number): string {
  const body = JSON.stringify({ query: '{ me { id } } #' });
  return body.replace('#', `#${'x'.repeat(bytes - body.length)}`);
}

async function connections({ server }: ServedGraph): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}

describe('the size of a body', () => {
  it('is allowed at its limit and refused one byte past it, announced or not', async () => {
    await using served = await serveGraph(localEngine(shop().fixtures), { http: { maxBodyBytes: 2_000 } });
    expect(await (await post(served.url, bodyOf(2_000))).json()).toMatchObject({ data: { me: { id: 'u0' } } });
    expect((await post(served.url, bodyOf(2_001))).status).toBe(413);
    const status = await new Promise<number | undefined>((resolve) => {
      const outgoing = httpRequest(served.url, { method: 'POST', headers: { ...json, 'transfer-encoding': 'chunked' } });
      outgoing.on('response', (response) => resolve(response.resume().statusCode)).on('error', () => undefined);
      outgoing.write(bodyOf(2_001));
      outgoing.end();
    });
    expect(status).toBe(413);
  });

  it('counts what it unpacks to', async () => {
    await using served = await serveGraph(localEngine(shop().fixtures), { http: { maxBodyBytes: 2_000 } });
    expect((await post(served.url, gzipSync(bodyOf(2_000)), { 'content-encoding': 'gzip' })).status).toBe(200);
    expect((await post(served.url, gzipSync(bodyOf(1_000_000)), { 'content-encoding': 'gzip' })).status).toBe(413);
    expect((await post(served.url, 'no gzip at all', { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await post(served.url, '{}', { 'content-encoding': 'zstd' })).status).toBe(415);
  });
});

describe('an operation beyond all limits', () => {
  const cases: [string, string][] = [
    ['a query of 1 MB', JSON.stringify({ query: `{ me { ${'id '.repeat(333_000)} } }` })],
    ['5,000 duplicate fields', JSON.stringify({ query: `{ me { ${'id '.repeat(5_000)} } }` })],
    ['circular fragments', JSON.stringify({ query: '{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }' })],
    [
      'variables nested 500,000 deep',
      `{"query":"query ($id: ID!) { user(id: $id) { id } }","variables":{"id":${'['.repeat(500_000)}${']'.repeat(500_000)}}}`,
    ],
    ['no operation at all', '[]'],
    ['a batch of two', JSON.stringify([{ query: '{ me { id } }' }, { query: '{ me { id } }' }])],
    ['a batch in a batch', JSON.stringify([[{ query: '{ me { id } }' }]])],
  ];
  it.each(cases)('%s is refused as a mistake of the client, and the next one is served', async (_, body) => {
    await using served = await serveGraph(localEngine(shop().fixtures), { http: { maxBodyBytes: 2_000_000 } });
    const refused = await post(served.url, body, { accept: 'application/graphql-response+json' });
    const answer = (await refused.json()) as { data?: unknown; errors: { extensions: { code: string } }[] };
    expect([refused.status, answer.data, answer.errors[0]!.extensions.code]).toEqual([400, undefined, 'INVALID_REQUEST']);
    expect((await post(served.url, bodyOf(100))).status).toBe(200);
  });
});

describe('sockets', () => {
  it('that stop in the middle of a body hold nobody up, and are let go of when they close', async () => {
    await using served = await serveGraph(localEngine(shop().fixtures));
    const stalled = Array.from({ length: 50 }, () => connect(served.port, '127.0.0.1'));
    for (const socket of stalled) {
      socket.on('error', () => undefined);
      socket.write(`POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"query": "{ me`);
    }
    await until(async () => (await connections(served)) === 50);
    expect((await post(served.url, bodyOf(100), { connection: 'close' })).status).toBe(200);
    stalled.forEach((socket, index) => (index % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()));
    await until(async () => (await connections(served)) === 0);
    expect((await post(served.url, bodyOf(100))).status).toBe(200);
  });

  it('that never finish their headers or body are given up by the server', () => {
    const { server } = startingServer();
    expect(server.headersTimeout).toBeGreaterThan(0);
    expect(server.headersTimeout).toBeLessThanOrEqual(30_000);
    expect(server.requestTimeout).toBeGreaterThan(0);
    expect(server.requestTimeout).toBeLessThanOrEqual(300_000);
  });

  it('that speak no HTTP get 400 and the next one is served', async () => {
    await using served = await serveGraph(localEngine(shop().fixtures));
    const socket = connect(served.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk))).on('error', () => undefined);
    socket.write('\x16\x03\x01 not http\r\n\r\n');
    await until(() => answer.startsWith('HTTP/1.1 400'));
    expect((await post(served.url, bodyOf(100))).status).toBe(200);
  });
});

describe('a client that leaves', () => {
  it.each(['here', 'elsewhere'])('aborts what a subgraph %s is doing for it', async (where) => {
    let seen: AbortSignal | undefined;
    const slow = {
      name: 'slow',
      typeDefs: 'type Query { wait: Int }',
      resolvers: {
        Query: {
          wait: (_: unknown, __: unknown, { signal }: { signal: AbortSignal }) => {
            seen = signal;
            return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('left'))));
          },
        },
      },
    };
    await using remote = await serveAllRemotely([slow]);
    const engine = localEngine([slow], where === 'here' ? {} : { subgraphs: remote.subgraphs });
    await using served = await serveGraph(engine);
    const leaving = new AbortController();
    const asked = fetch(served.url, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ query: '{ wait }' }),
      signal: leaving.signal,
    }).catch(() => undefined);
    await until(() => seen);
    expect(seen!.aborted).toBe(false);
    leaving.abort();
    await until(() => seen!.aborted);
    await asked;
  });

  it('leaves nothing behind, a thousand times over', async () => {
    const world = shop();
    await using served = await serveGraph(localEngine(world.fixtures));
    const body = JSON.stringify({ query: 'subscription { priceChanged { upc } }' });
    for (let batch = 0; batch < 20; batch += 1) {
      const clients = Array.from({ length: 50 }, (_, index) => {
        const accept = index % 2 === 0 ? 'text/event-stream' : 'multipart/mixed;subscriptionSpec=1.0';
        const outgoing = httpRequest(served.url, { method: 'POST', agent: false, headers: { ...json, accept } });
        outgoing.on('error', () => undefined).on('response', (response) => response.on('error', () => undefined).resume());
        outgoing.end(body);
        return outgoing;
      });
      await until(() => world.openStreams() === 50);
      clients.forEach((client, index) => (index % 3 === 0 ? client.socket?.resetAndDestroy() : client.destroy()));
      await until(() => world.openStreams() === 0);
    }
    await until(async () => (await connections(served)) === 0);
  });
});

describe('a stream over HTTP', () => {
  it.each([
    ['text/event-stream', 'event: complete'],
    ['multipart/mixed;subscriptionSpec=1.0', '--graphql--'],
  ])('as %s ends with its token and says so, and the source is let go of', async (accept, closing) => {
    let now = 1_000_000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
    const world = shop();
    await using served = await serveGraph(localEngine(world.fixtures), { http: { identify: () => callerOf('until:1000.05') } });
    const response = await post(served.url, JSON.stringify({ query: 'subscription { priceChanged { upc } }' }), { accept });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    await until(() => world.openStreams() === 1);
    world.emit('p2');
    let text = '';
    while (!text.includes('"upc":"p2"')) text += (await reader.read()).value ?? '';
    expect(text).not.toContain('UNAUTHORIZED');
    now = 1_000_050;
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    clock.mockRestore();
    expect(text).toContain('"code":"UNAUTHORIZED"');
    expect(text).toContain(closing);
    expect(world.openStreams()).toBe(0);
  });
});
