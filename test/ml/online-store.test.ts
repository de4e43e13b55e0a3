import { mlMigrations } from '../../subgraphs/ml';
import type { OnlineRow, OnlineStore } from '../../subgraphs/ml/service/features/online-store';
import { createDatabaseOnlineStore } from '../../subgraphs/ml/store/database-online-store';
import { FeatureStore } from '../../subgraphs/ml/store/feature.store';
import { createRedisOnlineStore } from '../../subgraphs/ml/store/redis-online-store';
import type { MlTables } from '../../subgraphs/ml/store/rows';
import { json, newId } from '#platform/db';
import { RedisLink } from '#platform/events';
import { caller } from '../kit/caller';
import { testDatabase, type TestDatabase } from '../kit/database';
import { describeWith } from '../kit/external';
import { redisProgram, startRedis, type TestRedis } from '../kit/redis';
import { until } from '../kit/until';

let db: TestDatabase<MlTables>;
beforeAll(async () => {
  db = await testDatabase<MlTables>([mlMigrations]);
});
afterAll(() => db?.close());

/** A feature set of a tenant of its own. */
async function newKey(tenantId = caller().tenantId) {
  const id = newId('feat');
  await db.inTenant(tenantId, (tx) =>
    new FeatureStore().insert(tx, { tenant_id: tenantId, id, name: id, source_id: 's', definition: json({}), materialised_at: null, latest_event_at: null, entity_count: null, created_by: 'u' }),
  ); // prettier-ignore
  return { tenantId, featureSetId: id };
}

const row = (entity: string, spend: number, second = 0): OnlineRow => ({
  entity,
  features: { spend, tier: 'gold', note: null },
  eventTime: new Date(Date.UTC(2024, 0, 1, 0, 0, second, 123)),
});
const sorted = (rows: readonly OnlineRow[]) => [...rows].sort((a, b) => (a.entity < b.entity ? -1 : 1));

function contract(open: () => OnlineStore): void {
  let store: OnlineStore;
  beforeAll(() => {
    store = open();
  });
  afterAll(() => store?.close());

  it('gives back what it was filled with, and nothing of who is not there', async () => {
    const key = await newKey();
    expect(await store.read(key, ['a'])).toEqual([]);
    await store.replace(key, [row('a', 1.5, 1), row('b', 2, 2), row('__proto__', 3)]);
    expect(sorted(await store.read(key, ['b', 'a', 'nobody']))).toEqual([row('a', 1.5, 1), row('b', 2, 2)]);
    expect(await store.read(key, ['__proto__', 'constructor'])).toEqual([row('__proto__', 3)]);
  });

  it('is replaced whole: who left is gone', async () => {
    const key = await newKey();
    await store.replace(key, [row('a', 1), row('b', 2)]);
    await store.replace(key, [row('b', 3)]);
    expect(await store.read(key, ['a', 'b'])).toEqual([row('b', 3)]);
    await store.replace(key, []);
    expect(await store.read(key, ['a', 'b'])).toEqual([]);
  });

  it('shows a reader all of one fill or all of another, never a mixture', async () => {
    const key = await newKey();
    const names = Array.from({ length: 1_200 }, (_, n) => `e${n}`);
    const fill = (spend: number) => store.replace(key, names.map((name) => row(name, spend))); // prettier-ignore
    await fill(0);
    let filling = true;
    const writing = (async () => {
      for (let spend = 1; spend <= 4; spend += 1) await fill(spend);
      filling = false;
    })();
    while (filling) {
      const seen = await store.read(key, ['e0', 'e600', 'e1199']);
      expect(seen).toHaveLength(3);
      expect(new Set(seen.map(({ features }) => features.spend)).size).toBe(1);
    }
    await writing;
    expect((await store.read(key, ['e1199']))[0]!.features.spend).toBe(4);
  });

  it('keeps tenants and feature sets apart', async () => {
    const [mine, theirs] = [await newKey(), await newKey()];
    const other = await newKey(mine.tenantId);
    await store.replace(mine, [row('a', 1)]);
    expect(await store.read(theirs, ['a'])).toEqual([]);
    expect(await store.read(other, ['a'])).toEqual([]);
    expect(await store.read({ ...mine, tenantId: theirs.tenantId }, ['a'])).toEqual([]);
  });
}

describe('online features in the database', () => contract(() => createDatabaseOnlineStore({ db, store: new FeatureStore() })));

describeWith(redisProgram(), 'online features in Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.stop());

  // How soon Redis counts as away is not what these show.
  contract(() => createRedisOnlineStore({ url: redis.url, commandTimeoutMs: 60_000 }));

  it('are of the newer fill where the one that a reader was told of has gone before it is read', async () => {
    const store = createRedisOnlineStore({ url: redis.url, commandTimeoutMs: 60_000 });
    const key = await newKey();
    await store.replace(key, [row('a', 1)]);
    const call = RedisLink.prototype.call;
    const asking = jest.spyOn(RedisLink.prototype, 'call').mockImplementationOnce(async function (this: RedisLink, command) {
      const fill = await call.call(this, command);
      await store.replace(key, [row('a', 2)]);
      await call.call(this, (client) => client.del(fill as string));
      return fill;
    });
    expect(await store.read(key, ['a'])).toEqual([row('a', 2)]);
    asking.mockRestore();
    store.close();
  });

  it('say that they cannot be had while Redis is away, and are there again with it', async () => {
    const own = await startRedis({ keeps: true });
    const store = createRedisOnlineStore({ url: own.url });
    const key = await newKey();
    await until(() => store.replace(key, [row('a', 1)]).then(() => true, () => false)); // prettier-ignore
    await own.kill();
    await expect(store.read(key, ['a'])).rejects.toHaveCode('SERVICE_UNAVAILABLE');
    await own.start();
    expect(await until(() => store.read(key, ['a']).catch(() => null))).toEqual([row('a', 1)]);
    store.close();
    await own.stop();
  });
});
