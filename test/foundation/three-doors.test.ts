import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

import { startServer, type TestServer } from '../kit/server';
import { until } from '../kit/until';

const question = 'total revenue by region';

describe('one question at three doors', () => {
  let server: TestServer;
  let token: string;

  beforeAll(async () => {
    server = await startServer();
    token = server.token('acme');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const newSession = async (): Promise<string> =>
    (await server.request('POST', '/api/v1/bi/chat/sessions', { token, body: { title: 'doors' } })).body.data.session_id as string;

  it('has the same answer by REST, GraphQL and WebSocket, and a subscription replays the same events', async () => {
    const rest = await server.request('POST', '/api/v1/sql/ask', { token, body: { question, source_id: 'shop' } });
    expect(rest.status).toBe(200);
    const mutation = 'mutation ($input: AskQuestionInput!) { askQuestion(input: $input) { sql rows } }';
    const graph = await server.graphql(mutation, { token, variables: { input: { question, sourceId: 'shop' } } });
    expect(graph.data.askQuestion.sql).toBe(rest.body.data.sql);
    expect([...graph.data.askQuestion.rows].sort()).toEqual([...rest.body.data.rows].sort());

    const sessionId = await newSession();
    const frames: any[] = [];
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/chat/${sessionId}?access_token=${token}`);
    socket.on('message', (data) => frames.push(JSON.parse(String(data))));
    await until(() => frames.some(({ type }) => type === 'connection_ready'));
    socket.send(JSON.stringify({ type: 'message', content: question }));
    await until(() => frames.some(({ type }) => type === 'stream_end'), { withinMs: 60_000 });
    socket.close();
    const turn = frames.filter(({ metadata }) => typeof metadata?.sequence === 'number' && metadata.sequence > 0);
    expect(turn.map(({ metadata }) => metadata.sequence)).toEqual(turn.map((_, place) => place + 1));
    expect(turn.find(({ type }) => type === 'sql').data.sql).toBe(rest.body.data.sql);
    expect([...turn.find(({ type }) => type === 'data').data.rows].sort()).toEqual([...rest.body.data.rows].sort());

    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
    const events = client.iterate({
      query: `subscription { chatEvents(sessionId: "${sessionId}", after: 0) { type sequence session { id title } } }`,
    });
    const replayed: any[] = [];
    for await (const { data } of events) {
      replayed.push((data as any).chatEvents);
      if (replayed.length === turn.length) break;
    }
    await client.dispose();
    expect(replayed.map(({ type, sequence }) => [type, sequence])).toEqual(turn.map(({ type, metadata }) => [type, metadata.sequence]));
    expect(replayed[0].session).toEqual({ id: sessionId, title: 'doors' });
  });

  it('one GraphQL request spans domains: messages with their queries and sources', async () => {
    const sessionId = await newSession();
    await server.request('POST', `/api/v1/bi/chat/sessions/${sessionId}/messages`, { token, body: { message: question } });
    const result = await server.graphql(
      `{ chatSession(sessionId: "${sessionId}") { title messages { role query { sql source { id name } } } } }`,
      { token },
    );
    expect(result.errors).toBeUndefined();
    const answered = result.data.chatSession.messages.find(({ role }: any) => role === 'ASSISTANT');
    expect(answered.query.source.id).toBe('shop');
    expect(answered.query.sql).toMatch(/region/i);
  });
});

it('loses no acknowledged write when it is killed, and starts again; Apollo Server in front answers the same', async () => {
  const first = await startServer({ environment: { DEMO_DATA: 'false' } });
  const token = first.token('acme');
  const acknowledged: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    const { body } = await first.request('POST', '/api/v1/bi/dashboards', { token, body: { name: `Board ${round}` } });
    acknowledged.push(body.data.id);
  }
  await first.stop('SIGKILL');
  await using second = await startServer({
    dataDirectory: first.dataDirectory,
    environment: { DEMO_DATA: 'false', GATEWAY_FRONT: 'apollo' },
  });
  const { body } = await second.request('GET', '/api/v1/bi/dashboards?limit=100', { token });
  expect(body.data.items.map(({ id }: any) => id).sort()).toEqual([...acknowledged].sort());

  expect((await second.graphql('{ sources { nodes { id } } }', { token })).data).toEqual({ sources: { nodes: [] } });
  const refused = await second.request('POST', '/graphql', { body: { query: '{ sources { nodes { id } } }' } });
  expect(JSON.stringify(refused.body)).not.toMatch(/at .*\.js:\d+/);
  expect(refused.body.data?.sources ?? null).toBeNull();
});
