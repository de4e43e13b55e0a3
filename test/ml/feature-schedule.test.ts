import { sql } from 'kysely';

import { errors } from '#platform/errors';
import { createMemoryEventLog } from '#platform/events';
import { createCron, createJobQueue } from '#platform/jobs';

import { toFeatureSet } from '../../subgraphs/ml/resolvers/present';
import { createMlSubgraph, mlMigrations, type MlSubgraph, type TrainingData } from '../../subgraphs/ml';
import { caller } from '../kit/caller';
import { testDatabase, type TestDatabase } from '../kit/database';
import { until } from '../kit/until';

interface Instance {
  readonly ml: MlSubgraph;
  stop(): Promise<void>;
}

let db: TestDatabase;
let now: Date;
/** Fails where it is set, as a source that lost a column would. */
let problem: Error | null;
const open: Instance[] = [];

beforeAll(async () => {
  db = await testDatabase([mlMigrations]);
});
beforeEach(() => {
  now = new Date('2026-03-02T10:20:00Z');
  problem = null;
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((instance) => instance.stop()));
});
afterAll(() => db?.close());

/** The spend of one customer, which is the hour of the clock. */
const data: TrainingData = {
  async read() {
    if (problem) throw problem;
    const columns = ['customer', 'at', 'spend'].map((name) => ({ name, type: 'any' }));
    return { queryId: 'q', columns, rows: [['anna', now.toISOString(), now.getUTCHours()]], truncated: false, dataVersion: 'v' };
  },
};

/** One of several processes on the same database. */
async function instance(): Promise<Instance> {
  const clock = (): Date => now;
  const log = createMemoryEventLog();
  const jobs = createJobQueue({ db, pollMs: 50, clock });
  const cron = createCron({ db, jobs, pollMs: 20, clock });
  const ml = createMlSubgraph({ db, log, jobs, cron, data, sources: { check: async () => undefined } });
  await jobs.start();
  await cron.start();
  const made = {
    ml,
    stop: async () => {
      await cron.stop();
      await jobs.stop();
      await log.close();
    },
  };
  open.push(made);
  return made;
}

const definition = { name: 'spending', sourceId: 'src', query: 'select *', entityColumn: 'customer', eventTimeColumn: 'at', features: ['spend'] }; // prettier-ignore
const spendOf = async ({ ml }: Instance, me: ReturnType<typeof caller>) =>
  (await ml.services.features.online(me, { featureSetId: 'spending', entities: ['anna'] }))[0]!.features?.spend;
const fills = async (tenantId: string): Promise<string[]> => {
  const { rows } = await db.asSystem((tx) =>
    sql<{ state: string }>`select state from jobs where tenant_id = ${tenantId} and queue = 'ml.materialise'`.execute(tx),
  );
  return rows.map(({ state }) => state);
};

describe('a feature set with a schedule', () => {
  it('is filled at its times, once by one of two instances, and what was missed while all were down once', async () => {
    const me = caller();
    const [first, second] = [await instance(), await instance()];
    const { id } = await first.ml.services.features.create(me, definition);
    const planned = await first.ml.services.schedules.set(me, { featureSetId: id, cron: '30 9 * * *', timezone: 'America/New_York' });
    // Nine o'clock and a half in New York, before summer time.
    now = new Date('2026-03-02T14:30:01Z');
    expect(toFeatureSet(planned)).toMatchObject({ schedule: { cron: '30 9 * * *', timezone: 'America/New_York' }, problem: null });
    await until(async () => (await spendOf(second, me)) === 14);
    expect(await fills(me.tenantId)).toHaveLength(1);

    await Promise.all(open.splice(0).map((each) => each.stop()));
    now = new Date('2026-03-05T16:00:00Z');
    const third = await instance();
    await until(async () => (await spendOf(third, me)) === 16);
    expect(await fills(me.tenantId)).toHaveLength(2);
  });

  it('keeps its features and says why where a fill fails, until one succeeds', async () => {
    const me = caller();
    const one = await instance();
    const { features, schedules } = one.ml.services;
    const { id } = await features.create(me, definition);
    await features.materialise(me, id);
    await schedules.set(me, { featureSetId: id, cron: '0 * * * *' });
    problem = errors.SQL_REJECTED({ reason: 'there is no column spend' });
    now = new Date('2026-03-02T11:00:01Z');
    await until(async () => (await features.find(me, id)).materialise_error);
    expect(toFeatureSet(await features.find(me, id)).problem).toMatch(/no column spend/);
    expect(await spendOf(one, me)).toBe(10);
    problem = null;
    now = new Date('2026-03-02T12:00:01Z');
    await until(async () => (await spendOf(one, me)) === 12);
    await until(async () => (await features.find(me, id)).materialise_error === null);
  });

  it('is filled no more once its schedule is taken back', async () => {
    const me = caller();
    const one = await instance();
    const { features, schedules } = one.ml.services;
    const { id } = await features.create(me, definition);
    await schedules.set(me, { featureSetId: id, cron: '0 * * * *' });
    expect(toFeatureSet(await schedules.remove(me, id)).schedule).toBeNull();
    // Another set shows that the times went on.
    const other = await features.create(me, { ...definition, name: 'other' });
    await schedules.set(me, { featureSetId: other.id, cron: '0 * * * *' });
    now = new Date('2026-03-02T11:00:01Z');
    await until(async () => (await features.find(me, other.id)).materialised_at);
    expect((await features.find(me, id)).materialised_at).toBeNull();
    expect(await fills(me.tenantId)).toHaveLength(1);
  });

  it.each<[object, RegExp]>([
    [{ cron: '@hourly or so' }, /five fields/],
    [{ cron: '0 0 31 2 *' }, /never fires/],
    [{ cron: '0 * * * *', timezone: 'Mars/Base' }, /IANA name/],
  ])('is refused for %j, and keeps what it had', async (wrong, message) => {
    const me = caller();
    const { features, schedules } = (await instance()).ml.services;
    const { id } = await features.create(me, definition);
    await expect(schedules.set(me, { featureSetId: id, ...wrong })).rejects.toThrow(message);
    expect((await features.find(me, id)).schedule).toBeNull();
    await expect(schedules.set(caller(), { featureSetId: id, cron: '0 * * * *' })).rejects.toHaveCode('NOT_FOUND');
    await expect(schedules.set({ ...me, roles: ['viewer'] }, { featureSetId: id, cron: '0 * * * *' })).rejects.toHaveCode('FORBIDDEN');
  });
});
