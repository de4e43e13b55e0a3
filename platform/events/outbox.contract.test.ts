import { sql } from 'kysely';

import { describeOnBothDatabases } from '../../test/kit/both-databases';
import { until } from '../../test/kit/until';

import type { Database } from '#platform/db';
import { appendToOutbox, createEventBus, createMemoryEventLog, startOutboxRelay, type DomainEvent, type EventLog } from '#platform/events';
import { createJobQueue } from '#platform/jobs';

let names = 0;
const newName = (prefix: string): string => `${prefix}-${(names += 1)}`;

describeOnBothDatabases('the outbox', (world) => {
  let db: Database & AsyncDisposable;
  const open: { stop(): Promise<void> }[] = [];
  beforeAll(async () => {
    db = await world.open();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((part) => part.stop()));
  });
  afterAll(() => db?.close());

  const relay = (log: EventLog, pollMs = 600_000): void => void open.push(startOutboxRelay({ db, log, pollMs }));
  const write = (tenantId: string, topic: string, data: unknown) =>
    db.inTenant(tenantId, (tx) => appendToOutbox(tx, { tenantId, topic, type: 'thing.changed', data }));
  const waiting = async (): Promise<number> =>
    Number((await db.asSystem((tx) => sql<{ n: string }>`select count(*) as n from outbox`.execute(tx))).rows[0]!.n);

  it('publishes at once after the commit, in order, under the id that the writer got', async () => {
    const log = createMemoryEventLog();
    relay(log);
    const topic = { tenantId: 'acme', name: newName('topic') };
    const ids: string[] = [];
    for (let n = 1; n <= 30; n += 1) ids.push(await write('acme', topic.name, { n }));
    const published = await until(async () => {
      const events = await log.read(topic, 0);
      return events.length === 30 ? events : null;
    });
    expect(published.map(({ id }) => id)).toEqual(ids);
    expect(published.map(({ data }) => (data as { n: number }).n)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    await until(async () => (await waiting()) === 0);
    await log.close();
  });

  it('never publishes an event of a transaction that rolled back', async () => {
    const log = createMemoryEventLog();
    relay(log);
    const topic = { tenantId: 'acme', name: newName('topic') };
    await db
      .inTenant('acme', async (tx) => {
        await appendToOutbox(tx, { tenantId: 'acme', topic: topic.name, type: 'ghost', data: null });
        throw new Error('no');
      })
      .catch(() => undefined);
    await write('acme', topic.name, 'real');
    await until(async () => (await log.retained(topic)).newest === 1);
    expect(await log.read(topic, 0)).toMatchObject([{ data: 'real' }]);
    await log.close();
  });

  it('publishes what a process committed before it died, and what could not be published before', async () => {
    const topic = { tenantId: 'acme', name: newName('topic') };
    await write('acme', topic.name, 1);
    const log = createMemoryEventLog();
    let isAway = true;
    relay({ ...log, append: (...given) => (isAway ? Promise.reject(new Error('away')) : log.append(...given)) }, 20);
    await write('acme', topic.name, 2);
    expect(await waiting()).toBe(2);
    isAway = false;
    await until(async () => (await log.retained(topic)).newest === 2);
    expect((await log.read(topic, 0)).map(({ data }) => data)).toEqual([1, 2]);
    await log.close();
  });

  it('publishes again after a crash between publishing and committing, under the same id, which the log leaves out', async () => {
    const topic = { tenantId: 'acme', name: newName('topic') };
    const log = createMemoryEventLog();
    let crashes = 1;
    const appends: string[] = [];
    relay(
      {
        ...log,
        append: async (address, events) => {
          appends.push(...events.map(({ id }) => id!));
          const appended = await log.append(address, events);
          if (crashes-- > 0) throw new Error('the process died here');
          return appended;
        },
      },
      20,
    );
    const id = await write('acme', topic.name, 'once');
    await until(async () => (await waiting()) === 0);
    expect(appends).toEqual([id, id]);
    expect((await log.read(topic, 0)).map((event) => event.id)).toEqual([id]);
    await log.close();
  });

  it('keeps the order of a topic with several relays and writers', async () => {
    const log = createMemoryEventLog();
    for (let n = 0; n < 3; n += 1) relay(log, 20);
    const topics = Array.from({ length: 4 }, () => newName('topic'));
    await Promise.all(
      topics.map(async (name) => {
        for (let n = 1; n <= 25; n += 1) await write('acme', name, n);
      }),
    );
    for (const name of topics) {
      const events = await until(async () => {
        const read = await log.read({ tenantId: 'acme', name }, 0);
        return read.length === 25 ? read : null;
      });
      expect(events.map(({ data }) => data)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    }
    await log.close();
  });

  describe('subscribers of other domains', () => {
    it('get every event of their types, also when they fail at first, and no other', async () => {
      const jobs = createJobQueue({ db, pollMs: 50 });
      open.push(jobs);
      const bus = createEventBus({ db, jobs });
      const [exact, family] = [newName('exact'), newName('family')];
      const seen: Record<string, DomainEvent[]> = { [exact]: [], [family]: [] };
      let failures = 2;
      bus.onEvent({
        subscriber: exact,
        types: ['board.changed'],
        backoffMs: () => 1,
        handle: async (event) => {
          if (failures-- > 0) throw new Error('not yet');
          seen[exact]!.push(event);
        },
      });
      bus.onEvent({ subscriber: family, types: ['board.*', 'board.changed'], handle: async (event) => void seen[family]!.push(event) });
      await bus.start();
      await jobs.start();
      const ids = await db.inTenant('acme', async (tx) => {
        const given = [];
        for (const type of ['board.changed', 'board.widget.added', 'other.changed']) {
          given.push(await appendToOutbox(tx, { tenantId: 'acme', type, data: { type } }));
        }
        return given;
      });
      await until(() => seen[exact]!.length === 1 && seen[family]!.length === 2);
      expect(seen[exact]).toEqual([
        {
          id: ids[0],
          tenantId: 'acme',
          topic: null,
          type: 'board.changed',
          data: { type: 'board.changed' },
          timestamp: expect.any(String),
        },
      ]);
      expect(seen[family]!.map(({ type }) => type).sort()).toEqual(['board.changed', 'board.widget.added']);
    });

    it('get what was committed while they were down, and nothing of a type they gave up', async () => {
      const subscriber = newName('later');
      const types = [newName('one') + '.made', newName('two') + '.made'] as const;
      const announce = async (wanted: readonly string[]) => {
        const jobs = createJobQueue({ db, pollMs: 50 });
        const bus = createEventBus({ db, jobs });
        const seen: string[] = [];
        bus.onEvent({ subscriber, types: wanted, handle: async ({ type }) => void seen.push(type) });
        await bus.start();
        return { jobs, seen };
      };
      await announce(types);
      await db.inTenant('acme', (tx) => appendToOutbox(tx, { tenantId: 'acme', type: types[0], data: null }));
      const { jobs, seen } = await announce([types[0]]);
      open.push(jobs);
      await db.inTenant('acme', (tx) => appendToOutbox(tx, { tenantId: 'acme', type: types[1], data: null }));
      await db.inTenant('acme', (tx) => appendToOutbox(tx, { tenantId: 'acme', type: types[0], data: null }));
      await jobs.start();
      await until(() => seen.length === 2);
      expect(seen).toEqual([types[0], types[0]]);
    });
  });
});
