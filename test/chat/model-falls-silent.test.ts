import { cut, hang, stall, startFakeModel, text, type FakeModel, type Script } from '../kit/fake-model';
import { startServer, type TestServer } from '../kit/server';

let model: FakeModel;
let server: TestServer;
let tenants = 0;

beforeAll(async () => {
  model = await startFakeModel();
  server = await startServer({
    environment: { DEMO_DATA: 'false', OPENAI_COMPATIBLE_URL: model.url, OPENAI_COMPATIBLE_MODEL: 'fake', ALLOW_PRIVATE_HOSTS: 'true' },
  });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await model?.close();
});

/**
 * Each in a tenant of its own, whose router waits for a second at most. Once a model has failed often nobody asks it for a while, which
 * must look the same.
 */
async function ask(message: string) {
  const token = server.token(`tenant-${(tenants += 1)}`);
  const form = new FormData();
  form.set('file', new Blob(['id,weight,port\n1,10,Kiel\n2,20,Rostock\n3,30,Kiel\n']), 'shipments.csv');
  form.set('name', 'shipments');
  const headers = { authorization: `Bearer ${token}` };
  const uploaded = await fetch(new URL('/api/v1/sql/sources/upload', server.url), { method: 'POST', headers, body: form });
  const { data: source } = (await uploaded.json()) as { data: { id: string } };
  const configured = await server.request('PUT', '/api/v1/llm/config', { token, body: { timeouts: { total_ms: 1_000 } } });
  expect(configured.status).toBe(200);
  const opened = await server.request('POST', '/api/v1/bi/chat/sessions', { token, body: { source_id: source.id } });
  const session = opened.body.data.session_id as string;
  const answer = await server.request('POST', `/api/v1/bi/chat/sessions/${session}/messages`, { token, body: { message } });
  const after = await server.request('GET', `/api/v1/bi/chat/sessions/${session}`, { token });
  return { answer, isBusy: after.body.data.is_busy as boolean };
}

describe('a model that gives out while it writes the statement of a turn', () => {
  it.each<[string, Script]>([
    ['is silent from the start', hang()],
    ['falls silent', stall('{"sql"')],
    ['is cut off', cut('{"sql"')],
    ['returns broken JSON', text('{"sql": "SELECT')],
    ['returns what is no answer', { kind: 'raw', body: '{"choices":[' }],
    ['does not end', { kind: 'endless', token: 'and so on ' }],
  ])('costs its answer only: one that %s leaves the engine to ask back, and the session free', async (_, script) => {
    model.fallback = script;
    const { answer, isBusy } = await ask('grzbl the frobnitz');
    expect(answer).toMatchObject({ status: 200, body: { data: { sql: null, data: null } } });
    expect(answer.body.data.response).toContain('frobnitz');
    expect(answer.body.data.suggestions.length).toBeGreaterThan(0);
    expect(isBusy).toBe(false);
  });

  it('is told by the language that is understood where the question is in another', async () => {
    model.fallback = hang();
    const { answer } = await ask('Wie viele Lieferungen gibt es?');
    expect(answer.body.data).toMatchObject({ sql: null, response: expect.stringContaining('nur auf Englisch') as string });
  });

  it('takes no answer of the engine away', async () => {
    model.fallback = hang();
    const { answer } = await ask('how many shipments per port');
    expect(answer.body.data).toMatchObject({ data: { row_count: 2 }, sql: expect.stringContaining('COUNT') as string });
  });
});
