import { sql } from 'kysely';

import { describeOnBothDatabases } from '../../test/kit/both-databases';
import { until } from '../../test/kit/until';

import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import { createCron, createJobQueue, nextRun, type Job, type JobQueue, type JobQueueOptions, type NewJob } from '#platform/jobs';

let names = 0;
const newName = (prefix: string): string => `${prefix}-${(names += 1)}`;
const deferred = () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
};

describeOnBothDatabases('the job queue', (world) => {
  let db: Database & AsyncDisposable;
  const open: { stop(): Promise<void> }[] = [];
  beforeAll(async () => {
    db = await world.open();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((part) => part.stop()));
  });
  afterAll(() => db?.close());

  const queue = (options: Partial<JobQueueOptions> = {}): JobQueue => {
    const jobs = createJobQueue({ db, pollMs: 50, ...options });
    open.push(jobs);
    return jobs;
  };
  const add = (jobs: JobQueue, job: Partial<NewJob> & { queue: string }): Promise<string> =>
    db.inTenant('acme', (tx) => jobs.enqueue(tx, { tenantId: 'acme', payload: null, ...job }));
  const stateOf = async (jobs: JobQueue, id: string) => (await jobs.status('acme', id))?.state;

  it('runs a job once its transaction has committed, with what it was given', async () => {
    const name = newName('q');
    const jobs = queue();
    const seen: Job[] = [];
    jobs.work(name, async (job) => void seen.push(job));
    await jobs.start();
    await db
      .inTenant('acme', async (tx) => {
        await jobs.enqueue(tx, { queue: name, tenantId: 'acme', payload: 'rolled back' });
        throw new Error('no');
      })
      .catch(() => undefined);
    const id = await add(jobs, { queue: name, payload: { a: [1, 'x'] } });
    await until(async () => (await stateOf(jobs, id)) === 'completed');
    expect(seen).toEqual([{ id, queue: name, tenantId: 'acme', payload: { a: [1, 'x'] }, attempt: 1, runAt: expect.any(Date) }]);
    expect(await jobs.status('globex', id)).toBeNull();
  });

  it('wakes without waiting for its poll', async () => {
    const name = newName('q');
    const jobs = queue({ pollMs: 600_000 });
    jobs.work(name, async () => undefined);
    await jobs.start();
    const ids = [await add(jobs, { queue: name }), await add(jobs, { queue: name, runAt: new Date(Date.now() + 300) })];
    for (const id of ids) await until(async () => (await stateOf(jobs, id)) === 'completed');
  });

  it('gives each job to one of three processes, never to two', async () => {
    const name = newName('q');
    const runs = new Map<string, number>();
    const processes = [queue(), queue(), queue()];
    for (const jobs of processes) {
      jobs.work(name, async ({ id }) => void runs.set(id, (runs.get(id) ?? 0) + 1), { concurrency: 4 });
      await jobs.start();
    }
    const ids = await Promise.all(Array.from({ length: 60 }, () => add(processes[0]!, { queue: name })));
    await until(() => runs.size === 60);
    await Promise.all(processes.map((jobs) => jobs.stop()));
    expect([...runs.values()].every((count) => count === 1)).toBe(true);
    expect(new Set(runs.keys())).toEqual(new Set(ids));
  });

  it('keeps to its concurrency', async () => {
    const name = newName('q');
    const jobs = queue();
    let [now, most, ended] = [0, 0, 0];
    jobs.work(
      name,
      async () => {
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        ended += 1;
      },
      { concurrency: 3 },
    );
    for (let n = 0; n < 12; n += 1) await add(jobs, { queue: name });
    await jobs.start();
    await until(() => ended === 12);
    expect(most).toBe(3);
  });

  it('does not add a second unfinished job with the same key, and does after it ended', async () => {
    const name = newName('q');
    const jobs = queue();
    const first = await add(jobs, { queue: name, key: 'k' });
    expect(await add(jobs, { queue: name, key: 'k' })).toBe(first);
    expect(await add(jobs, { queue: name, key: 'other' })).not.toBe(first);
    jobs.work(name, async () => undefined);
    await jobs.start();
    await until(async () => (await stateOf(jobs, first)) === 'completed');
    expect(await add(jobs, { queue: name, key: 'k' })).not.toBe(first);
  });

  it('tries again after a failure, with its backoff, and gives up after the last attempt', async () => {
    const name = newName('q');
    const jobs = queue();
    const attempts: number[] = [];
    const failures: unknown[] = [];
    jobs.work(
      name,
      async ({ attempt }) => {
        attempts.push(attempt);
        throw new Error(`attempt ${attempt}`);
      },
      { backoffMs: (attempt) => attempt, onFailed: async (job, error) => void failures.push([job.attempt, (error as Error).message]) },
    );
    await jobs.start();
    const id = await add(jobs, { queue: name, maxAttempts: 3 });
    await until(async () => (await stateOf(jobs, id)) === 'failed');
    expect(attempts).toEqual([1, 2, 3]);
    expect(failures).toEqual([[3, 'attempt 3']]);
    expect(await jobs.status('acme', id)).toMatchObject({ attempt: 3, lastError: 'attempt 3' });
  });

  it('does not repeat what the caller got wrong', async () => {
    const name = newName('q');
    const jobs = queue();
    jobs.work(name, async () => {
      throw errors.INVALID_REQUEST({ what: 'target', hint: 'name a column' });
    });
    await jobs.start();
    const id = await add(jobs, { queue: name });
    await until(async () => (await stateOf(jobs, id)) === 'failed');
    expect(await jobs.status('acme', id)).toMatchObject({ attempt: 1 });
  });

  it('stores progress', async () => {
    const name = newName('q');
    const jobs = queue();
    const half = deferred();
    jobs.work(name, async (_, { progress }) => {
      await progress(0.5, 'half');
      await half.promise;
    });
    await jobs.start();
    const id = await add(jobs, { queue: name });
    await until(async () => (await jobs.status('acme', id))?.progress === 0.5);
    expect(await jobs.status('acme', id)).toMatchObject({ state: 'running', note: 'half' });
    half.resolve();
    await until(async () => (await jobs.status('acme', id))?.progress === 1);
  });

  it('cancels a queued job at once, a running one by its signal, here and in another process, and an ended one not at all', async () => {
    const name = newName('q');
    const [here, there] = [queue(), queue()];
    here.work(
      name,
      (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
      {
        // Renewed, and asked about a cancellation, every second; it outlasts a process that stands still for two.
        leaseMs: 3_000,
        concurrency: 2,
      },
    );
    const waiting = await add(here, { queue: name, runAt: new Date(Date.now() + 3_600_000) });
    expect(await here.cancel('globex', waiting)).toBe(false);
    expect(await here.cancel('acme', waiting)).toBe(true);
    expect(await stateOf(here, waiting)).toBe('cancelled');
    expect(await here.cancel('acme', waiting)).toBe(false);

    await here.start();
    const [own, far] = [await add(here, { queue: name }), await add(here, { queue: name })];
    await until(async () => (await stateOf(here, own)) === 'running' && (await stateOf(here, far)) === 'running');
    expect(await here.cancel('acme', own)).toBe(true);
    expect(await there.cancel('acme', far)).toBe(true);
    for (const id of [own, far]) await until(async () => (await stateOf(here, id)) === 'cancelled');
  });

  it('puts running jobs back when it stops, without counting the attempt', async () => {
    const name = newName('q');
    const first = queue();
    const started = deferred();
    first.work(name, (_, { signal }) => {
      started.resolve();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    });
    await first.start();
    const id = await add(first, { queue: name });
    await started.promise;
    await first.stop();
    expect(await first.status('acme', id)).toMatchObject({ state: 'queued', attempt: 0 });
    const second = queue();
    const attempts: number[] = [];
    second.work(name, async ({ attempt }) => void attempts.push(attempt));
    await second.start();
    await until(async () => (await stateOf(second, id)) === 'completed');
    expect(attempts).toEqual([1]);
  });

  it('takes over what a dead process left at the start of the next, where it is alone', async () => {
    const name = newName('q');
    const died = queue();
    const [started, released] = [deferred(), deferred()];
    died.work(name, () => (started.resolve(), released.promise), { leaseMs: 3_600_000 });
    await died.start();
    const id = await add(died, { queue: name });
    await started.promise;
    const next = queue({ isAlone: true });
    const attempts: number[] = [];
    next.work(name, async ({ attempt }) => void attempts.push(attempt), { leaseMs: 3_600_000 });
    await next.start();
    await until(async () => (await stateOf(next, id)) === 'completed');
    expect(attempts).toEqual([2]);
    released.resolve();
  });

  it('takes over the job of a process that died, and stops it in one that was only slow', async () => {
    const name = newName('q');
    let now = Date.now();
    const slow = queue({ clock: () => new Date(now) });
    const [started, aborted] = [deferred(), deferred()];
    slow.work(
      name,
      async (_, { signal }) => {
        started.resolve();
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        aborted.resolve();
        throw new Error('stopped');
      },
      { leaseMs: 90 },
    );
    await slow.start();
    const id = await add(slow, { queue: name });
    await started.promise;

    // A clock ahead sees the lease as run out, as if nobody had renewed it.
    const other = queue({ clock: () => new Date(now + 60_000) });
    const attempts: number[] = [];
    other.work(name, async ({ attempt }) => void attempts.push(attempt));
    await other.start();
    await until(async () => (await stateOf(other, id)) === 'completed');
    expect(attempts).toEqual([2]);
    await aborted.promise;
    now += 1;
    expect(await stateOf(other, id)).toBe('completed');
  });

  it('fails a job whose processes all died of it', async () => {
    const name = newName('q');
    const jobs = queue();
    const id = await add(jobs, { queue: name, maxAttempts: 2 });
    await db.asSystem((tx) =>
      sql`update jobs set state = 'running', attempt = 2, lease_until = now() - interval '1 s', lease_token = 'dead' where id = ${id}`.execute(
        tx,
      ),
    );
    const runs: string[] = [];
    const failures: string[] = [];
    jobs.work(name, async (job) => void runs.push(job.id), { onFailed: async (job) => void failures.push(job.id) });
    await jobs.start();
    await until(async () => (await stateOf(jobs, id)) === 'failed');
    expect(runs).toEqual([]);
    expect(failures).toEqual([id]);
  });
});

describeOnBothDatabases('cron', (world) => {
  let db: Database & AsyncDisposable;
  beforeAll(async () => {
    db = await world.open();
  });
  afterAll(() => db?.close());

  interface Stored {
    queue: string;
    runAt: Date;
    payload: unknown;
  }
  const jobsOf = async (queue: string): Promise<Stored[]> =>
    (
      await db.asSystem((tx) =>
        sql<Stored>`select queue, run_at as "runAt", payload from jobs where queue = ${queue} order by run_at`.execute(tx),
      )
    ).rows as Stored[];
  const nextOf = async (queue: string): Promise<Date | null> =>
    (await db.asSystem((tx) => sql<{ at: Date | null }>`select next_run_at as at from cron_entries where queue = ${queue}`.execute(tx)))
      .rows[0]?.at ?? null;
  const entry = (queue: string, more: object = {}) => ({
    key: 'k',
    tenantId: 'acme',
    queue,
    cron: '0 * * * *',
    timezone: 'UTC',
    payload: { report: 1 },
    enabled: true,
    ...more,
  });
  const at = (text: string): number => Date.parse(text);

  it('makes exactly one job per due time over three processes', async () => {
    const queue = newName('hourly');
    let now = at('2025-06-01T00:30:00Z');
    const jobs = createJobQueue({ db });
    const processes = [1, 2, 3].map(() => createCron({ db, jobs, pollMs: 20, clock: () => new Date(now) }));
    const put = await db.inTenant('acme', (tx) => processes[0]!.put(tx, entry(queue)));
    expect(put.nextRunAt).toEqual(new Date('2025-06-01T01:00:00Z'));
    for (const cron of processes) await cron.start();
    for (let hour = 1; hour <= 5; hour += 1) {
      now = at('2025-06-01T00:00:00Z') + hour * 3_600_000;
      await until(async () => (await jobsOf(queue)).length === hour);
    }
    await Promise.all(processes.map((cron) => cron.stop()));
    expect((await jobsOf(queue)).map(({ runAt }) => runAt.toISOString())).toEqual(
      [1, 2, 3, 4, 5].map((hour) => `2025-06-01T0${hour}:00:00.000Z`),
    );
    expect((await jobsOf(queue))[0]!.payload).toEqual({ report: 1 });
  });

  it.each([
    ['once', 1],
    ['skip', 0],
  ] as const)('after downtime runs %s', async (catchUp, expected) => {
    const queue = newName(catchUp);
    let now = at('2025-06-01T00:30:00Z');
    const cron = createCron({ db, jobs: createJobQueue({ db }), pollMs: 20, clock: () => new Date(now) });
    await db.inTenant('acme', (tx) => cron.put(tx, entry(queue, { catchUp })));
    now = at('2025-06-01T07:30:00Z');
    await cron.start();
    await until(async () => (await nextOf(queue))?.getTime() === at('2025-06-01T08:00:00Z'));
    await cron.stop();
    expect(await jobsOf(queue)).toHaveLength(expected);
  });

  it('keeps a missed time when the same entry is put again, and takes a new one when it changed', async () => {
    const queue = newName('again');
    let now = at('2025-06-01T00:30:00Z');
    const cron = createCron({ db, jobs: createJobQueue({ db }), clock: () => new Date(now) });
    const put = (more: object = {}) => db.inTenant('acme', (tx) => cron.put(tx, entry(queue, more)));
    await put();
    now = at('2025-06-01T05:30:00Z');
    expect((await put()).nextRunAt).toEqual(new Date('2025-06-01T01:00:00Z'));
    expect((await put({ cron: '15 * * * *' })).nextRunAt).toEqual(new Date('2025-06-01T06:15:00Z'));
  });

  it('makes no job of an entry that is off or removed', async () => {
    const [off, gone, on] = [newName('off'), newName('gone'), newName('on')];
    let now = at('2025-06-01T00:30:00Z');
    const cron = createCron({ db, jobs: createJobQueue({ db }), pollMs: 20, clock: () => new Date(now) });
    await db.inTenant('acme', async (tx) => {
      await cron.put(tx, entry(off, { enabled: false }));
      await cron.put(tx, entry(gone));
      await cron.put(tx, entry(on));
      await cron.remove(tx, entry(gone));
    });
    now = at('2025-06-01T01:00:00Z');
    await cron.start();
    await until(async () => (await jobsOf(on)).length === 1);
    await cron.stop();
    expect([await jobsOf(off), await jobsOf(gone)]).toEqual([[], []]);
  });
});

describe('the next time of a pattern', () => {
  it('is reckoned in its time zone, over the change to summer time', () => {
    expect(nextRun('30 9 * * *', 'Europe/Berlin', new Date('2025-03-29T12:00:00Z'))).toEqual(new Date('2025-03-30T07:30:00Z'));
    expect(nextRun('0 9 * * 1', 'America/New_York', new Date('2025-01-01T00:00:00Z'))).toEqual(new Date('2025-01-06T14:00:00Z'));
  });

  it.each([
    ['* * * *', 'UTC'],
    ['* * * * * *', 'UTC'],
    ['61 * * * *', 'UTC'],
    ['nonsense a b c d', 'UTC'],
    ['0 0 30 2 *', 'UTC'],
    ['0 9 * * *', 'Mars/Olympus'],
  ])('is INVALID_REQUEST for %s in %s', (cron, timezone) => {
    let thrown: unknown;
    try {
      nextRun(cron, timezone, new Date());
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toHaveCode('INVALID_REQUEST');
  });
});
