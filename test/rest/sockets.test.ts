import { until } from '../kit/until';
import { connect } from './kit/event-client';
import { restWorld, tokenOf, type RestWorld } from './kit/world';

let w: RestWorld;
beforeAll(async () => {
  // No socket ends because a peer, or this process, stood still for the time between two pings.
  w = await restWorld({ streams: { pingMs: 600_000 } });
});
afterAll(() => w[Symbol.asyncDispose]());

interface Opening {
  readonly path?: string;
  readonly query?: string;
  readonly token?: string | null;
  readonly slim?: boolean;
}

const open = ({ path = '/ws/chat/sess-1', query = '', token = tokenOf(), slim = false }: Opening = {}) =>
  connect(`${w.url}${path}${query}`, { headers: token === null ? {} : { authorization: `Bearer ${token}` }, slim });

const newest = async (tenantId = 'acme') => (await w.log.retained({ tenantId, name: 'chat:sess-1' })).newest;

describe('a typed-event socket', () => {
  it('says what it can do, then streams the answer to a message as gapless events', async () => {
    using client = open();
    const { data } = await client.ready();
    expect(data).toEqual({ session_id: 'sess-1', capabilities: ['message', 'refine', 'cancel', 'resume', 'ping'] });
    client.say({ type: 'message', data: { content: 'hello' } });
    const end = await client.frame('stream_end');
    expect((await client.frame('text')).data).toEqual({ content: 'You said hello.', is_final: true });
    const sequences = client.sequences();
    expect(sequences).toEqual([sequences[0], sequences[0]! + 1, sequences[0]! + 2]);
    expect(end.metadata).toEqual({
      event_id: expect.any(String), sequence: sequences[2], timestamp: expect.any(String), session_id: 'sess-1', run_id: 'run-1', message_id: null, request_id: null,
    }); // prettier-ignore
  });

  it('takes flat frames as older clients send them, and refinements', async () => {
    using client = open();
    await client.ready();
    client.say({ type: 'message', content: 'flat' });
    client.say({ type: 'refine', refinement: 'only Europe' });
    await until(() => w.said.includes('flat') && w.said.includes('only Europe'));
  });

  it('starts now, unless it is told where to go on', async () => {
    for (let index = 0; index < 3; index += 1) await w.tell('text', { content: 'before' });
    const last = await newest();
    using fresh = open();
    await fresh.ready();
    using back = open({ query: `?after_sequence=${last - 2}` });
    await until(() => back.sequences().length === 2);
    expect(back.sequences()).toEqual([last - 1, last]);
    expect(fresh.sequences()).toEqual([]);
    await w.tell('text', { content: 'after' });
    await until(() => fresh.sequences().length === 1 && back.sequences().length === 3);
    expect([fresh.sequences(), back.sequences().at(-1)]).toEqual([[last + 1], last + 1]);
  });

  it('sends exactly the missed events after any drop, with no gap and no duplicate', async () => {
    const seen: number[] = [];
    const before = await newest();
    let produced = 0;
    const producing = (async () => {
      for (; produced < 200; produced += 1) {
        await w.tell('text', { content: String(produced) });
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    let last = before;
    while (seen.length < 200) {
      using client = open({ query: `?after_sequence=${last}` });
      const wanted = 1 + Math.floor(Math.random() * 20);
      await until(() => client.sequences().length >= Math.min(wanted, 200 - seen.length));
      seen.push(...client.sequences().slice(0, 200 - seen.length));
      last = seen.at(-1)!;
    }
    await producing;
    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => before + 1 + index));
  });

  it('resumes on an open socket', async () => {
    for (let index = 0; index < 3; index += 1) await w.tell('text', { content: 'before' });
    const last = await newest();
    using client = open();
    await client.ready();
    client.say({ type: 'resume', after_sequence: last - 3 });
    await until(() => client.sequences().length === 3);
    await w.tell('text', {});
    await until(() => client.sequences().length === 4);
    expect(client.sequences()).toEqual([last - 2, last - 1, last, last + 1]);
  });

  it('answers ping with pong', async () => {
    using client = open();
    await client.ready();
    client.say({ type: 'ping' });
    await client.frame('pong');
  });

  it('tells a failure as an event and stays open', async () => {
    using client = open();
    await client.ready();
    client.say({ type: 'message', content: 'busy' });
    expect((await client.frame('error')).data).toMatchObject({ code: 'CONFLICT', retryable: true });
    client.say({ type: 'mesage', content: 'x' });
    expect((await client.frame('error', 1)).data).toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringContaining('"message"') });
    client.say({ type: 'message' });
    expect((await client.frame('error', 2)).data).toMatchObject({ code: 'INVALID_REQUEST', field: 'data.content' });
    client.say({ type: 'resume', after_sequence: -1 });
    expect((await client.frame('error', 3)).data).toMatchObject({ field: 'data.after_sequence' });
    client.say({ type: 'ping' });
    await client.frame('pong');
  });

  it('counts what it is asked to do as requests of the tenant', async () => {
    const token = tokenOf({ tier: 'free', tenant_id: 'acme', user_id: 'x' });
    await using limited = await restWorld({
      tierRules: { free: { limit: 2, windowMs: 3_600_000 }, standard: { limit: 1, windowMs: 1 }, enterprise: { limit: 1, windowMs: 1 } },
    });
    using client = connect(`${limited.url}/ws/chat/sess-1`, { headers: { authorization: `Bearer ${token}` } });
    await client.ready();
    for (let index = 0; index < 3; index += 1) client.say({ type: 'cancel' });
    expect((await client.frame('error')).data).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect((await limited.send('/sql/suggestions', { token })).status).toBe(429);
  });

  it('goes on with what it was asked for when the socket drops', async () => {
    const client = open();
    await client.ready();
    const before = await newest();
    client.say({ type: 'message', content: 'held' });
    await until(() => w.said.includes('held'));
    client.socket.terminate();
    await until(async () => (await w.sockets.count('acme')) === 0);
    w.release();
    await until(async () => (await newest()) === before + 3);
    using back = open({ query: `?after_sequence=${before}` });
    expect((await back.frame('text')).data.content).toBe('You said held.');
  });
});

it('is closed with 4404 for a session that does not exist, and for another tenant’s', async () => {
  using nobodys = open({ path: '/ws/chat/sess-none' });
  using theirs = open({ token: tokenOf({ tenant_id: 'globex' }) });
  expect([(await nobodys.closed()).code, (await theirs.closed()).code]).toEqual([4404, 4404]);
  expect(theirs.frames).toEqual([]);
});

it('gives sixty readers every event beside one that does not read', async () => {
  const token = tokenOf({ tier: 'enterprise' });
  using stalled = open({ token });
  await stalled.ready();
  const readers = Array.from({ length: 60 }, () => open({ token, slim: true }));
  await Promise.all(readers.map((client) => client.ready()));
  const before = await newest();
  stalled.socket.pause();
  const content = 'x'.repeat(200_000);
  let told = 0;
  const tell = async () => {
    for (let index = 0; index < 5; index += 1) await w.tell('text', { content });
    told += 5;
    // In step with the slowest of the readers, who is not the stalled one.
    await until(() => readers.every((client) => client.sequences().length === told), { everyMs: 20 });
  };
  // Until the stream of the stalled one is let go: more than the buffers of the operating system and its bound hold. Then some more.
  // Its socket ends later, when nobody has answered the closing frame for half a minute.
  while (w.log.followerCount() > 60) {
    expect(told).toBeLessThan(1_000);
    await tell();
  }
  await tell();
  const all = Array.from({ length: told }, (_, index) => before + 1 + index);
  for (const client of readers) expect(client.sequences()).toEqual(all);
  expect(w.log.followerCount()).toBe(60);
  readers.forEach((client) => client.socket.terminate());
  stalled.socket.terminate();
  await until(async () => (await w.sockets.count('acme')) === 0);
});

describe('the upgrade', () => {
  it('is refused for a page of another origin, and for other addresses', async () => {
    using foreign = connect(`${w.url}/ws/chat/sess-1`, {
      origin: 'https://evil.example',
      headers: { authorization: `Bearer ${tokenOf()}` },
    });
    using nowhere = connect(`${w.url}/ws/other/x`);
    using odd = connect(`${w.url}//`);
    expect([await foreign.refused(), await nowhere.refused(), await odd.refused()]).toEqual([403, 404, 404]);
  });
});

describe('an agent’s socket', () => {
  it('runs it, cancels the run that spoke last, and decides approvals', async () => {
    using client = open({ path: '/ws/agent/agent-1' });
    expect((await client.ready()).data).toEqual({
      session_id: null,
      agent_id: 'agent-1',
      capabilities: ['message', 'cancel', 'approve', 'reject', 'resume', 'ping'],
    });
    client.say({ type: 'cancel' });
    expect((await client.frame('error')).data).toMatchObject({ code: 'INVALID_REQUEST', field: 'data.run_id' });
    client.say({ type: 'message', content: 'go' });
    expect((await client.frame('text')).data).toEqual({ content: 'go' });
    client.say({ type: 'cancel' });
    client.say({ type: 'approve', data: { approval_id: 'appr-1', notes: 'fine' } });
    client.say({ type: 'reject', approval_id: 'appr-2' });
    await until(() => w.decided.length === 3);
    expect([...w.decided].sort()).toEqual(['approve appr-1 fine', 'cancel run-7', 'reject appr-2']);
  });

  it('follows a session of the caller’s choice', async () => {
    using client = open({ path: '/ws/agent/agent-1', query: '?session_id=mine' });
    expect((await client.ready()).data.session_id).toBe('mine');
    client.say({ type: 'message', content: 'here' });
    expect((await client.frame('text')).data).toEqual({ content: 'here' });
  });

  it('is closed with 4404 where there is no such agent', async () => {
    using client = open({ path: '/ws/agent/agent-none' });
    expect((await client.closed()).code).toBe(4404);
  });
});

it('leaves nothing behind after many connects and disconnects', async () => {
  await until(() => w.log.followerCount() === 0);
  for (let round = 0; round < 10; round += 1) {
    const clients = Array.from({ length: 10 }, () => open());
    await Promise.all(clients.map((client) => client.ready()));
    clients.forEach((client, index) => (index % 2 ? client.socket.terminate() : client.socket.close()));
    await until(async () => (await w.sockets.count('acme')) === 0);
  }
  await until(() => w.log.followerCount() === 0);
});
