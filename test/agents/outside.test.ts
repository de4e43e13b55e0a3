import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { z } from 'zod';

import { caller } from '../kit/caller';
import { startFakeModel, text, toolCall } from '../kit/fake-model';

import { agentsWorld } from './world';

const never = new AbortController().signal;

async function listen(handler: RequestListener): Promise<{ url: string; server: Server } & AsyncDisposable> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close };
}

it('calls another service only after approval, once, with a key of its own', async () => {
  const calls: { method: string | undefined; key: unknown; cookie: unknown }[] = [];
  await using target = await listen((request, response) => {
    calls.push({ method: request.method, key: request.headers['idempotency-key'], cookie: request.headers.cookie });
    response.end('hello');
  });
  await using world = await agentsWorld();
  const me = caller();
  const { runs, approvals } = world.agents.services;
  const waiting = await runs.process(me, { sessionId: 's', message: `post to ${target.url}/hook` }, never);
  expect(waiting).toMatchObject({ status: 'waiting_approval' });
  expect(calls).toEqual([]);
  await approvals.approve(me, { approvalId: waiting.approvalId! });
  const done = await runs.settle(me, waiting.id, never);
  expect(done).toMatchObject({ status: 'completed', toolResults: [{ output: { output: { status: 200, body: 'hello' } } }] });
  expect(calls).toEqual([{ method: 'POST', key: expect.stringContaining(waiting.id) as string, cookie: undefined }]);
});

it('never calls a private address, however it is written', async () => {
  await using world = await agentsWorld({ allowPrivateHosts: false });
  const me = caller();
  const { runs, approvals } = world.agents.services;
  for (const url of [
    'http://127.0.0.1:1/',
    'http://localhost:1/',
    'http://[::1]:1/',
    'http://169.254.169.254/latest/',
    'http://10.0.0.1/',
    'http://0x7f000001/',
    'http://[::ffff:127.0.0.1]/',
  ]) {
    const waiting = await runs.process(me, { sessionId: 's', message: `get ${url}` }, never);
    await approvals.approve(me, { approvalId: waiting.approvalId! });
    const done = await runs.settle(me, waiting.id, never);
    expect([url, done.toolResults[0]]).toMatchObject([
      url,
      { status: 'failed', output: { summary: expect.stringContaining('only public addresses') as string } },
    ]);
  }
});

it('never reaches an MCP server at a private address, and says that it is missing', async () => {
  let asked = 0;
  await using target = await listen((_, response) => {
    asked += 1;
    response.end();
  });
  await using world = await agentsWorld({ allowPrivateHosts: false });
  const me = caller();
  const { agents, runs } = world.agents.services;
  for (const url of [target.url, target.url.replace('127.0.0.1', 'localhost')]) {
    const { id } = await agents.create(me, { name: 'inside', config: { mcpServers: [{ name: 'inside', url }] } });
    const run = await runs.process(me, { sessionId: 's', message: 'revenue by region', agentId: id }, never);
    expect(run.status).toBe('completed');
    expect(await world.told(me, run.id, 'stream_end')).toContainEqual(
      expect.objectContaining({ type: 'warning', data: { reason: 'mcp_unreachable', servers: ['inside'] } }),
    );
  }
  expect(asked).toBe(0);
});

it('uses a tool of an MCP server by its name where there is no model', async () => {
  const noted: string[] = [];
  await using target = await listen((request, response) => {
    const server = new McpServer({ name: 'notes', version: '1' });
    server.registerTool('add_note', { description: 'Adds a note', inputSchema: { text: z.string().min(3) } }, async ({ text: note }) => {
      noted.push(note);
      return { content: [{ type: 'text', text: `noted ${note}` }] };
    });
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    void server.connect(transport).then(() => transport.handleRequest(request, response));
  });
  await using world = await agentsWorld();
  const me = caller();
  const { agents, runs } = world.agents.services;
  const { id } = await agents.create(me, { name: 'free', config: { mcpServers: [{ name: 'notes', url: target.url, approval: 'never' }] } });
  const use = (input: object) =>
    runs.process(me, { sessionId: 's', message: `use mcp_notes_add_note ${JSON.stringify(input)}`, agentId: id }, never);
  expect((await use({ text: 'milk' })).content).toBe('noted milk');
  expect((await use({ text: 'x' })).toolResults).toMatchObject([{ status: 'failed' }]);
  expect(noted).toEqual(['milk']);
});

it('uses the tools of an MCP server, checks their arguments by its schema, and asks where it must', async () => {
  const noted: string[] = [];
  await using target = await listen((request, response) => {
    // Stateless: one server and transport a request, as the SDK advises.
    const server = new McpServer({ name: 'notes', version: '1' });
    server.registerTool('add_note', { description: 'Adds a note', inputSchema: { text: z.string().min(3) } }, async ({ text: note }) => {
      noted.push(note);
      return { content: [{ type: 'text', text: `noted ${note}` }] };
    });
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    void server.connect(transport).then(() => transport.handleRequest(request, response));
  });
  await using model = await startFakeModel();
  await using world = await agentsWorld({ models: () => createOpenAICompatible({ name: 'fake', baseURL: model.url })('fake') });
  const me = caller();
  const { agents, runs, approvals } = world.agents.services;
  const make = (approval: 'always' | 'never') =>
    agents.create(me, { name: approval, config: { mcpServers: [{ name: 'notes', url: target.url, approval }] } });
  const [free, careful] = [await make('never'), await make('always')];

  model.script(toolCall('mcp_notes_add_note', { text: 'x' }), toolCall('mcp_notes_add_note', { text: 'milk' }), text('Done.'));
  const done = await runs.process(me, { sessionId: 's', message: 'note milk', agentId: free.id }, never);
  expect(done.toolResults.map(({ status }) => status)).toEqual(['failed', 'completed']);
  expect(noted).toEqual(['milk']);

  model.script(toolCall('mcp_notes_add_note', { text: 'bread' }), text('Done.'));
  const waiting = await runs.process(me, { sessionId: 's', message: 'note bread', agentId: careful.id }, never);
  expect(waiting.status).toBe('waiting_approval');
  expect(noted).toEqual(['milk']);
  await approvals.approve(me, { approvalId: waiting.approvalId! });
  expect((await runs.settle(me, waiting.id, never)).status).toBe('completed');
  expect(noted).toEqual(['milk', 'bread']);

  const gone = await agents.create(me, { name: 'gone', config: { mcpServers: [{ name: 'gone', url: 'http://127.0.0.1:1/' }] } });
  model.script(text('I have no notes.'));
  expect((await runs.process(me, { sessionId: 's', message: 'note', agentId: gone.id }, never)).status).toBe('completed');
});
