import { holdIntervals } from '../kit/held-intervals';
import { until } from '../kit/until';
import { connect } from './kit/event-client';
import { restWorld, tokenOf, type RestWorld } from './kit/world';

/** Longer than any stall: in these tests no socket ends because time has passed, unless a test lets it pass. */
const patient = { initTimeoutMs: 600_000, pingMs: 600_000 };

describe.each([
  { door: 'chat', path: '/ws/chat/sess-1', topic: 'chat:sess-1' },
  { door: 'agent', path: '/ws/agent/agent-1', topic: 'agent:agent-1' },
])('a socket at the $door door is closed with', ({ path, topic }) => {
  let w: RestWorld;
  beforeAll(async () => {
    w = await restWorld({ streams: patient });
  });
  afterAll(() => w[Symbol.asyncDispose]());

  const open = ({ query = '', token = tokenOf() }: { query?: string; token?: string | null } = {}) =>
    connect(`${w.url}${path}${query}`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } });
  const at = ({ url }: RestWorld, token = tokenOf(), options: { autoPong?: boolean } = {}) =>
    connect(`${url}${path}`, { headers: { authorization: `Bearer ${token}` }, ...options });
  const code = async (client: ReturnType<typeof open>) => (await client.closed()).code;
  const tell = (content = '') => w.log.append({ tenantId: 'acme', name: topic }, [{ type: 'text', data: { content } }]);

  it.each([
    ['no JSON', '{"type":'],
    ['a list', '[]'],
    ['no type', '{"content":"x"}'],
    ['data that is no object', '{"type":"message","data":"x"}'],
    ['a binary frame', Buffer.from('{"type":"ping"}')],
  ])('4400 for %s', async (_, frame) => {
    using client = open();
    await client.ready();
    client.say(frame);
    expect(await code(client)).toBe(4400);
  });

  it('4400 for a position that is no number, or before the beginning', async () => {
    using word = open({ query: '?after_sequence=soon' });
    using negative = open({ query: '?after_sequence=-1' });
    expect([await code(word), await code(negative)]).toEqual([4400, 4400]);
  });

  it('4400 for too many frames before it is ready', async () => {
    using client = open({ token: null });
    client.socket.on('open', () => {
      for (let index = 0; index < 21; index += 1) client.say({ type: 'message', content: 'early' });
    });
    expect(await code(client)).toBe(4400);
    expect(w.said).toEqual([]);
  });

  it('1009 for a frame that is too large', async () => {
    using client = open();
    await client.ready();
    client.say({ type: 'message', content: 'x'.repeat(1_100_000) });
    expect(await code(client)).toBe(1009);
  });

  it('nothing for a frame of a type that it does not know, for one without its fields, for a pong that nobody asked for: it goes on', async () => {
    using client = open();
    await client.ready();
    client.say({ type: 'mesage', content: 'x' });
    expect((await client.frame('error')).data).toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringContaining('"message"') });
    client.say({ type: 'message' });
    expect((await client.frame('error', 1)).data).toMatchObject({ code: 'INVALID_REQUEST', field: 'data.content' });
    client.say({ type: '__proto__' });
    expect((await client.frame('error', 2)).data).toMatchObject({ code: 'INVALID_REQUEST', field: 'type' });
    client.say({ type: 'pong' });
    client.say({ type: 'connection_init', payload: {} });
    client.say({ type: 'ping' });
    await client.frame('pong');
  });

  it('4401 for no token, a bad one, an expired one', async () => {
    await using hasty = await restWorld({ streams: { ...patient, initTimeoutMs: 50 } });
    using none = connect(`${hasty.url}${path}`);
    using bad = open({ token: 'nonsense' });
    using old = open({ token: tokenOf({ exp: 1_000_000_000 }) });
    expect([await code(none), await code(bad), await code(old)]).toEqual([4401, 4401, 4401]);
  });

  it('nothing for a token in the query, or in connection_init', async () => {
    using inQuery = open({ token: null, query: `?access_token=${tokenOf()}` });
    await inQuery.ready();
    using inFrame = open({ token: null });
    inFrame.socket.on('open', () => inFrame.say({ type: 'connection_init', payload: { authorization: `Bearer ${tokenOf()}` } }));
    await inFrame.ready();
  });

  it('4403 when the token ends, and no event after it', async () => {
    using other = open();
    await other.ready();
    // Where it has ended before the socket is open: within the allowed difference of clocks it is still taken, and ends at once.
    using client = open({ token: tokenOf({ exp: Math.floor(Date.now() / 1000) + 2 }) });
    expect(await code(client)).toBe(4403);
    const count = client.frames.length;
    await tell();
    await until(() => other.sequences().length === 1);
    expect(client.frames).toHaveLength(count);
  });

  it('4403 when a caller has lost a right', async () => {
    using client = open({ token: tokenOf({ user_id: 'suspended' }) });
    await client.ready();
    w.facade.closeWhere(({ userId }) => userId === 'suspended');
    expect(await code(client)).toBe(4403);
  });

  it('4408 for a peer that does not answer pings', async () => {
    const pingMs = 54_321;
    using heartbeats = holdIntervals(pingMs);
    await using counted = await restWorld({ streams: { ...patient, pingMs } });
    using client = at(counted, tokenOf(), { autoPong: false });
    await client.ready();
    heartbeats.beat();
    await client.frame('ping');
    heartbeats.beat();
    expect(await code(client)).toBe(4408);
  });

  it('nothing that a peer could see when that is half open: its place and its stream are free all the same', async () => {
    const pingMs = 54_322;
    using heartbeats = holdIntervals(pingMs);
    await using counted = await restWorld({ streams: { ...patient, pingMs } });
    using client = at(counted);
    await client.ready();
    expect([await counted.sockets.count('acme'), counted.log.followerCount()]).toEqual([1, 1]);
    // As if its network had gone: it neither reads nor answers, and does not say good-bye.
    client.socket.pause();
    heartbeats.beat();
    heartbeats.beat();
    await until(async () => (await counted.sockets.count('acme')) === 0 && counted.log.followerCount() === 0);
  });

  it.each([
    ['free', 5],
    ['standard', 25],
  ])('4429 for more sockets than the tier %s allows, and the place of a closed one is free again', async (tier, cap) => {
    const token = tokenOf({ tier, tenant_id: 'acme', user_id: 'many' });
    await using counted = await restWorld();
    const clients = Array.from({ length: cap }, () => at(counted, token));
    await Promise.all(clients.map((client) => client.ready()));
    using oneMore = at(counted, token);
    expect(await code(oneMore)).toBe(4429);
    clients[0]!.socket.close();
    await until(async () => (await counted.sockets.count('acme')) === cap - 1);
    using next = at(counted, token);
    await next.ready();
    clients.forEach((client) => client.socket.terminate());
  });

  it('1013 for one too many of the process, whoever it belongs to', async () => {
    await using small = await restWorld({ streams: { maxSockets: 1 } });
    using first = at(small);
    await first.ready();
    using second = at(small);
    expect(await code(second)).toBe(1013);
  });

  it('1001 when the server goes', async () => {
    const going = await restWorld();
    const client = at(going);
    await client.ready();
    await going[Symbol.asyncDispose]();
    expect(await code(client)).toBe(1001);
  });

  it('1013 for a reader that does not read, who then has what was sent until then and comes back for the rest', async () => {
    const { newest: before } = await w.log.retained({ tenantId: 'acme', name: topic });
    using stalled = open();
    await stalled.ready();
    using reader = open();
    await reader.ready();
    await until(() => w.log.followerCount() === 2);
    stalled.socket.pause();
    const content = 'x'.repeat(50_000);
    let told = 0;
    // Let go long before all of it is held for it: the bound of the stream and what the operating system takes.
    for (; w.log.followerCount() === 2; told += 1) {
      expect(told).toBeLessThan(600);
      await tell(content);
      if (told % 20 === 0) await until(() => reader.sequences().length === told + 1);
    }
    stalled.socket.resume();
    expect(await code(stalled)).toBe(1013);
    await until(() => reader.sequences().length === told);
    const seen = stalled.sequences();
    using back = open({ query: `?after_sequence=${seen.at(-1) ?? before}` });
    await until(() => seen.length + back.sequences().length === told);
    const all = Array.from({ length: told }, (_, index) => before + 1 + index);
    expect([...seen, ...back.sequences()]).toEqual(all);
    expect(reader.sequences()).toEqual(all);
  });
});

it('sockets of both doors take their places from the same cap', async () => {
  await using w = await restWorld();
  const token = tokenOf({ tier: 'free', tenant_id: 'acme', user_id: 'both' });
  const at = (path: string) => connect(`${w.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const clients = ['/ws/chat/sess-1', '/ws/agent/agent-1', '/ws/chat/sess-1', '/ws/agent/agent-1', '/ws/chat/sess-1'].map(at);
  await Promise.all(clients.map((client) => client.ready()));
  using oneMore = at('/ws/agent/agent-1');
  expect((await oneMore.closed()).code).toBe(4429);
  clients.forEach((client) => client.socket.terminate());
});
