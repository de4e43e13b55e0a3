import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

import { startServer, type TestServer } from '../kit/server';
import { until } from '../kit/until';

const policy = `# Returns

Goods come back to the warehouse.

## Deadlines

Money is refunded within fourteen days.
`;

describe('an answer from the documents', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startServer({ environment: { DEMO_DATA: 'false', RATE_LIMIT_FREE: '100000' } })));
  afterAll(() => server[Symbol.asyncDispose]());

  const first = async (token: string, query: string, variables: object): Promise<any> => {
    const { data, errors } = await server.graphql(query, { token, variables });
    expect(errors).toBeUndefined();
    return Object.values(data as object)[0];
  };
  const ask = async (token: string, message: string): Promise<{ sessionId: string; messageId: string; response: string }> => {
    const { id: sessionId } = await first(token, 'mutation { createSession(input: {}) { id } }', {});
    const sent = await first(token, 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { messageId response } }', {
      input: { sessionId, message },
    });
    return { sessionId, ...sent };
  };
  const stored = async (token: string, sessionId: string): Promise<any[]> => {
    const { messages } = await first(
      token,
      `query ($id: ID!) { chatSession(sessionId: $id) { messages { role answer { response
        citations { id documentId title section offset excerpt } } } } }`,
      { id: sessionId },
    );
    return messages.find(({ role }: { role: string }) => role === 'ASSISTANT').answer.citations;
  };
  /** The turn's events, told again from the log. */
  const events = async (token: string, sessionId: string): Promise<{ type: string; data: any }[]> => {
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
    const told: any[] = [];
    for await (const { data } of client.iterate({
      query: `subscription { chatEvents(sessionId: "${sessionId}", after: 0) { type data } }`,
    })) {
      told.push((data as any).chatEvents);
      if (told.at(-1).type === 'stream_end') break;
    }
    await client.dispose();
    return told;
  };

  it('cites document, section and offset, in the event and in the stored message', async () => {
    const token = server.token('acme');
    const { id: documentId } = await first(token, 'mutation ($input: AddDocumentInput!) { addKnowledge(input: $input) { id } }', {
      input: { title: 'Refund policy', content: policy },
    });
    await until(
      async () => (await first(token, 'query ($id: ID!) { knowledgeDocument(id: $id) { status } }', { id: documentId })).status === 'READY',
      { withinMs: 60_000, everyMs: 200 },
    );

    const { sessionId, response } = await ask(token, 'What does refund deadline mean?');
    const citations = await stored(token, sessionId);
    expect(citations[0]).toEqual({
      id: expect.any(String) as string,
      documentId,
      title: 'Refund policy',
      section: 'Returns › Deadlines',
      offset: policy.indexOf('Money is refunded'),
      excerpt: 'Money is refunded within fourteen days.',
    });
    for (const { offset, excerpt } of citations) expect(policy.slice(offset).startsWith(excerpt as string)).toBe(true);
    expect(response).toContain('Refund policy › Returns › Deadlines: Money is refunded within fourteen days.');
    const told = (await events(token, sessionId)).filter(({ type }) => type === 'citation').map(({ data }) => data);
    expect(told).toEqual(citations.map(({ documentId: document_id, ...citation }) => ({ ...citation, document_id })));
  });

  it('cites no document of another tenant', async () => {
    const { sessionId } = await ask(server.token('globex'), 'What does refund deadline mean?');
    expect(await stored(server.token('globex'), sessionId)).toEqual([]);
  });
});
