import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { TrainingData } from '../../subgraphs/ml';
import { buildDuckdbFile, createSandbox, type Sandbox } from '../../subgraphs/sql/service/sandbox';
import { createOpenSource } from '../../subgraphs/sql/service/sources';
import { caller } from '../kit/caller';

import { mlWorld, type MlWorld } from './world';

let folder: string;
let sandbox: Sandbox;
let world: MlWorld;
/** In whole seconds. */
const ago = (seconds: number): Date => new Date(Math.floor(Date.now() / 1_000 - seconds) * 1_000);
const freshAt = ago(60);
/** In UTC, whatever the time zone of this machine. */
const timestamp = (time: Date): string => `timestamp '${time.toISOString().slice(0, 19).replace('T', ' ')}'`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'features-'));
  const file = path.join(folder, 'events.duckdb');
  await buildDuckdbFile({
    target: file,
    statements: [
      // Every hundredth of an entity's events; `value` says which hour it was known from.
      `create table events as select 'e' || (n % 5) as customer, timestamp '2024-01-01' + to_hours(n) as at, n as known_since from range(0, 500) t(n)`,
      `create table labels as select 'e' || (n % 6) as customer, timestamp '2024-01-01' + to_hours(n * 7) as at, n as label from range(0, 60) t(n)`,
      `create table recent as select 'fresh' as customer, ${timestamp(freshAt)} as at, 7 as spend union all select 'stale', ${timestamp(ago(3 * 86_400))}, 8 union all select 'fresh', ${timestamp(ago(7_200))}, 1`,
    ],
  });
  sandbox = createSandbox({ warm: false, maxChildren: 1 });
  const source = createOpenSource({ sandbox })({ kind: 'duckdb', file, connection: {} });
  const data: TrainingData = {
    read: async (_caller, { sql, maxRows }) => ({
      ...(await source.query({ sql, maxRows, maxBytes: 10_000_000, timeoutMs: 120_000 })),
      queryId: 'q',
      dataVersion: 'v',
    }),
  };
  world = await mlWorld(data);
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

const definition = { name: 'activity', sourceId: 'src', query: 'select * from events', entityColumn: 'customer', eventTimeColumn: 'at', features: ['known_since'] }; // prettier-ignore
const rowsOf = ({ columns, rows }: Awaited<ReturnType<TrainingData['read']>>) =>
  rows.map((row) => Object.fromEntries(columns.map(({ name }, place) => [name, row[place]])));

describe('a feature set', () => {
  it('gives each label the last features known at its time, and never later ones', async () => {
    const me = caller();
    const { features } = world.ml.services;
    const { id } = await features.create(me, definition);
    const joined = rowsOf(await features.offline(me, { featureSetId: id, labelsQuery: 'select * from labels' }));
    expect(joined).toHaveLength(60);
    for (const { customer, label, known_since: known } of joined) {
      const [entity, hour] = [Number(String(customer).slice(1)), Number(label) * 7];
      // Events of entity e are at the hours e, e + 5, e + 10 …; entity 5 has none.
      const expected = entity === 5 || hour < entity ? null : hour - ((hour - entity) % 5);
      expect(known === null ? null : Number(known)).toBe(expected === null ? null : Math.min(expected, 495 + entity));
    }
  });

  it('leaves out what is older than its time to live', async () => {
    const me = caller();
    const { features } = world.ml.services;
    const { id } = await features.create(me, { ...definition, ttlSeconds: 2 * 3_600 });
    const joined = rowsOf(await features.offline(me, { featureSetId: id, labelsQuery: 'select * from labels' }));
    for (const { label, known_since: known } of joined)
      if (known !== null) expect(Number(label) * 7 - Number(known)).toBeLessThanOrEqual(2);
    expect(joined.some(({ known_since: known }) => known === null)).toBe(true);
    expect(joined.some(({ known_since: known }) => known !== null)).toBe(true);
  });

  it('answers online with the latest of each entity while it is fresh', async () => {
    const me = caller();
    const { features } = world.ml.services;
    const set = { ...definition, name: 'spend', query: 'select * from recent', features: ['spend'], ttlSeconds: 86_400 };
    const { id } = await features.create(me, set);
    expect((await features.online(me, { featureSetId: id, entities: ['fresh'] }))[0]).toMatchObject({ features: null });
    expect((await features.materialise(me, id)).materialised_at).toBeInstanceOf(Date);
    const answers = await features.online(me, { featureSetId: id, entities: ['fresh', 'stale', 'nobody'] });
    expect(answers.map(({ entity, features: found }) => [entity, found && Number(found.spend)])).toEqual([
      ['fresh', 7],
      ['stale', null],
      ['nobody', null],
    ]);
    expect(answers[0]!.eventTime).toEqual(freshAt);
    await features.materialise(me, id);
    expect(await features.online(me, { featureSetId: id, entities: ['fresh'] })).toMatchObject([
      { features: { spend: expect.anything() } },
    ]);
  });

  it('names a column that its query does not give, and belongs to its tenant', async () => {
    const me = caller();
    const { features } = world.ml.services;
    await expect(features.create(me, { ...definition, features: ['nothing'] })).rejects.toThrow(/no column nothing/);
    const { id } = await features.create(me, definition);
    await expect(features.create(me, definition)).rejects.toHaveCode('CONFLICT');
    await expect(features.find(caller(), id)).rejects.toHaveCode('NOT_FOUND');
    await expect(features.online(me, { featureSetId: id, entities: [{ customer: 'e1' }] })).rejects.toThrow(
      /entities\[0\] is not valid: it must be text or a number/,
    );
    await expect(features.online(caller(), { featureSetId: id, entities: ['e1'] })).rejects.toHaveCode('NOT_FOUND');
    await expect(features.create({ ...me, roles: ['viewer'] }, definition)).rejects.toHaveCode('FORBIDDEN');
  });

  it('is something to train on, by its features and not by who and when', async () => {
    const me = caller();
    const { id } = await world.ml.services.features.create(me, { ...definition, query: "select customer || '-' || known_since as customer, \"at\", known_since, known_since * 2 as twice from events", features: ['known_since', 'twice'] }); // prettier-ignore
    const trained = await world.train(me, {
      name: 'twice',
      dataset: null,
      featureSet: id,
      targetColumn: 'twice',
      featureColumns: null,
    });
    const { lineage } = await world.ml.services.registry.version(me, trained.modelId, trained.version);
    expect(lineage).toMatchObject({ target: 'twice', features: ['known_since'] });
  });
});
