import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { openWorld, type World } from './world';

const shop = (id: string, tenantId: string | null, overrides: object = {}) => ({
  id,
  tenantId,
  name: id,
  builtIn: tenantId === null,
  tables: [
    {
      name: 'invoice_lines',
      comment: 'What was billed',
      columns: [
        { name: 'unit_price', type: 'numeric', comment: 'Price of one piece in euros' },
        { name: 'customer_id', type: 'integer', comment: null },
      ],
      joins: [{ columns: ['customer_id'], table: 'customers' }],
    },
  ],
  metrics: [
    { name: 'net_revenue', description: 'Sales less returns', synonyms: ['turnover'] },
    // Two entities may each have a measure of one name.
    { name: 'row_count', description: 'Number of lines', synonyms: [] },
    { name: 'row_count', description: 'Number of customers', synonyms: [] },
  ],
  values: [{ column: 'customers.region', value: "Nether\nlands' \\ region" }],
  ...overrides,
});

describe('indexing', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  const finds = async (me: ReturnType<typeof caller>, query: string, collection?: string) =>
    (await world.search(me, { query, ...(collection ? { collections: [collection] } : {}) })).results;

  it('follows the sources, repeats without a change, and forgets a removed one', async () => {
    const me = caller();
    world.neighbours.sources.set('src-1', shop('src-1', me.tenantId));
    await world.publish(me.tenantId, 'sql.source.refreshed', { sourceId: 'src-1' });
    const hits = await until(async () => {
      const found = await finds(me, 'price of a piece', 'schema');
      return found.length > 0 ? found : null;
    });
    expect(hits[0]).toMatchObject({
      kind: 'column',
      metadata: { table: 'invoice_lines', column: 'unit_price' },
      entity: { __typename: 'Source', id: 'src-1' },
    });
    expect((await finds(me, 'turnover', 'metrics'))[0]).toMatchObject({ kind: 'metric', metadata: { metric: 'net_revenue' } });
    expect(await finds(me, 'netherlands', 'values')).toHaveLength(1);

    const stamps = async () =>
      (await world.indexed(me.tenantId)).map(({ collection, entry_count, indexed_at }) => ({ collection, entry_count, indexed_at }));
    // Written down after the index: only then is the first indexing over.
    const before = await until(async () => {
      const noted = await stamps();
      return noted.length === 3 ? noted : null;
    });
    await world.publish(me.tenantId, 'sql.source.refreshed', { sourceId: 'src-1' });
    await until(async () => (await stamps()).every(({ indexed_at }) => before.every((old) => indexed_at > old.indexed_at)));
    expect((await finds(me, 'rows', 'metrics')).filter(({ metadata }) => metadata.metric === 'row_count')).toHaveLength(1);
    expect(await finds(me, 'netherlands', 'values')).toHaveLength(1);
    expect((await finds(me, 'invoice lines', 'schema')).map(({ id }) => id).sort()).toHaveLength(4);

    world.neighbours.sources.delete('src-1');
    await world.publish(me.tenantId, 'sql.source.removed', { sourceId: 'src-1' });
    await until(async () => (await world.indexed(me.tenantId)).length === 0);
    expect(await finds(me, 'price of a piece')).toEqual([]);
  });

  it('shows a conversation to its user alone, and drops it when the session is deleted', async () => {
    const [ada, bob] = [caller(), caller()].map((one, _place, all) => ({ ...one, tenantId: all[0]!.tenantId })) as [
      ReturnType<typeof caller>,
      ReturnType<typeof caller>,
    ];
    const message = { id: 'm-1', role: 'assistant', content: 'Churn rose in Portugal.', sql: 'select churn', createdAt: new Date(2_000) };
    world.neighbours.sessions.set('s-1', {
      sessionId: 's-1',
      title: 'Churn',
      userId: ada.userId,
      tenantId: ada.tenantId,
      messages: [message],
    });
    await world.publish(ada.tenantId, 'chat.message.completed', { sessionId: 's-1' });
    await until(async () => (await world.indexed(ada.tenantId)).length === 1);
    expect((await finds(ada, 'churn portugal'))[0]).toMatchObject({ kind: 'message', entity: { __typename: 'Session', id: 's-1' } });
    expect(await finds(bob, 'churn portugal')).toEqual([]);
    const { data } = await world.run(ada, '{ searchConversations(q: "churn", from: "2020-01-01") { results { id } } }');
    expect(data.searchConversations.results).toEqual([]);

    const held = world.neighbours.sessions.get('s-1')!;
    world.neighbours.sessions.delete('s-1');
    expect(await finds(ada, 'churn portugal')).toEqual([]);
    await world.publish(ada.tenantId, 'chat.session.deleted', { sessionId: 's-1' });
    await until(async () => (await world.indexed(ada.tenantId)).length === 0);
    world.neighbours.sessions.set('s-1', held);
    expect(await finds(ada, 'churn portugal')).toEqual([]);
  });

  it('shows a dashboard to those who may open it, from the moment that is so', async () => {
    const me = caller();
    const board = {
      id: 'd-1',
      tenantId: me.tenantId,
      name: 'Kestrel sightings',
      description: null,
      tags: ['birds'],
      widgets: ['By month'],
      updatedAt: new Date(1),
    };
    world.neighbours.dashboards.set('d-1', { ...board, readers: [] });
    await world.publish(me.tenantId, 'dashboard.changed', { dashboardId: 'd-1' });
    await until(async () => (await world.indexed(me.tenantId)).length === 1);
    expect(await finds(me, 'kestrel')).toEqual([]);
    world.neighbours.dashboards.set('d-1', { ...board, readers: [me.userId] });
    expect((await finds(me, 'kestrel'))[0]).toMatchObject({ kind: 'dashboard', entity: { __typename: 'Dashboard', id: 'd-1' } });
    world.neighbours.dashboards.set('d-1', { ...board, name: 'Osprey sightings', readers: [me.userId] });
    await world.publish(me.tenantId, 'dashboard.changed', { dashboardId: 'd-1' });
    await until(async () => (await finds(me, 'osprey')).some(({ title }) => title === 'Osprey sightings'));
    // What is left of the old entries goes after the new ones are there.
    await until(async () => (await world.search(me, { query: 'kestrel', mode: 'KEYWORD' })).results.length === 0);
  });

  it('has the built-in sources once for all tenants, also after a restart and after the index folder is lost', async () => {
    const [ada, bob] = [caller(), caller()];
    world.neighbours.sources.set('demo', shop('demo', null));
    await world.restart();
    const found = () => finds(bob, 'price of a piece', 'schema');
    await until(async () => (await found()).length > 0);
    await world.publish(ada.tenantId, 'sql.source.refreshed', { sourceId: 'demo' });
    await world.restart();
    expect((await found()).filter(({ metadata }) => metadata.column === 'unit_price')).toHaveLength(1);
    await world.restart({ lost: true });
    expect((await until(async () => ((await found()).length > 0 ? found() : null)))[0].metadata.column).toBe('unit_price');
    const { data } = await world.run(
      ada,
      '{ searchSchema(q: "price of a piece", type: "column") { results { type name schema description } } }',
    );
    expect(data.searchSchema.results[0]).toEqual({
      type: 'column',
      name: 'invoice_lines.unit_price',
      schema: 'demo',
      description: 'Price of one piece in euros',
    });
  });

  it('is rebuilt from the databases when the index folder is lost, with progress and stats for administrators', async () => {
    const me = caller();
    world.neighbours.sources.set('src-2', shop('src-2', me.tenantId));
    await world.publish(me.tenantId, 'sql.source.refreshed', { sourceId: 'src-2' });
    await world.add(me, { title: 'Birds', content: 'Puffins nest on cliffs.' });
    await until(async () => (await world.indexed(me.tenantId)).length === 4);
    await world.restart({ lost: true });
    expect(await finds(me, 'puffins', 'knowledge')).toEqual([]);

    const started = await world.run(me, 'mutation { reindexSearch { id status progress } }');
    expect(started.data.reindexSearch).toMatchObject({ status: 'queued', progress: 0 });
    const { id } = started.data.reindexSearch;
    await until(async () => {
      const { data } = await world.run(me, `{ reindexJob(id: "${id}") { status progress } }`);
      return data.reindexJob.status === 'completed' && data.reindexJob.progress === 1;
    });
    expect(await finds(me, 'puffins', 'knowledge')).toHaveLength(1);
    const { data } = await world.run(me, '{ searchStats { model collections { collection entries } } }');
    expect(data.searchStats.model).toBe('use-lite-en@0.2.0');
    expect(data.searchStats.collections).toEqual(
      expect.arrayContaining([
        { collection: 'schema', entries: 4 },
        { collection: 'metrics', entries: 2 },
        { collection: 'knowledge', entries: 1 },
      ]),
    );
    const editor = caller({ tenantId: me.tenantId, roles: ['editor'] });
    for (const source of ['mutation { reindexSearch { id } }', `{ reindexJob(id: "${id}") { id } }`, '{ searchStats { model } }'])
      expect((await world.run(editor, source)).code).toBe('FORBIDDEN');
    expect((await world.run(caller(), `{ reindexJob(id: "${id}") { id } }`)).code).toBe('NOT_FOUND');
  });
});
