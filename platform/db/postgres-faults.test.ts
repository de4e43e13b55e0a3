import { createServer, type AddressInfo } from 'node:net';

import { sql } from 'kysely';

import { describeWith } from '../../test/kit/external';
import { freePort } from '../../test/kit/free-port';
import { postgresDatabase, postgresProgram, startPostgres, type TestPostgres } from '../../test/kit/postgres';
import { until } from '../../test/kit/until';

import { migrate, openDatabase, type Database } from '#platform/db';

/** The promise of reliability case F2. */
const soonMs = 2_000;
/** As in production; databases of tests are more patient. */
const impatient = { acquireTimeoutMs: undefined };

/** It waits by timers only, so the longest that it sets is how soon it fails, however slow the machine is that asks. */
const failsSoon = async (attempt: () => Promise<unknown>): Promise<void> => {
  const timers = jest.spyOn(globalThis, 'setTimeout');
  try {
    await expect(attempt()).rejects.toHaveCode('SERVICE_UNAVAILABLE');
    expect(Math.max(...timers.mock.calls.map(([, milliseconds = 0]) => milliseconds))).toBeLessThan(soonMs);
  } finally {
    timers.mockRestore();
  }
};

/** Waits until it does. */
const answers = (db: Database): Promise<true> =>
  until(() =>
    db.ping().then(
      () => true as const,
      () => false,
    ),
  ) as Promise<true>;

describe('a PostgreSQL that is not there', () => {
  it('is SERVICE_UNAVAILABLE soon where the connection is refused', async () => {
    const db = await openDatabase({ url: `postgres://app_login@127.0.0.1:${await freePort()}/none` });
    await failsSoon(() => db.ping());
    await failsSoon(() => db.inTenant('acme', async () => undefined));
    await db.close();
  });

  it('is SERVICE_UNAVAILABLE soon where the connection opens and nobody answers', async () => {
    const sockets = new Set<{ destroy(): void }>();
    const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const db = await openDatabase({ url: `postgres://app_login@127.0.0.1:${(silent.address() as AddressInfo).port}/none` });
    await failsSoon(() => db.ping());
    await db.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

describeWith(postgresProgram(), 'a PostgreSQL in trouble', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  it('ends a long statement on the server with TIMEOUT, and serves the next', async () => {
    // Long enough for the next statement, on a machine that stands still for a while.
    await using db = await postgresDatabase(server, { poolMax: 1, statementTimeoutMs: 3_000 });
    await expect(db.inTenant('acme', (tx) => sql`select pg_sleep(60)`.execute(tx))).rejects.toHaveCode('TIMEOUT');
    const { rows } = await db.asSystem((tx) =>
      sql<{
        n: string;
      }>`select count(*) as n from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()`.execute(
        tx,
      ),
    );
    expect(rows[0]!.n).toBe('0');
  });

  it('is SERVICE_UNAVAILABLE soon while slow work holds every connection, and serves again after it', async () => {
    await using db = await postgresDatabase(server, { poolMax: 2, ...impatient });
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    let held = 0;
    const hold = (): Promise<void> =>
      db.inTenant('acme', async () => {
        held += 1;
        await gate;
      });
    // One that a slow machine refuses tries again.
    const holders = [1, 2].map(() => hold().catch(hold));
    await until(() => held === 2);
    await failsSoon(() => db.ping());
    finish();
    await Promise.all(holders);
    await answers(db);
  });

  it('is SERVICE_UNAVAILABLE soon when it stops answering on an open connection, and serves again when it answers', async () => {
    await using db = await postgresDatabase(server, impatient);
    await answers(db);
    server.signal('SIGSTOP');
    try {
      await failsSoon(() => db.inTenant('acme', (tx) => sql`select 1`.execute(tx)));
    } finally {
      server.signal('SIGCONT');
    }
    await answers(db);
  });

  it('loses no acknowledged write over restarts under load, answers with codes meanwhile, and heals by itself', async () => {
    await using db = await postgresDatabase(server, { poolMax: 4 });
    const acknowledged: string[] = [];
    const others: unknown[] = [];
    let isOver = false;
    const writer = async (lane: number): Promise<void> => {
      for (let n = 0; !isOver; n += 1) {
        const id = `${lane}-${n}`;
        try {
          await db.asSystem((tx) => sql`insert into tenants (id) values (${id})`.execute(tx));
          acknowledged.push(id);
        } catch (error) {
          others.push(error);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    };
    const writers = [1, 2, 3, 4].map(writer);
    for (let round = 0; round < 2; round += 1) {
      const before = acknowledged.length;
      await until(() => acknowledged.length > before + 20);
      await server.restart();
      const after = acknowledged.length;
      await until(() => acknowledged.length > after + 20);
    }
    isOver = true;
    await Promise.all(writers);
    for (const error of others) expect(error).toHaveCode('SERVICE_UNAVAILABLE');
    const { rows } = await db.asSystem((tx) => sql<{ id: string }>`select id from tenants`.execute(tx));
    const stored = new Set(rows.map(({ id }) => id));
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  });

  it('is migrated by several processes that start at once, each file once', async () => {
    const name = await server.createDatabase();
    const processes = await Promise.all(
      Array.from({ length: 4 }, () =>
        openDatabase({ url: server.url(name, 'app_login'), migrationUrl: server.url(name, 'owner_login'), acquireTimeoutMs: 60_000 }),
      ),
    );
    const applied = (await Promise.all(processes.map((db) => migrate(db, [])))).flat();
    expect(new Set(applied).size).toBe(applied.length);
    expect(applied.length).toBeGreaterThan(1);
    await processes[0]!.asSystem((tx) => sql`insert into tenants (id) values ('a')`.execute(tx));
    await Promise.all(processes.map((db) => db.close()));
  });
});
