import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

import { askControl } from '../../gateway/commands/control';
import { startServer, type TestServer } from '../kit/server';
import { until } from '../kit/until';

let server: TestServer;
beforeAll(async () => void (server = await startServer({ environment: { DEMO_DATA: 'false' } })));
afterAll(async () => server[Symbol.asyncDispose]());

const socketOf = async (tenant: string) => {
  const token = server.token(tenant);
  const answer = await server.request('POST', '/api/v1/bi/chat/sessions', { token, body: {} });
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/chat/${answer.body.data.session_id}?access_token=${token}`);
  const seen = { ready: false, code: null as number | null };
  socket.on('message', () => (seen.ready = true));
  socket.on('close', (code) => (seen.code = code));
  await until(() => seen.ready);
  return { seen, socket };
};

/** A GraphQL subscription over HTTP of the tenant acme, and all that it is told until it ends. */
const graphqlStreamOf = async (accept: string): Promise<{ readonly told: Promise<string> }> => {
  const token = server.token('acme');
  const { body } = await server.request('POST', '/api/v1/bi/chat/sessions', { token, body: {} });
  const query = `subscription { chatEvents(sessionId: "${body.data.session_id}") { type } }`;
  const headers = { authorization: `Bearer ${token}`, accept, 'content-type': 'application/json' };
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return { told: response.text() };
};

it('closes every open socket of a suspended tenant with 4403, ends its streams, refuses new ones, and leaves other tenants alone', async () => {
  const [theirs, other] = [await socketOf('acme'), await socketOf('globex')];
  let graphqlCode: unknown = null;
  let connected = false;
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${server.token('acme')}` },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
    on: { connected: () => (connected = true), closed: (event) => (graphqlCode = (event as { code: number }).code) },
  });
  await until(() => connected);
  const streams = await Promise.all(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'].map(graphqlStreamOf));

  await askControl(server.dataDirectory, { tenant: 'acme', status: 'suspended' });
  await until(() => theirs.seen.code !== null && graphqlCode !== null);
  expect([theirs.seen.code, graphqlCode]).toEqual([4403, 4403]);
  expect(other.seen.code).toBeNull();
  for (const { told } of streams) expect(await told).toContain('"FORBIDDEN"');
  expect((await server.request('GET', '/api/v1/bi/chat/sessions', { token: server.token('acme') })).status).toBe(403);

  await askControl(server.dataDirectory, { tenant: 'acme', status: 'active' });
  const back = await socketOf('acme');
  for (const { socket } of [back, other]) socket.close();
  await client.dispose();
});
