import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

import { createMemoryEventLog, isReplayed, type EventLog } from '#platform/events';
import type { RequestContext } from '#platform/graphql';

import { localEngine, type SubgraphFixture } from '../../test/gateway/kit/compose';
import { serveAllRemotely } from '../../test/gateway/kit/remote';
import { serveGraph } from '../../test/gateway/kit/serve';
import { socketTo } from '../../test/gateway/kit/socket';
import { until } from '../../test/kit/until';

const topic = { tenantId: 'tenant-a', name: 'told' };
const length = 1_000;
const good = { authorization: 'Bearer good' };
// Far less than the log, and than what the sockets of the system hold.
const streamBounds = { maxQueued: 20, maxQueuedBytes: 200_000 };
const all = Array.from({ length }, (_, index) => index + 1);
const query = 'subscription ($after: Int) { told(after: $after) { sequence text } }';

/** A log of 20 MB behind a subscription, and how many of its events each reader has taken. */
function told(): { readonly fixture: SubgraphFixture; readonly log: EventLog; readonly taken: number[] } {
  const log = createMemoryEventLog();
  const taken: number[] = [];
  const follow = (_: unknown, { after }: { after?: number }, { signal }: RequestContext): AsyncIterableIterator<unknown> => {
    const events = log.follow(topic, after ?? 0, { signal });
    const reader = taken.push(0) - 1;
    return {
      async next() {
        const step = await events.next();
        if (!step.done) taken[reader]! += 1;
        return step;
      },
      return: () => events.return!(),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
  const fixture: SubgraphFixture = {
    name: 'teller',
    typeDefs: 'type Query { ready: Boolean } type Subscription { told(after: Int): Told! } type Told { sequence: Int! text: String! }',
    resolvers: { Subscription: { told: { subscribe: follow, resolve: (event: any) => ({ ...event, text: event.data.text }) } } },
  };
  return { fixture, log, taken };
}

async function world(where: 'local' | 'remote') {
  const made = told();
  const tell = (text: string) => made.log.append(topic, [{ type: 'text', data: { text } }]);
  for (let index = 0; index < length; index += 1) await tell('x'.repeat(20_000));
  const remote = where === 'remote' ? await serveAllRemotely([made.fixture]) : undefined;
  const engine = localEngine([made.fixture], remote ? { subgraphs: remote.subgraphs } : {});
  const served = await serveGraph(engine, { http: { streamBounds }, ws: { streamBounds, pingMs: 60_000 } });
  return {
    ...made,
    tell,
    served,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await remote?.[Symbol.asyncDispose]();
      await made.log.close();
    },
  };
}

const subscribe = (after: number) => ({ id: '1', type: 'subscribe', payload: { query, variables: { after } } });
const sequencesOf = (messages: readonly any[]): number[] =>
  messages.flatMap(({ type, payload }) => (type === 'next' ? payload.data.told.sequence : []));

/** Asks for the whole log over HTTP and reads nothing of it. */
async function unread(url: string, accept: string): Promise<IncomingMessage> {
  const outgoing = httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/json', accept } });
  outgoing.on('error', () => undefined);
  outgoing.end(JSON.stringify({ query, variables: { after: 0 } }));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response.on('error', () => undefined).pause();
}

describe.each(['local', 'remote'] as const)('a long past of a %s subgraph', (where) => {
  it('is given in full over graphql-ws to a reader who stops in between, and then what is new', async () => {
    await using w = await world(where);
    const slow = await socketTo(w.served.wsUrl, { init: good });
    slow.pause();
    slow.send(subscribe(0));
    const other = await socketTo(w.served.wsUrl, { init: good });
    await until(() => w.taken.length === 1);
    other.send(subscribe(0));
    await until(() => sequencesOf(other.messages).length === length, { withinMs: 60_000 });
    // In this process nothing is taken from the log that the reader's socket has no place for.
    if (where === 'local') expect(w.taken[0]).toBeLessThan(length);
    slow.resume();
    await until(() => sequencesOf(slow.messages).length === length || slow.socket.readyState === slow.socket.CLOSED, { withinMs: 60_000 });
    await w.tell('new');
    await until(() => sequencesOf(slow.messages).length === length + 1);
    expect(sequencesOf(slow.messages)).toEqual([...all, length + 1]);
    slow.socket.close();
    other.socket.close();
    await until(() => w.log.followerCount() === 0);
  });

  it.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])('is given in full as %s to a reader who stops', async (accept) => {
    await using w = await world(where);
    const response = await unread(w.served.url, accept);
    const other = await socketTo(w.served.wsUrl, { init: good });
    await until(() => w.taken.length === 1);
    other.send(subscribe(0));
    await until(() => sequencesOf(other.messages).length === length, { withinMs: 60_000 });
    if (where === 'local') expect(w.taken[0]).toBeLessThan(length);
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.resume();
    const sequences = (): number[] => [...text.matchAll(/"sequence":(\d+)/g)].map(([, sequence]) => Number(sequence));
    await until(() => text.length > length * 20_000 && sequences().length === length, { withinMs: 60_000, everyMs: 50 });
    expect(sequences()).toEqual(all);
    response.destroy();
    other.socket.close();
    await until(() => w.log.followerCount() === 0);
  });

  it('does not excuse a reader from what happens meanwhile: past the bound it is closed with 1013', async () => {
    await using w = await world(where);
    const slow = await socketTo(w.served.wsUrl, { init: good });
    slow.send(subscribe(length));
    await until(() => w.taken.length === 1 && w.log.followerCount() === 1);
    slow.pause();
    await until(
      async () => {
        await w.tell('y'.repeat(20_000));
        return w.log.followerCount() === 0;
      },
      { withinMs: 60_000, everyMs: 1 },
    );
    slow.resume();
    expect([1013, 1006]).toContain(await slow.closed);
  });
});

it('is what was stored before the reader came, and nothing after', async () => {
  const log = createMemoryEventLog();
  await log.append(topic, [{ type: 'old', data: {} }]);
  const events = log.follow(topic, 0);
  await log.append(topic, [{ type: 'new', data: {} }]);
  const [old, fresh] = [(await events.next()).value, (await events.next()).value];
  expect([isReplayed(old!), isReplayed(fresh!)]).toEqual([true, false]);
  // To a reader who comes now both are of the past.
  const later = log.follow(topic, 1);
  expect(isReplayed((await later.next()).value!)).toBe(true);
  expect(isReplayed(fresh!)).toBe(false);
  await log.close();
});
