import { startFakeModel, text, toolCall, type FakeModel, type Script } from '../kit/fake-model';
import { startServer, type TestServer } from '../kit/server';

const usage = { prompt: 30, completion: 4 };
const statement = text(
  JSON.stringify({ sql: 'SELECT COUNT(*) AS shipments FROM shipments', explanation: 'The number of shipments' }),
  usage,
);
const words = text('There are 3 shipments.', usage);
const isText = (request: { body: Record<string, unknown> }): boolean => JSON.stringify(request.body).includes('Facts:');

let model: FakeModel;
let server: TestServer;
let token: string;
let sourceId: string;

beforeAll(async () => {
  model = await startFakeModel();
  model.fallback = (request): Script => (isText(request) ? words : statement);
  server = await startServer({
    environment: { DEMO_DATA: 'false', OPENAI_COMPATIBLE_URL: model.url, OPENAI_COMPATIBLE_MODEL: 'fake', ALLOW_PRIVATE_HOSTS: 'true' },
  });
  token = server.token('acme');
  const form = new FormData();
  form.set('file', new Blob(['id,weight\n1,10\n2,20\n3,30\n']), 'shipments.csv');
  form.set('name', 'shipments');
  const uploaded = await fetch(new URL('/api/v1/sql/sources/upload', server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  sourceId = ((await uploaded.json()) as { data: { id: string } }).data.id;
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await model?.close();
});

const newSession = async (): Promise<string> =>
  (await server.request('POST', '/api/v1/bi/chat/sessions', { token, body: { source_id: sourceId } })).body.data.session_id as string;

const messagesOf = async (sessionId: string): Promise<{ role: string; usage: unknown; answer: { tokensUsed: number } | null }[]> => {
  const shown = await server.graphql(
    `{ chatSession(sessionId: "${sessionId}") { messages { role answer { tokensUsed } usage { id totalTokens requests } } } }`,
    { token },
  );
  expect(shown.errors).toBeUndefined();
  return shown.data.chatSession.messages;
};

it('counts every call of a model in a turn towards its message: the ones that wrote the statement and the one that told the answer', async () => {
  const sessionId = await newSession();
  const before = model.requests.length;
  const asked = await server.request('POST', `/api/v1/bi/chat/sessions/${sessionId}/messages`, {
    token,
    body: { message: 'grzbl the frobnitz' },
  });
  expect(asked.body.data).toMatchObject({ response: 'There are 3 shipments.' });
  const calls = model.requests.length - before;
  expect(calls).toBeGreaterThanOrEqual(2);
  const [question, answer] = await messagesOf(sessionId);
  expect(question!.usage).toBeNull();
  expect(answer).toMatchObject({ answer: { tokensUsed: 34 * calls }, usage: { totalTokens: 34 * calls, requests: calls } });
});

it('says null where no model was asked', async () => {
  const sessionId = await newSession();
  await server.request('POST', `/api/v1/bi/chat/sessions/${sessionId}/messages`, { token, body: { message: 'help' } });
  expect((await messagesOf(sessionId)).map((message) => message.usage)).toEqual([null, null]);
});

it('counts towards a run both its own calls and those of the questions that it asks of the data', async () => {
  const sessionId = await newSession();
  const before = model.requests.length;
  model.script(toolCall('ask_data', { question: 'blorp the wibbles', source_id: sourceId }), statement, text('It is 3.', usage));
  const run = await server.request('POST', '/api/v1/agents/process', { token, body: { session_id: sessionId, message: 'What is it?' } });
  const shown = await server.graphql(`{ agentRun(runId: "${run.body.data.run_id}") { status content usage { totalTokens requests } } }`, {
    token,
  });
  expect(model.requests.length - before).toBe(3);
  expect(shown.data.agentRun).toMatchObject({
    status: 'COMPLETED',
    content: 'It is 3.',
    usage: { requests: 3 },
  });
  expect(shown.data.agentRun.usage.totalTokens).toBeGreaterThanOrEqual(68 + 1);
});
