import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';

import { startServer, type Answer, type TestServer } from '../kit/server';
import { until } from '../kit/until';

let server: TestServer;
beforeAll(async () => {
  // Editors who contend, and waiting on a slow machine, ask more often than people may.
  server = await startServer({ environment: { DEMO_DATA: 'false', RATE_LIMIT_FREE: '1000000', RATE_LIMIT_STANDARD: '1000000' } });
});
afterAll(() => server?.[Symbol.asyncDispose]());

const boards = '/api/v1/bi/dashboards';

/** One person of a tenant, over HTTP and over a graphql-ws socket. */
const person = (tenantId: string, userId: string) => {
  const token = server.token(tenantId, { userId, roles: ['editor'] });
  const send = (method: string, route: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    server.request(method, route, { token, body, headers });
  const socket = (): Client =>
    createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
  return { send, socket };
};
type Person = ReturnType<typeof person>;

const made = async (who: Person): Promise<string> => (await who.send('POST', boards, { name: 'Sales', visibility: 'tenant' })).body.data.id;

/** Reads, changes what was read, writes it back with the version that was read; told that it is late, it reads again. */
async function edit(who: Person, id: string, change: (dashboard: any) => object): Promise<number> {
  for (let late = 0; ; late += 1) {
    const read = await who.send('GET', `${boards}/${id}`);
    const written = await who.send('PATCH', `${boards}/${id}`, change(read.body.data), { 'if-match': read.headers.get('etag')! });
    if (written.status === 200) return late;
    expect(written).toMatchObject({ status: 412, body: { success: false, errors: [{ code: 'PRECONDITION_FAILED' }] } });
  }
}

it('of two editors who read the same version, the later hears 412 with both versions, and can go on', async () => {
  const [ann, ben] = [person('late', 'ann'), person('late', 'ben')];
  const id = await made(ann);
  await ann.send('POST', `${boards}/${id}/share`, { shared_with: [{ user_id: 'ben', permission: 'edit' }] });
  const etags = await Promise.all([ann, ben].map(async (who) => (await who.send('GET', `${boards}/${id}`)).headers.get('etag')!));
  const first = await ann.send('PATCH', `${boards}/${id}`, { name: 'By Ann' }, { 'if-match': etags[0]! });
  const second = await ben.send('PATCH', `${boards}/${id}`, { name: 'By Ben' }, { 'if-match': etags[1]! });
  expect([first.status, second.status]).toEqual([200, 412]);
  const [refusal] = second.body.errors;
  expect(refusal.details).toEqual({ expected: first.body.data.version - 1, actual: first.body.data.version });
  expect(refusal.message).toContain(String(first.body.data.version));
  expect((await ben.send('GET', `${boards}/${id}`)).body.data.name).toBe('By Ann');
  await edit(ben, id, ({ name }) => ({ name: `${name} and Ben` }));
  expect((await ann.send('GET', `${boards}/${id}`)).body.data.name).toBe('By Ann and Ben');
});

it('two editors who write at once through If-Match lose nothing, and a socket is told each difference in order', async () => {
  const [ann, ben, reader] = [person('both', 'ann'), person('both', 'ben'), person('both', 'cid')];
  const id = await made(ann);
  await ann.send('POST', `${boards}/${id}/share`, { shared_with: [{ user_id: 'ben', permission: 'edit' }] });
  const { version } = (await ann.send('GET', `${boards}/${id}`)).body.data;

  const client = reader.socket();
  const told: any[] = [];
  const following = (async () => {
    const query = `subscription { dashboardChanged(id: "${id}", after: 0) {
      sequence version changedBy change differences { path before after } dashboard { id tags } } }`;
    for await (const { data, errors } of client.iterate({ query })) {
      if (errors) throw new Error(JSON.stringify(errors));
      told.push((data as any).dashboardChanged);
    }
  })();
  const tags = (name: string): string[] => Array.from({ length: 6 }, (_, n) => `${name}-${n}`);
  const writing = [ann, ben].map(async (who, place) => {
    let late = 0;
    for (const tag of tags(['ann', 'ben'][place]!)) late += await edit(who, id, (read) => ({ tags: [...read.tags, tag] }));
    return late;
  });
  await Promise.all(writing);

  const wanted = [...tags('ann'), ...tags('ben')];
  const now = (await reader.send('GET', `${boards}/${id}`)).body.data;
  expect([...now.tags].sort()).toEqual(wanted.sort());
  expect(now.version).toBe(version + 12);
  await until(() => told.at(-1)?.version === now.version, { withinMs: 60_000 });
  await client.dispose();
  await following.catch(() => undefined);
  expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, place) => place + 1));
  expect(told.map((event) => event.version)).toEqual(told.map((_, place) => place + 1));
  // Played over the first version, the differences give the last.
  const edits = told.filter((event) => event.version > version);
  expect(edits.map(({ differences }) => differences.map(({ path }: { path: string }) => path))).toEqual(edits.map(() => ['tags']));
  edits.forEach((event, place) => expect(event.differences[0].before).toEqual(place === 0 ? [] : edits[place - 1].differences[0].after));
  expect(edits.at(-1).differences[0].after).toEqual(now.tags);
  expect(new Set(edits.map(({ changedBy }) => changedBy))).toEqual(new Set(['ann', 'ben']));
  expect(told.at(-1).dashboard).toMatchObject({ id });
});

it('a socket of another tenant is told nothing but NOT_FOUND', async () => {
  const id = await made(person('mine', 'ann'));
  const client = person('theirs', 'eve').socket();
  const answers: any[] = [];
  try {
    for await (const answer of client.iterate({ query: `subscription { dashboardChanged(id: "${id}", after: 0) { change } }` }))
      answers.push(answer);
  } catch (error) {
    answers.push({ errors: error });
  }
  await client.dispose();
  expect(answers).toHaveLength(1);
  expect(answers[0].errors[0].extensions.code).toBe('NOT_FOUND');
});

describe('a document that is too much', () => {
  const count = async (who: Person): Promise<number> => (await who.send('GET', boards)).body.data.items.length;
  const widget = (n: number) => ({
    name: `w${n}`,
    widget_type: 'metric',
    position: { x: n % 12, y: Math.floor(n / 12), width: 1, height: 1 },
    data_source: { question: 'q' },
  });

  it('for 10,000 widgets is refused with the most that it may have, and nothing is made', async () => {
    const who = person('many', 'ann');
    const widgets = Array.from({ length: 10_000 }, (_, n) => widget(n));
    const refused = await who.send('POST', `${boards}/import`, { document: { name: 'x', widgets } });
    expect(refused).toMatchObject({
      status: 400,
      body: { errors: [{ code: 'INVALID_REQUEST', field: expect.stringContaining('widgets') }] },
    });
    expect(refused.body.errors[0].message).toContain('200');
    expect(await count(who)).toBe(0);
  });

  it('for its five megabytes is 413, and the server goes on', async () => {
    const who = person('large', 'ann');
    const refused = await who.send('POST', `${boards}/import`, {
      document: { name: 'x', description: 'a'.repeat(5_000_001), widgets: [] },
    });
    expect(refused).toMatchObject({ status: 413, body: { errors: [{ code: 'PAYLOAD_TOO_LARGE' }] } });
    expect(await count(who)).toBe(0);
    expect((await who.send('POST', `${boards}/import`, { document: { name: 'x', widgets: [widget(0)] } })).status).toBe(201);
  });
});

it('a layout that names a widget of another dashboard or tenant is NOT_FOUND, and nothing moves', async () => {
  const [ann, eve] = [person('layout', 'ann'), person('elsewhere', 'eve')];
  const added = async (who: Person, id: string): Promise<any> =>
    (await who.send('POST', `${boards}/${id}/widgets`, { name: 'W', widget_type: 'metric', data_source: { question: 'q' } })).body.data;
  const [mine, other, theirs] = [await made(ann), await made(ann), await made(eve)];
  const own = await added(ann, mine);
  const foreign = [await added(ann, other), await added(eve, theirs)];
  const position = { x: 3, y: 5, width: 2, height: 2 };
  for (const { id } of foreign) {
    const positions = [
      { widget_id: own.id, position },
      { widget_id: id, position: { ...position, y: 9 } },
    ];
    const refused = await ann.send('PUT', `${boards}/${mine}/layout`, { positions });
    expect(refused).toMatchObject({ status: 404, body: { errors: [{ code: 'NOT_FOUND' }] } });
  }
  expect((await ann.send('GET', `${boards}/${mine}/widgets`)).body.data[0].position).toEqual(own.position);
});

it('a share names people of its own tenant: one of the same id elsewhere sees nothing', async () => {
  const [ann, eve] = [person('shares', 'ann'), person('outside', 'eve')];
  const id = (await ann.send('POST', boards, { name: 'Private' })).body.data.id as string;
  expect((await ann.send('POST', `${boards}/${id}/share`, { shared_with: [{ user_id: 'eve', permission: 'edit' }] })).status).toBe(200);
  expect((await eve.send('GET', `${boards}/${id}`)).status).toBe(404);
  expect((await eve.send('PATCH', `${boards}/${id}`, { name: 'mine' })).status).toBe(404);
  expect((await person('shares', 'eve').send('GET', `${boards}/${id}`)).body.data.name).toBe('Private');
});
