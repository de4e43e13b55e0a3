import { parse, subscribe, type ExecutionResult } from 'graphql';

import { createRequestContext } from '#platform/graphql';

import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { chatWorld, type ChatWorld } from './world';

let world: ChatWorld;
beforeAll(async () => void (world = await chatWorld()));
afterAll(async () => world[Symbol.asyncDispose]());

const document = parse(`subscription ($id: ID!, $after: Int) {
  chatEvents(sessionId: $id, after: $after) { eventId sequence type data runId session { title messageCount } }
}`);

interface Shown {
  eventId: string;
  sequence: number;
  type: string;
  data: Record<string, unknown>;
  session: { title: string };
}

/** Reads until `enough` says so, then leaves. */
async function read(
  me: ReturnType<typeof caller>,
  id: string,
  { after = 0, enough }: { after?: number; enough: (event: Shown) => boolean },
): Promise<Shown[]> {
  const controller = new AbortController();
  const events = (await subscribe({
    schema: world.chat.schema,
    document,
    variableValues: { id, after },
    contextValue: createRequestContext({ caller: me, requestId: 'req-1', signal: controller.signal }),
  })) as AsyncGenerator<ExecutionResult>;
  if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
  const seen: Shown[] = [];
  for await (const { data, errors } of events) {
    if (errors) throw errors[0]!;
    seen.push((data as { chatEvents: Shown }).chatEvents);
    if (enough(seen.at(-1)!)) break;
  }
  controller.abort();
  return seen;
}

const ended = ({ type }: Shown): boolean => type === 'stream_end';

it('streams a turn as typed events, with fields of the session, and tells the same text that is stored', async () => {
  const me = caller();
  const { sessions, turns, history } = world.chat.services;
  const { id } = await sessions.create(me, {});
  const started = await turns.start(me, { sessionId: id, request: { kind: 'message', text: 'revenue by region' }, requestId: 'req-7' });
  const events = await read(me, id, { after: started.afterSequence, enough: ended });
  expect(events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1])).toEqual([
    'stream_start',
    'step_start',
    'status',
    'step_complete',
    'step_start',
    'status',
    'sql',
    'data',
    'step_complete',
    'step_start',
    'insight',
    'visualization',
    'step_complete',
    'text',
    'suggestions',
    'stream_end',
  ]);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
  expect(events[0]!.session.title).toBe('revenue by region');
  expect(events.at(-1)!.data).toMatchObject({ status: 'completed', message_id: started.messageId });
  const text = events
    .filter(({ type }) => type === 'text')
    .map(({ data }) => data.content)
    .join('');
  const { items } = await history.list(me, { sessionId: id, role: 'assistant', page: { limit: 1, offset: 0, after: null } });
  expect(text).toBe(items[0]!.content);
});

it('gives exactly the missed events over 1,000 random disconnections, live and replayed', async () => {
  const me = caller();
  const { sessions, turns } = world.chat.services;
  const { id } = await sessions.create(me, {});
  const asked = world.analyst.asked;
  const turnsToRun = 30;
  const speaking = (async () => {
    for (let turn = 0; turn < turnsToRun; turn += 1)
      await turns.send(me, {
        sessionId: id,
        request: { kind: 'message', text: turn % 2 ? 'revenue by region' : 'orders by month' },
        requestId: null,
      });
  })();
  let seed = 42;
  const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
  const seen: Shown[] = [];
  let ends = 0;
  let rounds = 0;
  // A reader that reads one to three events and is cut off, again and again, while the turns go on.
  while (ends < turnsToRun) {
    let budget = 1 + random(3);
    const part = await read(me, id, {
      after: seen.at(-1)?.sequence ?? 0,
      enough: (event) => (ended(event) && (ends += 1) >= turnsToRun) || (budget -= 1) <= 0,
    });
    seen.push(...part);
    rounds += 1;
  }
  await speaking;
  // The rest of the rounds come back to random places of what is kept.
  for (; rounds < 1_000; rounds += 1) {
    const after = random(seen.length - 1);
    const count = 1 + random(5);
    let budget = Math.min(count, seen.length - after);
    const part = await read(me, id, { after, enough: () => (budget -= 1) <= 0 });
    expect(part.map(({ eventId }) => eventId)).toEqual(seen.slice(after, after + part.length).map(({ eventId }) => eventId));
  }
  expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, i) => i + 1));
  expect(new Set(seen.map(({ eventId }) => eventId)).size).toBe(seen.length);
  expect(world.analyst.asked - asked).toBe(turnsToRun);
  expect(world.log.followerCount()).toBe(0);
});

it('ends a stalled reader with a warning and a place to come back to, while others read on', async () => {
  const me = caller();
  const { sessions, streams } = world.chat.services;
  const { id } = await sessions.create(me, {});
  const follow = () => streams.follow(me, { sessionId: id, after: 0, signal: new AbortController().signal });
  const [stalled, ...readers] = [await follow(), ...(await Promise.all(Array.from({ length: 20 }, follow)))];
  const received = readers.map(() => 0);
  const reading = readers.map(async (reader, i) => {
    for await (const { sequence } of reader) {
      expect(sequence).toBe(received[i]! + 1);
      received[i] = sequence;
      if (sequence === 3_000) return;
    }
  });
  for (let batch = 0; batch < 300; batch += 1) {
    await world.log.append(
      { tenantId: me.tenantId, name: `chat:${id}` },
      Array.from({ length: 10 }, () => ({
        type: 'status',
        data: { runId: 'run-1', messageId: 'msg-1', requestId: null, data: { filler: 'x'.repeat(200) } },
      })),
    );
    // The readers' turn: a publisher that never yields would stall everyone.
    await new Promise(setImmediate);
  }
  await Promise.all(reading);
  const late: { sequence: number; type: string; data: unknown }[] = [];
  for await (const event of stalled!) late.push(event);
  expect(late.at(-1)).toMatchObject({ type: 'warning', data: { reason: 'stream_gap', slow_reader: true } });
  expect(late.length).toBeLessThan(3_000);
  const resumeAfter = (late.at(-1)!.data as { resume_after: number }).resume_after;
  const [next] = await read(me, id, { after: resumeAfter, enough: () => true });
  expect(next!.sequence).toBe(resumeAfter + 1);
});

it('reads none of the past for a reader that wants only what comes', async () => {
  const me = caller();
  const { sessions, streams } = world.chat.services;
  const { id } = await sessions.create(me, {});
  const topic = { tenantId: me.tenantId, name: `chat:${id}` };
  const event = { type: 'status', data: { runId: 'run-1', messageId: 'msg-1', requestId: null, data: {} } };
  await world.log.append(topic, [event, event, event]);
  const reading = read(me, id, { after: -1, enough: () => true });
  await until(() => world.log.followerCount() === 1);
  await world.log.append(topic, [event]);
  expect((await reading).map(({ sequence }) => sequence)).toEqual([4]);
  const signal = AbortSignal.abort();
  await expect(streams.follow(me, { sessionId: id, after: -2, signal })).rejects.toHaveCode('INVALID_REQUEST');
});

it('refuses a subscription to another tenant’s session before the first event', async () => {
  const me = caller();
  const { id } = await world.chat.services.sessions.create(me, {});
  const other = createRequestContext({ caller: caller(), requestId: 'req-2' });
  const result = (await subscribe({ schema: world.chat.schema, document, variableValues: { id }, contextValue: other })) as ExecutionResult;
  expect(result.errors?.[0]?.originalError).toHaveCode('NOT_FOUND');
});
