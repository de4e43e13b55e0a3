import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

import { attachGraphqlWs } from '../../gateway/subscriptions';
import { caller } from '../kit/caller';
import { keptLog } from '../gateway/kit/compose';
import { until } from '../kit/until';
import { connect } from './kit/event-client';
import { restWorld, tokenOf, type RestWorld } from './kit/world';

const cuts = 60;

interface Reader {
  readonly sequences: readonly number[];
  leave(): void;
}

/** One that may be cut off before it is open. */
class Socket extends WebSocket {
  constructor(...address: ConstructorParameters<typeof WebSocket>) {
    super(...address);
    this.on('error', () => undefined);
  }
}

let w: RestWorld;
let graphUrl: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  w = await restWorld({ streams: { pingMs: 600_000 } });
  const server = createServer();
  // Only the test cuts: no connection ends because this process stood still.
  const patient = { initTimeoutMs: 600_000, pingMs: 600_000 };
  const graph = attachGraphqlWs(server, { engine: w.engine, log: keptLog(), authenticate: () => caller({ tenantId: 'acme' }), ...patient });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  graphUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  closing.push(() => graph.close(), () => server.close(), () => w[Symbol.asyncDispose]()); // prettier-ignore
});
afterAll(async () => {
  for (const close of closing) await close();
});

const overSocket =
  (path: (id: string) => string) =>
  (id: string, after: number): Reader => {
    const url = new URL(path(id), w.url);
    url.searchParams.set('after_sequence', String(after));
    const client = connect(url.href, { headers: { authorization: `Bearer ${tokenOf()}` } });
    return {
      get sequences() {
        return client.sequences();
      },
      leave: () => client.socket.terminate(),
    };
  };

const overEvents =
  (path: (id: string) => string) =>
  (id: string, after: number): Reader => {
    const stop = new AbortController();
    const sequences: number[] = [];
    void (async () => {
      const headers = { authorization: `Bearer ${tokenOf()}`, 'last-event-id': String(after) };
      const { body } = await fetch(`${w.url}/api/v1${path(id)}`, { headers, signal: stop.signal });
      let rest = '';
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        const blocks = (rest + Buffer.from(chunk).toString()).split('\n\n');
        rest = blocks.pop()!;
        sequences.push(...blocks.flatMap((block) => /^id: (\d+)$/m.exec(block)?.[1] ?? []).map(Number));
      }
    })().catch(() => undefined);
    return { sequences, leave: () => stop.abort() };
  };

const overGraph =
  (field: string) =>
  (id: string, after: number): Reader => {
    const client = createClient({
      url: graphUrl,
      webSocketImpl: Socket,
      retryAttempts: 0,
      connectionParams: { authorization: 'Bearer x' },
    });
    const sequences: number[] = [];
    const query = `subscription ($id: ID!, $after: Int) { event: ${field}(sessionId: $id, after: $after) { sequence } }`;
    client.subscribe<{ event: { sequence: number } }>(
      { query, variables: { id, after } },
      { next: ({ data }) => void sequences.push(data!.event.sequence), error: () => undefined, complete: () => undefined },
    );
    return { sequences, leave: () => client.terminate() };
  };

describe.each([
  ['/ws/chat', 'chat', overSocket((id) => `/ws/chat/${id}`)],
  ['/ws/agent', 'agent', overSocket((id) => `/ws/agent/agent-1?session_id=${id}`)],
  ['server-sent events of a chat', 'chat', overEvents((id) => `/bi/chat/sessions/${id}/events`)],
  ['server-sent events of agents', 'agent', overEvents((id) => `/agents/stream/${id}`)],
  ['graphql-ws chatEvents(after:)', 'chat', overGraph('chatEvents')],
  ['graphql-ws agentEvents(after:)', 'agent', overGraph('agentEvents')],
] as const)('a reader over %s', (_, topic, openAt) => {
  it(`that is cut off ${cuts} times at random places has every event once and in order`, async () => {
    const id = topic === 'chat' ? 'sess-1' : randomUUID();
    const address = { tenantId: 'acme', name: `${topic}:${id}` };
    const { newest: before } = await w.log.retained(address);
    const seen: number[] = [];
    let told = 0;
    let isOver = false;
    // While the reader comes and goes, and never far ahead of it: some events are replayed to it and others are live.
    const telling = (async () => {
      while (!isOver) {
        await until(() => isOver || told - seen.length < 20, { everyMs: 1 });
        await w.log.append(address, [{ type: 'text', data: { content: told } }]);
        told += 1;
      }
    })();
    for (let cut = 0; cut < cuts; cut += 1) {
      const wanted = Math.floor(Math.random() * 10);
      const reader = openAt(id, seen.at(-1) ?? before);
      await until(() => reader.sequences.length >= wanted, { everyMs: 1 });
      reader.leave();
      seen.push(...reader.sequences);
    }
    isOver = true;
    await telling;
    const last = openAt(id, seen.at(-1) ?? before);
    await until(() => seen.length + last.sequences.length >= told);
    last.leave();
    seen.push(...last.sequences);
    expect(seen).toEqual(Array.from({ length: told }, (_unused, index) => before + 1 + index));
    await until(() => w.log.followerCount() === 0);
  });
});
