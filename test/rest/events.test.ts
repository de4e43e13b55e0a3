import { until } from '../kit/until';
import { restWorld, tokenOf, type RestWorld } from './kit/world';

let w: RestWorld;
beforeAll(async () => {
  w = await restWorld();
});
afterAll(() => w[Symbol.asyncDispose]());

/** Reads a stream of server-sent events until told to stop. */
async function listen(headers: Record<string, string> = {}, path = '/api/v1/bi/chat/sessions/sess-1/events') {
  const stop = new AbortController();
  const response = await fetch(w.url + path, { headers: { authorization: `Bearer ${tokenOf()}`, ...headers }, signal: stop.signal });
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) text += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  const events = () =>
    text.split('\n\n').flatMap((block) => {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
      );
      return fields.event ? [{ event: fields.event, id: Number(fields.id), data: JSON.parse(fields.data!) }] : [];
    });
  return { response, events, ended: reading, leave: async () => (stop.abort(), await reading) };
}

it('an event has its type, its sequence as id, and its data both flat and nested', async () => {
  const { response, events, leave } = await listen();
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('x-ratelimit-limit')).toBe('1000');
  await w.tell('text', { content: 'hello', is_final: true });
  await until(() => events().length === 1);
  const [event] = events();
  expect(event).toMatchObject({
    event: 'text',
    id: 1,
    data: { type: 'text', content: 'hello', is_final: true, data: { content: 'hello' }, metadata: { sequence: 1, session_id: 'sess-1' } },
  });
  await leave();
});

it('Last-Event-ID resumes without a gap', async () => {
  for (let index = 0; index < 5; index += 1) await w.tell('text', { content: String(index) });
  const { newest } = await w.log.retained({ tenantId: 'acme', name: 'chat:sess-1' });
  const { events, leave } = await listen({ 'last-event-id': String(newest - 3) });
  await until(() => events().length === 3);
  await w.tell('text', {});
  await until(() => events().length === 4);
  expect(events().map(({ id }) => id)).toEqual([newest - 2, newest - 1, newest, newest + 1]);
  await leave();
});

it('ends the stream of a caller that has lost a right, with no event after it, and leaves the others', async () => {
  const suspended = await listen({ authorization: `Bearer ${tokenOf({ user_id: 'suspended' })}` });
  const other = await listen();
  await until(() => w.log.followerCount() === 2);
  w.facade.closeWhere(({ userId }) => userId === 'suspended');
  await suspended.ended;
  await w.tell('text', {});
  await until(() => other.events().length === 1);
  expect(suspended.events()).toEqual([]);
  await other.leave();
  await until(() => w.log.followerCount() === 0);
});

it('a reader that leaves leaves nothing behind', async () => {
  const listeners = await Promise.all(Array.from({ length: 5 }, () => listen()));
  await until(() => w.log.followerCount() >= 5);
  await Promise.all(listeners.map(({ leave }) => leave()));
  await until(() => w.log.followerCount() === 0);
});

it('a stream ends with its token', async () => {
  // Where it has ended before the stream begins: within the allowed difference of clocks it is still taken, and ends at once.
  const { events, response, ended } = await listen({ authorization: `Bearer ${tokenOf({ exp: Math.floor(Date.now() / 1000) + 2 })}` });
  expect(response.status).toBe(200);
  await ended;
  await until(() => w.log.followerCount() === 0);
  expect(events()).toEqual([]);
});

it.each([
  ['/bi/chat/sessions/sess-none/events', {}, 404],
  ['/bi/chat/sessions/sess-1/events', { accept: 'application/json' }, 406],
  ['/bi/chat/sessions/sess-1/events', { 'last-event-id': 'x' }, 400],
  ['/bi/chat/sessions/sess-1/events?from=3', {}, 400],
])('%s with %j is %i in the envelope', async (path, headers, status) => {
  const answer = await w.send(path, { headers });
  expect([answer.status, answer.body.success]).toEqual([status, false]);
});

it('another tenant’s session is 404', async () => {
  expect((await w.send('/bi/chat/sessions/sess-1/events', { token: tokenOf({ tenant_id: 'globex' }) })).status).toBe(404);
});
