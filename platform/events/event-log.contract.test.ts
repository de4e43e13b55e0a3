import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Redis } from 'ioredis';

import { describeWith } from '../../test/kit/external';
import { redisProgram, startRedis, type TestRedis } from '../../test/kit/redis';
import { until } from '../../test/kit/until';

import {
  createMemoryEventLog,
  createRedisEventLog,
  StreamOverflow,
  type EventLog,
  type EventLogOptions,
  type LogEvent,
  type Topic,
} from '#platform/events';

let topics = 0;
/** How long it waits for a command is tested by itself; elsewhere a machine that is busy may take its time. */
const patient = { commandTimeoutMs: 10_000 };
const newTopic = (tenantId = 'acme'): Topic => ({ tenantId, name: `run:${process.pid}-${(topics += 1)}` });
const numbered = (count: number, from = 1) => Array.from({ length: count }, (_, index) => ({ type: 'token', data: { n: from + index } }));
const sequences = (events: readonly LogEvent[]): number[] => events.map(({ sequence }) => sequence);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const take = async (reader: AsyncIterator<LogEvent>, count: number): Promise<LogEvent[]> => {
  const events: LogEvent[] = [];
  while (events.length < count) {
    const { done, value } = await reader.next();
    if (done) break;
    events.push(value);
  }
  return events;
};

function contract(open: (options?: EventLogOptions) => EventLog): void {
  let log: EventLog;
  beforeAll(() => {
    log = open();
  });
  afterAll(() => log.close());

  it('numbers the events of a topic 1, 2, 3 without a hole, whoever appends at the same time', async () => {
    const topic = newTopic();
    const appended = await Promise.all(Array.from({ length: 20 }, () => log.append(topic, numbered(5))));
    expect(appended.flatMap(sequences).sort((a, b) => a - b)).toEqual(range(1, 100));
    for (const batch of appended) expect(sequences(batch)).toEqual(range(batch[0]!.sequence, batch[0]!.sequence + 4));
    const stored = await log.read(topic, 0);
    expect(sequences(stored)).toEqual(range(1, 100));
    expect(new Set(stored.map(({ id }) => id)).size).toBe(100);
    expect(await log.retained(topic)).toEqual({ oldest: 1, newest: 100 });
  });

  it('keeps type and data as they were', async () => {
    const topic = newTopic();
    const data = { text: 'ünïcode “quotes”', nested: [1, null, { a: true }], empty: {}, at: new Date(0), absent: undefined };
    const [appended] = await log.append(topic, [{ type: 'message', data }]);
    data.text = 'changed afterwards';
    const [stored] = await log.read(topic, 0);
    expect(stored).toEqual(appended);
    expect(stored).toMatchObject({ type: 'message', sequence: 1 });
    expect(stored!.data).toStrictEqual({
      text: 'ünïcode “quotes”',
      nested: [1, null, { a: true }],
      empty: {},
      at: '1970-01-01T00:00:00.000Z',
    });
    expect(Date.parse(stored!.timestamp)).not.toBeNaN();
  });

  it('appends nothing of a batch that cannot be kept', async () => {
    const topic = newTopic();
    await expect(
      (async () =>
        log.append(topic, [
          { type: 'a', data: 1 },
          { type: 'b', data: 1n },
        ]))(),
    ).rejects.toThrow(TypeError);
    expect(await log.retained(topic)).toEqual({ oldest: 0, newest: 0 });
  });

  it('reads after a sequence, up to a limit, and nothing of a topic that is not there', async () => {
    const topic = newTopic();
    await log.append(topic, numbered(10));
    expect(sequences(await log.read(topic, 4, 3))).toEqual([5, 6, 7]);
    expect(await log.read(topic, 10)).toEqual([]);
    expect(await log.read(newTopic(), 0)).toEqual([]);
    expect(await log.retained(newTopic())).toEqual({ oldest: 0, newest: 0 });
  });

  it('keeps the same topic name of two tenants apart', async () => {
    const ours = newTopic('acme');
    const theirs = { ...ours, tenantId: 'globex' };
    await log.append(ours, numbered(1));
    expect(await log.read(theirs, 0)).toEqual([]);
    const odd = newTopic('a');
    await log.append({ tenantId: `a:${odd.name}`, name: 'x' }, numbered(1));
    expect(await log.read({ tenantId: 'a', name: `${odd.name}:x` }, 0)).toEqual([]);
  });

  it('replays, then follows live, without gap or duplicate at the seam', async () => {
    const topic = newTopic();
    await log.append(topic, numbered(300));
    const readers = [0, 150, 300].map((after) => ({ after, reader: log.follow(topic, after) }));
    const reading = Promise.all(readers.map(({ after, reader }) => take(reader, 600 - after)));
    for (let n = 301; n <= 600; n += 10) await log.append(topic, numbered(10, n));
    const seen = await reading;
    readers.forEach(({ after }, index) => expect(sequences(seen[index]!)).toEqual(range(after + 1, 600)));
    expect(seen[0]!.map(({ data }) => (data as { n: number }).n)).toEqual(range(1, 600));
    for (const { reader } of readers) await reader.return?.();
  });

  it('gives a reader that comes back exactly what it missed, wherever it left', async () => {
    const topic = newTopic();
    let seen = 0;
    let appended = 0;
    for (let round = 0; round < 40; round += 1) {
      const reader = log.follow(topic, seen);
      const burst = 1 + ((round * 7) % 13);
      const appending = log.append(topic, numbered(burst, appended + 1));
      appended += burst;
      const want = Math.min(appended - seen, 1 + ((round * 5) % 17));
      const events = await take(reader, want);
      expect(sequences(events)).toEqual(range(seen + 1, seen + want));
      seen += want;
      await reader.return?.();
      await appending;
    }
    expect(log.followerCount()).toBe(0);
  });

  it('follows only what comes when told to begin at infinity', async () => {
    const topic = newTopic();
    await log.append(topic, numbered(3));
    const reader = log.follow(topic, Infinity);
    await log.append(topic, numbered(2, 4));
    expect(sequences(await take(reader, 2))).toEqual([4, 5]);
    await reader.return?.();
  });

  it('says with stream_gap that older events are gone, then goes on with the oldest held', async () => {
    const small = open({ maxEvents: 10 });
    const topic = newTopic();
    await small.append(topic, numbered(25));
    expect(await small.retained(topic)).toEqual({ oldest: 16, newest: 25 });
    const [gap, ...rest] = await take(small.follow(topic, 3), 11);
    expect(gap).toMatchObject({ type: 'stream_gap', data: { oldest: 16 }, sequence: 15 });
    expect(sequences(rest)).toEqual(range(16, 25));
    expect(sequences(await take(small.follow(topic, 15), 2))).toEqual([16, 17]);
    await small.close();
  });

  it('says with stream_gap that a topic began anew', async () => {
    const topic = newTopic();
    await log.append(topic, numbered(2));
    const reader = log.follow(topic, 50);
    const [gap, first] = await take(reader, 2);
    expect(gap).toMatchObject({ type: 'stream_gap', data: { oldest: 1 } });
    expect(first!.sequence).toBe(1);
    await reader.return?.();
  });

  it('leaves out an event whose given id was appended lately', async () => {
    const topic = newTopic();
    await log.append(topic, [{ id: 'evt-1', type: 'a', data: 1 }]);
    const second = await log.append(topic, [
      { id: 'evt-1', type: 'a', data: 1 },
      { id: 'evt-2', type: 'b', data: 2 },
    ]);
    expect(second).toMatchObject([{ id: 'evt-2', sequence: 2 }]);
    expect((await log.read(topic, 0)).map(({ id }) => id)).toEqual(['evt-1', 'evt-2']);
  });

  it('ends a reader that stands still with StreamOverflow, by count and by bytes, and does not slow others', async () => {
    const topic = newTopic();
    const [slow, heavy, quick] = [
      log.follow(topic, 0, { maxQueued: 50 }),
      log.follow(topic, 0, { maxQueuedBytes: 2_000 }),
      log.follow(topic, 0),
    ];
    await log.append(topic, numbered(1));
    for (const reader of [slow, heavy]) expect(sequences(await take(reader, 1))).toEqual([1]);
    const quickly = take(quick, 102);
    await log.append(topic, numbered(51, 2));
    await log.append(
      topic,
      numbered(50, 53).map((event) => ({ ...event, data: 'x'.repeat(100) })),
    );
    expect(sequences(await quickly)).toEqual(range(1, 102));
    for (const reader of [slow, heavy]) {
      await expect(reader.next()).rejects.toThrow(StreamOverflow);
      expect(await reader.next()).toMatchObject({ done: true });
    }
    expect(sequences(await take(log.follow(topic, 1), 3))).toEqual([2, 3, 4]);
    await quick.return?.();
  });

  it('does not count a stored backlog against a reader that replays it slowly', async () => {
    const topic = newTopic();
    await log.append(topic, numbered(500));
    const reader = log.follow(topic, 0, { maxQueued: 10 });
    await take(reader, 1);
    await log.append(topic, numbered(5, 501));
    expect(sequences(await take(reader, 504))).toEqual(range(2, 505));
    await reader.return?.();
  });

  it('ends a waiting reader on abort, on return and on close, and forgets it', async () => {
    const other = open();
    const topic = newTopic();
    const abort = new AbortController();
    const [aborted, returned, closed] = [other.follow(topic, 0, { signal: abort.signal }), other.follow(topic, 0), other.follow(topic, 0)];
    const waiting = [aborted, returned, closed].map((reader) => reader.next());
    await until(() => other.followerCount() === 3);
    abort.abort();
    await returned.return?.();
    await until(() => other.followerCount() === 1);
    await other.close();
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 3 }, () => ({ done: true, value: undefined })));
    expect(other.followerCount()).toBe(0);
    expect(await other.follow(topic, 0, { signal: abort.signal }).next()).toMatchObject({ done: true });
  });

  it('is back at no followers after many came and went', async () => {
    const topic = newTopic();
    await log.append(topic, numbered(1));
    const before = log.followerCount();
    for (let round = 0; round < 500; round += 1) {
      const reader = log.follow(topic, 0);
      if (round % 2) await reader.next();
      await reader.return?.();
    }
    expect(log.followerCount()).toBe(before);
  });
}

describe('the event log in memory', () => {
  contract((options) => createMemoryEventLog(options));

  it('forgets a topic after its idle time', async () => {
    jest.useFakeTimers();
    let now = 0;
    const log = createMemoryEventLog({ maxIdleMs: 1_000, now: () => now });
    const topic = newTopic();
    await log.append(topic, numbered(3));
    now = 5_000;
    jest.advanceTimersByTime(120_000);
    expect(await log.retained(topic)).toEqual({ oldest: 0, newest: 0 });
    await log.close();
    jest.useRealTimers();
  });
});

describe('what the event log in memory holds', () => {
  const bytes = 10_000;
  /** As JSON, with its quotation marks. */
  const heavy = (count: number) => Array.from({ length: count }, () => ({ type: 'heavy', data: 'x'.repeat(bytes - 2) }));
  const held = async (log: EventLog, topic: Topic) => {
    const { oldest, newest } = await log.retained(topic);
    return newest - oldest + 1;
  };

  it('is bounded by bytes per topic, and what was dropped is no longer held', async () => {
    const log = createMemoryEventLog({ maxBytes: 20 * bytes });
    const topic = newTopic();
    const dropped: WeakRef<object>[] = [];
    for (let batch = 0; batch < 10; batch += 1)
      for (const event of await log.append(topic, heavy(10))) if (event.sequence <= 80) dropped.push(new WeakRef(event));
    expect(await log.retained(topic)).toEqual({ oldest: 81, newest: 100 });
    expect((await log.read(topic, 0)).map(({ sequence }) => sequence)).toEqual(range(81, 100));
    // Collected in a turn of its own: a WeakRef holds what it was made for until the turn ends.
    await new Promise(setImmediate);
    collectGarbage();
    expect(dropped.filter((ref) => ref.deref() !== undefined)).toHaveLength(0);
    await log.close();
  });

  it('is bounded over all topics: the one silent for longest loses its oldest first, and its readers are told', async () => {
    const log = createMemoryEventLog({ maxTotalBytes: 20 * bytes });
    const [silent, quiet, loud] = [newTopic(), newTopic(), newTopic()];
    for (const topic of [silent, quiet, loud]) await log.append(topic, heavy(6));
    expect(await Promise.all([silent, quiet, loud].map((topic) => held(log, topic)))).toEqual([6, 6, 6]);
    await log.append(loud, heavy(6));
    expect(await Promise.all([silent, quiet, loud].map((topic) => held(log, topic)))).toEqual([2, 6, 12]);
    await log.append(loud, heavy(6));
    expect(await Promise.all([silent, quiet, loud].map((topic) => held(log, topic)))).toEqual([1, 1, 18]);
    const [gap, newest] = await take(log.follow(silent, 2), 2);
    expect([gap, newest]).toMatchObject([{ type: 'stream_gap', data: { oldest: 6 } }, { sequence: 6 }]);
    await log.append(silent, heavy(1));
    expect(await Promise.all([silent, quiet, loud].map((topic) => held(log, topic)))).toEqual([2, 1, 17]);
    await log.close();
  });

  it('keeps the newest event of each topic, however large, and goes on counting', async () => {
    const log = createMemoryEventLog({ maxBytes: bytes / 2, maxTotalBytes: bytes / 2 });
    const topics = [newTopic(), newTopic()];
    for (const topic of [...topics, ...topics]) await log.append(topic, heavy(1));
    for (const topic of topics) expect(await log.retained(topic)).toEqual({ oldest: 2, newest: 2 });
    await log.close();
  });
});

describeWith(redisProgram(), 'the event log on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  describe('as the one in memory', () => {
    contract((options) => createRedisEventLog({ url: redis.url, ...patient, ...options }));
  });

  it('is one log for two processes', async () => {
    const [first, second] = [1, 2].map(() => createRedisEventLog({ url: redis.url, ...patient })) as [EventLog, EventLog];
    const topic = newTopic();
    const reader = second.follow(topic, 0);
    const reading = take(reader, 100);
    for (let n = 0; n < 50; n += 1) await Promise.all([first.append(topic, numbered(1)), second.append(topic, numbered(1))]);
    expect(sequences(await reading)).toEqual(range(1, 100));
    await Promise.all([first.close(), second.close()]);
  });

  it('answers SERVICE_UNAVAILABLE while Redis is away, keeps its followers, and goes on by itself', async () => {
    const server = await startRedis();
    const log = createRedisEventLog({ url: server.url, ...patient });
    try {
      const topic = newTopic();
      const reader = log.follow(topic, 0);
      await log.append(topic, numbered(3));
      expect(sequences(await take(reader, 3))).toEqual([1, 2, 3]);
      const next = reader.next();

      await server.kill();
      await expect(log.append(topic, numbered(1))).rejects.toHaveCode('SERVICE_UNAVAILABLE');
      const late = log.follow(newTopic(), 0);
      const lateEnd = late.next();
      expect(log.followerCount()).toBe(2);
      await late.return?.();
      expect(await lateEnd).toMatchObject({ done: true });

      await server.start();
      // It came back empty, which the reader is told.
      await until(() => log.append(topic, numbered(1)).catch(() => null));
      expect((await next).value).toMatchObject({ type: 'stream_gap' });
      expect((await reader.next()).value).toMatchObject({ sequence: 1, type: 'token' });
    } finally {
      await log.close();
      await server.stop();
    }
  });

  it('tells a reader of a topic that began anew, also where it has more events by now than the reader had read', async () => {
    const server = await startRedis();
    const log = createRedisEventLog({ url: server.url, ...patient });
    const raw = new Redis(server.url);
    try {
      const topic = newTopic();
      const reader = log.follow(topic, 0);
      await log.append(topic, numbered(3));
      expect(sequences(await take(reader, 3))).toEqual([1, 2, 3]);
      const next = reader.next();
      // The reading process stands still while its connections are cut, the topic is lost and five others are written.
      const [key] = await raw.keys('*events*[^s]');
      await raw
        .multi()
        .call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
        .del(key!, `${key!}:ids`)
        .eval(
          `for i = 1, 5 do redis.call('XADD', KEYS[1], i .. '-0', 'i', 'new-' .. i, 't', '0', 'b', '{"type":"token","data":null}') end`,
          1,
          key!,
        )
        .exec();
      expect((await next).value).toMatchObject({ type: 'stream_gap' });
      expect((await take(reader, 5)).map(({ id }) => id)).toEqual(['new-1', 'new-2', 'new-3', 'new-4', 'new-5']);
    } finally {
      raw.disconnect();
      await log.close();
      await server.stop();
    }
  });

  it('does not keep anyone waiting for a Redis that has stopped answering, and goes on when it answers', async () => {
    const server = await startRedis();
    const log = createRedisEventLog({ url: server.url });
    try {
      const topic = newTopic();
      const reader = log.follow(topic, 0);
      await until(() => log.append(topic, numbered(1)).catch(() => null));
      await take(reader, 1);
      server.signal('SIGSTOP');
      await expect(log.append(topic, numbered(1))).rejects.toHaveCode('SERVICE_UNAVAILABLE');
      server.signal('SIGCONT');
      await until(() => log.append(topic, [{ type: 'back', data: null }]).catch(() => null));
      let event = (await reader.next()).value as LogEvent;
      // An append that gave up may have arrived after all.
      while (event.type === 'token') event = (await reader.next()).value as LogEvent;
      expect(event.type).toBe('back');
    } finally {
      server.signal('SIGCONT');
      await log.close();
      await server.stop();
    }
  });
});
