import { once } from 'node:events';

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { localEngine } from '../../test/gateway/kit/compose';
import { serveGraph, type ServedGraph } from '../../test/gateway/kit/serve';
import { shop, type ShopWorld } from '../../test/gateway/kit/shop';
import { socketTo } from '../../test/gateway/kit/socket';
import { until } from '../../test/kit/until';

import { reloadableEngine } from '../engine';
import { persistedOperations } from '../plugins/persisted-operations';

import type { GraphqlWsDeps } from './graphql-ws';

interface World extends ServedGraph {
  readonly shop: ShopWorld;
}

async function world(ws: Partial<GraphqlWsDeps> = {}): Promise<World> {
  const made = shop();
  return Object.assign(await serveGraph(localEngine(made.fixtures), { ws }), { shop: made });
}

const good = { authorization: 'Bearer good' };
const subscribe = (id: string, query = 'subscription { priceChanged { upc owner { name } } }') => ({
  id,
  type: 'subscribe',
  payload: { query },
});

it('serves queries and subscriptions to the graphql-ws client, with fields of other subgraphs in each event', async () => {
  await using w = await world();
  const client = createClient({ url: w.wsUrl, webSocketImpl: WebSocket, connectionParams: good });
  const answer = client.iterate({ query: '{ me { name } }' });
  expect((await answer.next()).value).toMatchObject({ data: { me: { name: 'User 0' } } });
  const stream = client.iterate({ query: 'subscription { priceChanged { upc owner { name } } }' });
  const first = stream.next();
  await until(() => w.shop.openStreams() === 1);
  w.shop.emit('p1');
  expect((await first).value).toEqual({ data: { priceChanged: { upc: 'p1', owner: { name: 'User 1' } } } });
  await stream.return!();
  await until(() => w.shop.openStreams() === 0);
  await client.dispose();
});

it('answers an operation that is not valid with an error frame and keeps the socket', async () => {
  await using w = await world();
  const { send, messages, socket } = await socketTo(w.wsUrl, { init: good });
  send(subscribe('1', 'subscription { nope }'));
  await until(() => messages.find(({ type, id }) => type === 'error' && id === '1'));
  expect(messages.at(-1).payload[0].extensions.code).toBe('INVALID_REQUEST');
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.close();
});

describe('closes with the code that says why', () => {
  const cases: [string, number, (url: string) => Promise<{ closed: Promise<number> }>][] = [
    ['no connection_init in time', 4408, (url) => socketTo(url)],
    [
      'connection_init twice',
      4429,
      async (url) => after(await socketTo(url, { init: good }), ({ send }) => send({ type: 'connection_init', payload: good })),
    ],
    ['subscribe before the acknowledgement', 4401, async (url) => after(await socketTo(url), ({ send }) => send(subscribe('1')))],
    ['no token', 4401, (url) => socketTo(url, { init: {} })],
    ['a bad token', 4401, (url) => socketTo(url, { init: { authorization: 'Bearer bad' } })],
    [
      'an operation id in use',
      4409,
      async (url) =>
        after(await socketTo(url, { init: good }), ({ send }) => {
          send(subscribe('1'));
          send(subscribe('1'));
        }),
    ],
    ['a frame that is no JSON', 4400, async (url) => after(await socketTo(url), ({ send }) => send('nonsense'))],
    ['a binary frame', 4400, async (url) => after(await socketTo(url), ({ socket }) => socket.send(Buffer.from('{"type":"ping"}')))],
    ['a frame over the size', 1009, async (url) => after(await socketTo(url), ({ send }) => send('x'.repeat(5_000_000)))],
    ['no subprotocol of ours', 4406, (url) => socketTo(url, { protocol: '' })],
  ];
  it.each(cases)('%s: %i', async (_, code, act) => {
    await using w = await world({ initTimeoutMs: code === 4408 ? 150 : 30_000 });
    expect(await (await act(w.wsUrl)).closed).toBe(code);
    await until(() => w.ws.socketCount === 0);
    expect(w.shop.openStreams()).toBe(0);
  });
});

async function after<Value>(value: Value, act: (value: Value) => void): Promise<Value> {
  act(value);
  return value;
}

it('refuses pages of another origin before the upgrade', async () => {
  await using w = await world();
  const socket = new WebSocket(w.wsUrl, 'graphql-transport-ws', { origin: 'https://elsewhere.example' });
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  expect(response.statusCode).toBe(403);
  socket.on('error', () => undefined);
  socket.terminate();
});

it('closes with 4403 when the token expires, and sends no event after it', async () => {
  let now = 1_000_000;
  await using w = await world({ now: () => now });
  const { send, messages, closed } = await socketTo(w.wsUrl, { init: { access_token: 'until:1000.08' } });
  send(subscribe('1'));
  await until(() => w.shop.openStreams() === 1);
  now = 1_000_080;
  expect(await closed).toBe(4403);
  w.shop.emit('p1');
  await until(() => w.shop.openStreams() === 0);
  expect(messages.filter(({ type }) => type === 'next')).toEqual([]);
});

it('counts sockets by tenant and closes the one too many with 4429, giving places back', async () => {
  let open = 0;
  const admit = async () => {
    if (open >= 2) return null;
    open += 1;
    return async () => void (open -= 1);
  };
  await using w = await world({ admit });
  const [first] = [await socketTo(w.wsUrl, { init: good }), await socketTo(w.wsUrl, { init: good })];
  expect(await (await socketTo(w.wsUrl, { init: good })).closed).toBe(4429);
  first!.socket.close();
  await until(() => open === 1);
  const again = await socketTo(w.wsUrl, { init: good });
  expect(again.messages[0].type).toBe('connection_ack');
});

it('closes a reader that does not read with 1013, bounded by count and bytes, and others go on', async () => {
  await using w = await world({ streamBounds: { maxQueued: 1_000_000, maxQueuedBytes: 100_000 } });
  const slow = await socketTo(w.wsUrl, { init: good });
  const other = await socketTo(w.wsUrl, { init: good });
  const long = `subscription { priceChanged { upc ${Array.from({ length: 30 }, (_, index) => `a${index}: title`).join(' ')} } }`;
  slow.send(subscribe('1', long));
  other.send(subscribe('1'));
  await until(() => w.shop.openStreams() === 2);
  slow.pause();
  const received = (): number => other.messages.filter(({ type }) => type === 'next').length;
  for (let sent = 200; w.shop.openStreams() === 2; sent += 200) {
    for (let index = 0; index < 200; index += 1) w.shop.emit('p2');
    // No more before the other has these: on a slow machine it would fall behind as well.
    await until(() => received() === sent, { everyMs: 1 });
  }
  slow.resume();
  expect([1013, 1006]).toContain(await slow.closed);
  expect(w.shop.openStreams()).toBe(1);
});

it('closes with 1001 at shutdown', async () => {
  const w = await world();
  const { closed, send } = await socketTo(w.wsUrl, { init: good });
  send(subscribe('1'));
  await until(() => w.shop.openStreams() === 1);
  await w[Symbol.asyncDispose]();
  expect(await closed).toBe(1001);
  expect(w.shop.openStreams()).toBe(0);
});

describe('while the graph is replaced', () => {
  const replaceable = async (drainMs: number) => {
    const made = shop();
    const grown = made.fixtures.map((fixture) =>
      fixture.name === 'accounts' ? { ...fixture, typeDefs: fixture.typeDefs.replace('me: User,', 'me: User, myself: String,') } : fixture,
    );
    const engine = reloadableEngine(localEngine(made.fixtures), { drainMs });
    const served = await serveGraph(engine);
    const client = await socketTo(served.wsUrl, { init: good });
    client.send(subscribe('1'));
    await until(() => made.openStreams() === 1);
    return { made, served, client, replaced: engine.replace(localEngine(grown)) };
  };

  it('what runs goes on, and what is asked on the same socket is answered by the new one', async () => {
    const { made, served, client, replaced } = await replaceable(600_000);
    await using _ = served;
    client.send(subscribe('2', '{ myself }'));
    await until(() => client.messages.some(({ type, id }) => type === 'complete' && id === '2'));
    made.emit('p1');
    await until(() => client.messages.some(({ type, id }) => type === 'next' && id === '1'));
    expect(client.messages.filter(({ type }) => type === 'error')).toEqual([]);
    client.send({ id: '1', type: 'complete' });
    // The old graph ends when the last of its streams has.
    await replaced;
    expect([made.openStreams(), client.socket.readyState]).toEqual([0, WebSocket.OPEN]);
  });

  it('sockets whose streams outlast it are closed with 1001, and find the new one', async () => {
    const { made, served, client, replaced } = await replaceable(20);
    await using _ = served;
    expect(await client.closed).toBe(1001);
    await replaced;
    await until(() => made.openStreams() === 0);
    const again = await socketTo(served.wsUrl, { init: good });
    again.send(subscribe('1'));
    await until(() => made.openStreams() === 1);
    made.emit('p2');
    await until(() => again.messages.some(({ type }) => type === 'next'));
  });
});

it('ends the sockets of callers that have lost a right with 4403', async () => {
  await using w = await world();
  const { closed } = await socketTo(w.wsUrl, { init: good });
  w.ws.closeWhere(({ tenantId }) => tenantId === 'tenant-a');
  expect(await closed).toBe(4403);
});

it('takes a frame of the largest size and closes with 1009 one byte past it', async () => {
  await using w = await world({ maxFrameBytes: 1_000 });
  const frameOf = (bytes: number): string => {
    const frame = JSON.stringify(subscribe('1', '{ me { id } } #'));
    return frame.replace('#', `#${'x'.repeat(bytes - frame.length)}`);
  };
  const { socket, send, messages, closed } = await socketTo(w.wsUrl, { init: good });
  send(frameOf(1_000));
  await until(() => messages.some(({ type }) => type === 'complete'));
  expect(socket.readyState).toBe(WebSocket.OPEN);
  send(frameOf(1_001));
  expect(await closed).toBe(1009);
});

it('holds as many sockets as allowed and closes the one past them with 1013, giving places back', async () => {
  await using w = await world({ maxSockets: 2 });
  const first = await socketTo(w.wsUrl, { init: good });
  const second = await socketTo(w.wsUrl, { init: good });
  expect(await (await socketTo(w.wsUrl, { init: good })).closed).toBe(1013);
  first.socket.close();
  await until(() => w.ws.socketCount === 1);
  const again = await socketTo(w.wsUrl, { init: good });
  expect([again.messages[0].type, second.socket.readyState]).toEqual(['connection_ack', WebSocket.OPEN]);
});

it('refuses operations nested or repeated beyond all limits with an error frame, and keeps the socket', async () => {
  await using w = await world();
  const { socket, send, messages } = await socketTo(w.wsUrl, { init: good });
  const nested = '['.repeat(400_000) + ']'.repeat(400_000);
  send(`{"id":"1","type":"subscribe","payload":{"query":"query ($id: ID!) { user(id: $id) { id } }","variables":{"id":${nested}}}}`);
  send(subscribe('2', `{ me { ${'id '.repeat(5_000)} } }`));
  send(subscribe('3', '{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }'));
  await until(() => messages.filter(({ type }) => type === 'error').length === 3);
  for (const { type, payload } of messages.slice(1)) {
    expect([type, payload[0].extensions.code]).toEqual(['error', 'INVALID_REQUEST']);
  }
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.close();
});

it('refuses more operations on one socket than allowed, and keeps the rest', async () => {
  await using w = await world({ maxOperations: 2 });
  const { send, messages } = await socketTo(w.wsUrl, { init: good });
  for (const id of ['1', '2', '3']) send(subscribe(id));
  await until(() => messages.find(({ type }) => type === 'error'));
  expect(messages.find(({ type }) => type === 'error')).toMatchObject({ id: '3', payload: [{ extensions: { code: 'INVALID_REQUEST' } }] });
  expect(w.shop.openStreams()).toBe(2);
});

it('runs only the published list on sockets too', async () => {
  await using w = await world({ persisted: persistedOperations({ known: ['{ me { id } }'], onlyKnown: true }) });
  const { send, messages } = await socketTo(w.wsUrl, { init: good });
  send(subscribe('1', '{ me { name } }'));
  send(subscribe('2', '{ me { id } }'));
  await until(() => messages.find(({ type, id }) => type === 'complete' && id === '2'));
  expect(messages.find(({ id }) => id === '1')).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'INVALID_REQUEST' } }] });
  expect(messages.find(({ id }) => id === '2')).toMatchObject({ type: 'next', payload: { data: { me: { id: 'u0' } } } });
});

it('closes a socket whose peer answers no pings, and lets go of its streams', async () => {
  // It outlasts a process that stands still for a while, in which no answer is read.
  await using w = await world({ pingMs: 2_500 });
  const { socket, send, pause } = await socketTo(w.wsUrl, { init: good });
  send(subscribe('1'));
  await until(() => w.shop.openStreams() === 1);
  // Frames arrive at a paused socket, and nobody reads them: half open, as after a cable is pulled.
  pause();
  await until(() => w.shop.openStreams() === 0);
  await until(() => w.ws.socketCount === 0);
  socket.terminate();
});

it('leaves nothing behind after 1,000 connects and disconnects', async () => {
  let places = 0;
  await using w = await world({
    admit: async () => {
      places += 1;
      return async () => void (places -= 1);
    },
  });
  for (let batch = 0; batch < 20; batch += 1) {
    const clients = await Promise.all(Array.from({ length: 50 }, () => socketTo(w.wsUrl, { init: good })));
    for (const { send } of clients) send(subscribe('1'));
    await until(() => w.shop.openStreams() === 50);
    clients.forEach(({ socket, send }, index) => {
      if (index % 3 === 0) socket.terminate();
      else if (index % 3 === 1) socket.close();
      else {
        send({ id: '1', type: 'complete' });
        socket.close();
      }
    });
    await until(() => w.shop.openStreams() === 0 && w.ws.socketCount === 0);
  }
  await until(() => places === 0);
});
