import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';

import { serverAudits } from 'graphql-http';
import { createClient } from 'graphql-sse';

import { errors } from '#platform/errors';

import { localEngine } from '../test/gateway/kit/compose';
import { serveGraph } from '../test/gateway/kit/serve';
import { shop } from '../test/gateway/kit/shop';
import { until } from '../test/kit/until';

import { persistedOperations } from './plugins/persisted-operations';

const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

it('passes every audit of graphql-http, the optional ones too', async () => {
  await using served = await serveGraph(localEngine(shop().fixtures));
  const results = await Promise.all(serverAudits({ url: served.url }).map((audit) => audit.fn()));
  expect(results.length).toBeGreaterThanOrEqual(60);
  expect(results.filter((result) => result.status !== 'ok').map((result) => [result.status, result.name, (result as any).reason])).toEqual(
    [],
  );
});

it('names the wrong part of a request: batch, types, methods, size', async () => {
  await using served = await serveGraph(localEngine(shop().fixtures), { http: { maxBodyBytes: 1_000 } });
  const { url } = served;
  const cases: [Response, number, string][] = [
    [await post(url, [{ query: '{ me { id } }' }]), 400, 'INVALID_REQUEST'],
    [await post(url, '{ me { id } }', { 'content-type': 'text/plain' }), 400, 'INVALID_REQUEST'],
    [await post(url, '{ me { id } }', { 'content-type': 'application/graphql' }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [await post(url, { query: '{ me { id } }' }, { accept: 'image/png' }), 406, 'NOT_ACCEPTABLE'],
    [await post(url, { query: `{ me { id } } # ${'x'.repeat(2_000)}` }), 413, 'PAYLOAD_TOO_LARGE'],
    [
      await fetch(`${url}?query=${encodeURIComponent('mutation { renameProduct(upc: "p0", title: "x") { upc } }')}`),
      405,
      'METHOD_NOT_ALLOWED',
    ],
    [await fetch(url, { method: 'DELETE' }), 405, 'METHOD_NOT_ALLOWED'],
  ];
  for (const [response, status, code] of cases) {
    const { errors: failures } = (await response.json()) as { errors: { extensions: { code: string; requestId: string } }[] };
    expect([response.status, failures[0]!.extensions.code]).toEqual([status, code]);
    expect(response.headers.get('x-request-id')).toBe(failures[0]!.extensions.requestId);
    if (status === 405) expect(response.headers.get('allow')).toContain('POST');
  }
});

it('answers UNAUTHORIZED with 401 and runs nothing', async () => {
  const world = shop();
  await using served = await serveGraph(localEngine(world.fixtures), {
    http: {
      identify: () => {
        throw errors.UNAUTHORIZED({ hint: 'log in' });
      },
    },
  });
  const response = await post(served.url, { query: '{ product(upc: "p0") { owner { name } } }' });
  expect(response.status).toBe(401);
  expect(world.calls.size).toBe(0);
});

it('sends subscriptions as server-sent events that graphql-sse reads, with fields of other subgraphs, and lets go when the client leaves', async () => {
  const world = shop();
  await using served = await serveGraph(localEngine(world.fixtures));
  const client = createClient({ url: served.url });
  const stream = client.iterate({ query: 'subscription { priceChanged { upc owner { name } } }' });
  const first = stream.next();
  await until(() => world.openStreams() === 1);
  world.emit('p3');
  expect((await first).value).toEqual({ data: { priceChanged: { upc: 'p3', owner: { name: 'User 3' } } } });
  await stream.return!();
  client.dispose();
  await until(() => world.openStreams() === 0);
});

it('sends subscriptions as multipart to those who accept it', async () => {
  const world = shop();
  await using served = await serveGraph(localEngine(world.fixtures));
  const controller = new AbortController();
  const response = await fetch(served.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'multipart/mixed;subscriptionSpec="1.0", application/json' },
    body: JSON.stringify({ query: 'subscription { priceChanged { upc } }' }),
    signal: controller.signal,
  });
  expect(response.headers.get('content-type')).toContain('multipart/mixed');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  await until(() => world.openStreams() === 1);
  world.emit('p5');
  let text = '';
  while (!text.includes('p5')) text += (await reader.read()).value ?? '';
  expect(text).toContain('--graphql\r\nContent-Type: application/json\r\n\r\n{"payload":{"data":{"priceChanged":{"upc":"p5"}}}}');
  controller.abort();
  await until(() => world.openStreams() === 0);
});

it.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
  'ends a stream as %s whose reader does not read, holds no more than allowed for it, and others go on',
  async (accept) => {
    const world = shop();
    await using served = await serveGraph(localEngine(world.fixtures), {
      http: { streamBounds: { maxQueued: 1_000_000, maxQueuedBytes: 50_000 } },
    });
    const open = (query: string) => {
      const outgoing = httpRequest(served.url, { method: 'POST', headers: { 'content-type': 'application/json', accept } });
      outgoing.on('error', () => undefined);
      outgoing.end(JSON.stringify({ query }));
      return outgoing;
    };
    const long = Array.from({ length: 30 }, (_, index) => `a${index}: title`).join(' ');
    const slow = open(`subscription { priceChanged { ${long} } }`);
    slow.on('response', (response) => response.on('error', () => undefined).pause());
    let text = '';
    const other = open('subscription { priceChanged { upc } }');
    other.on('response', (response) => response.on('error', () => undefined).on('data', (chunk) => (text += String(chunk))));
    await until(() => world.openStreams() === 2);
    const received = (): number => text.split('"upc":"p2"').length - 1;
    for (let sent = 100; world.openStreams() === 2; sent += 100) {
      for (let index = 0; index < 100; index += 1) world.emit('p2');
      // No more before the other has these: on a slow machine it would fall behind as well.
      await until(() => received() === sent, { everyMs: 1 });
    }
    expect(world.openStreams()).toBe(1);
    slow.destroy();
    other.destroy();
    await until(() => world.openStreams() === 0);
  },
);

it("speaks automatic persisted queries, and refuses a hash that is not the text's", async () => {
  await using served = await serveGraph(localEngine(shop().fixtures), { http: { persisted: persistedOperations() } });
  const query = '{ me { id } }';
  const extensions = { persistedQuery: { version: 1, sha256Hash: '3a7a5d1b24b2ab12e4bfcaa7e9d7c3e6b7d2b7b4c27a1b5df4c0e55f2cb95a11' } };
  const unknown = (await (await post(served.url, { extensions })).json()) as any;
  expect(unknown.errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
  const poisoned = await post(served.url, { query, extensions });
  expect([poisoned.status, ((await poisoned.json()) as any).errors[0].extensions.code]).toEqual([400, 'INVALID_REQUEST']);
  extensions.persistedQuery.sha256Hash = createHash('sha256').update(query).digest('hex');
  expect(((await (await post(served.url, { query, extensions })).json()) as any).data).toEqual({ me: { id: 'u0' } });
  expect(((await (await post(served.url, { extensions })).json()) as any).data).toEqual({ me: { id: 'u0' } });
});

it('tells clients of persisted queries to send the text where there are none', async () => {
  await using served = await serveGraph(localEngine(shop().fixtures));
  const response = await post(served.url, { extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } });
  expect(((await response.json()) as any).errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
});

it('runs only the published list where it is told to', async () => {
  await using served = await serveGraph(localEngine(shop().fixtures), {
    http: { persisted: persistedOperations({ known: ['{ me { id } }'], onlyKnown: true }) },
  });
  expect(((await (await post(served.url, { query: '{ me { id } }' })).json()) as any).data).toEqual({ me: { id: 'u0' } });
  const refused = await post(served.url, { query: '{ me { name } }' });
  expect([refused.status, ((await refused.json()) as any).errors[0].extensions.code]).toEqual([400, 'INVALID_REQUEST']);
});

it('serves GraphiQL to browsers in development only', async () => {
  await using development = await serveGraph(localEngine(shop().fixtures), { http: { graphiql: true } });
  const page = await fetch(development.url, { headers: { accept: 'text/html,application/xhtml+xml' } });
  const html = await page.text();
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(html).toContain('GraphiQL');
  expect(html).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/);
  await using production = await serveGraph(localEngine(shop().fixtures));
  expect((await fetch(production.url, { headers: { accept: 'text/html' } })).status).toBe(406);
});

it('tells resolvers when the client has left', async () => {
  const world = shop();
  let seen: AbortSignal | undefined;
  const accounts = world.fixtures[0]!;
  const slow = {
    ...accounts,
    resolvers: {
      ...accounts.resolvers,
      Query: {
        me: (_: unknown, __: unknown, context: { signal: AbortSignal }) => {
          seen = context.signal;
          return new Promise(() => undefined);
        },
      },
    },
  };
  await using served = await serveGraph(localEngine([slow, ...world.fixtures.slice(1)]));
  const outgoing = httpRequest(served.url, { method: 'POST', headers: { 'content-type': 'application/json' } });
  outgoing.on('error', () => undefined);
  outgoing.end(JSON.stringify({ query: '{ me { id } }' }));
  await until(() => seen);
  expect(seen!.aborted).toBe(false);
  outgoing.destroy();
  await until(() => seen!.aborted);
});

it('answers TIMEOUT when the deadline passes, whatever the resolver does', async () => {
  const world = shop();
  const accounts = world.fixtures[0]!;
  const stuck = { ...accounts, resolvers: { ...accounts.resolvers, Query: { me: () => new Promise(() => undefined) } } };
  await using served = await serveGraph(localEngine([stuck, ...world.fixtures.slice(1)]), { http: { deadlineMs: 30 } });
  const response = await post(served.url, { query: '{ me { id } }' }, { accept: 'application/graphql-response+json' });
  expect([response.status, ((await response.json()) as any).errors[0].extensions]).toMatchObject([
    504,
    { code: 'TIMEOUT', retryable: true },
  ]);
});
