import { startServer, type TestServer } from '../kit/server';
import { until } from '../kit/until';

let server: TestServer;
let token: string;
let sourceId: string;
beforeAll(async () => {
  // Looking for what is made in the background uses up no quota, however often it takes.
  server = await startServer({ environment: { DEMO_DATA: 'false', RATE_LIMIT_FREE: '100000' } });
  token = server.token('acme');
  const form = new FormData();
  form.set('file', new Blob(['id,weight,port\n1,10,Kiel\n2,20,Rostock\n3,30,Kiel\n']), 'shipments.csv');
  form.set('name', 'shipments');
  const headers = { authorization: `Bearer ${token}` };
  const uploaded = await fetch(new URL('/api/v1/sql/sources/upload', server.url), { method: 'POST', headers, body: form });
  sourceId = ((await uploaded.json()) as { data: { id: string } }).data.id;
});
afterAll(async () => server?.[Symbol.asyncDispose]());

const candidates = async (count: number) =>
  until(async () => {
    const { items } = (await server.request('GET', '/api/v1/sql/verified-queries', { token })).body.data as {
      items: { id: string; question: string; status: string; sql: string }[];
    };
    return items.length >= count ? items : null;
  });

it('makes a correction a candidate that answers the question once somebody has approved it, and a write never', async () => {
  const opened = await server.request('POST', '/api/v1/bi/chat/sessions', { token, body: { source_id: sourceId } });
  const session = `/api/v1/bi/chat/sessions/${opened.body.data.session_id as string}`;
  const say = async (message: string) =>
    (await server.request('POST', `${session}/messages`, { token, body: { message } })).body.data as { message_id: string; sql: string };
  const correct = (id: string, sql: string) =>
    server.request('POST', `${session}/messages/${id}/feedback`, { token, body: { kind: 'correction', corrected_sql: sql } });
  const question = 'how many shipments per port';
  const right = 'SELECT port, COUNT(DISTINCT id) AS shipments FROM shipments GROUP BY port ORDER BY port';

  const first = await say(question);
  expect((await correct(first.message_id, right)).status).toBe(201);
  const [candidate] = await candidates(1);
  expect(candidate).toMatchObject({ question, status: 'candidate' });
  expect((await say(question)).sql).toBe(first.sql);
  const approved = await server.request('POST', `/api/v1/sql/verified-queries/${candidate!.id}/approve`, { token, body: {} });
  expect(approved.body.data).toMatchObject({ status: 'approved' });
  expect((await say(question)).sql).toContain('COUNT(DISTINCT id)');

  const last = await say(question);
  await correct(last.message_id, 'DROP TABLE shipments');
  const writing = (await candidates(2)).find(({ sql }) => sql.startsWith('DROP'));
  const refused = await server.request('POST', `/api/v1/sql/verified-queries/${writing!.id}/approve`, { token, body: {} });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ code: 'SQL_REJECTED' }] } });
  const foreign = await server.request('POST', `/api/v1/sql/verified-queries/${candidate!.id}/approve`, {
    token: server.token('globex'),
    body: {},
  });
  expect(foreign.status).toBe(404);
});
