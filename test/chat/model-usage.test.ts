import { startFakeModel, text } from '../kit/fake-model';
import { startServer } from '../kit/server';

it('says what language models took for an answer and for a run, and null where none was asked', async () => {
  await using model = await startFakeModel();
  model.fallback = text('It is 42.', { prompt: 30, completion: 4 });
  await using server = await startServer({
    environment: { DEMO_DATA: 'false', OPENAI_COMPATIBLE_URL: model.url, OPENAI_COMPATIBLE_MODEL: 'fake', ALLOW_PRIVATE_HOSTS: 'true' },
  });
  const token = server.token('acme');
  const route = '/api/v1/bi/chat/sessions';
  const created = await server.request('POST', route, { token, body: {} });
  const sessionId = created.body.data.session_id as string;

  await server.request('POST', `${route}/${sessionId}/messages`, { token, body: { message: 'help' } });
  const run = await server.request('POST', '/api/v1/agents/process', { token, body: { session_id: sessionId, message: 'What is it?' } });
  const shown = await server.graphql(
    `{ chatSession(sessionId: "${sessionId}") { messages { role usage { id totalTokens requests } } }
       agentRun(runId: "${run.body.data.run_id}") { status content usage { id totalTokens requests } } }`,
    { token },
  );
  expect(shown.errors).toBeUndefined();
  expect(shown.data.chatSession.messages.map(({ usage }: { usage: unknown }) => usage)).toEqual([null, null]);
  expect(shown.data.agentRun).toMatchObject({
    status: 'COMPLETED',
    content: 'It is 42.',
    usage: { id: run.body.data.run_id as string, totalTokens: 34, requests: 1 },
  });
}, 120_000);
