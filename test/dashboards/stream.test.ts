import type { Caller } from '#platform/auth';

import type { DashboardChange } from '../../subgraphs/dashboards/service/stream.service';
import { StreamService } from '../../subgraphs/dashboards/service/stream.service';
import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { byRegion, dashboardWorld, metric, type DashboardWorld } from './world';

describe('changes of a dashboard as they happen', () => {
  let world: DashboardWorld;
  let streams: StreamService;
  beforeAll(async () => {
    world = await dashboardWorld();
    streams = new StreamService({ log: world.log, dashboards: world.services.dashboards });
    await world.start();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  const follow = (who: Caller, id: string, after?: number) => {
    const seen: DashboardChange[] = [];
    const abort = new AbortController();
    const ended = (async () => {
      for await (const change of streams.follow(who, { id, after, signal: abort.signal })) seen.push(change);
    })();
    return { seen, ended, stop: () => abort.abort() };
  };
  const published = (who: Caller, id: string) =>
    until(async () => (await world.log.retained({ tenantId: who.tenantId, name: `dashboard:${id}` })).newest > 0);

  it('come with who changed what, from what to what, in order and without a gap', async () => {
    const who = caller();
    const { id } = await world.services.dashboards.create(who, { name: 'Sales' });
    await published(who, id);
    const stream = follow(who, id, 0);
    const { widget } = await world.services.widgets.add(who, { dashboardId: id, ...metric });
    await Promise.all([
      world.services.dashboards.update(who, { dashboardId: id, name: 'Two' }),
      world.services.widgets.update(who, { dashboardId: id, widgetId: widget.id, name: 'Three' }),
    ]);
    await until(() => stream.seen.length === 4);
    stream.stop();
    expect(stream.seen.map(({ version, sequence }) => [version, sequence])).toEqual([1, 2, 3, 4].map((n) => [n, n]));
    expect(stream.seen[1]).toMatchObject({
      dashboardId: id,
      changedBy: who.userId,
      change: 'widget Revenue added',
      differences: [{ path: `widgets.${widget.id}`, before: null }],
    });
    const differences = stream.seen.slice(2).flatMap((change) => change.differences);
    expect(differences).toEqual(
      expect.arrayContaining([
        { path: 'name', before: 'Sales', after: 'Two' },
        { path: `widgets.${widget.id}.name`, before: 'Revenue', after: 'Three' },
      ]),
    );
  });

  it('are for those who may see it, and end when they no longer may or it is deleted', async () => {
    const who = caller({ roles: ['analyst'] });
    const reader = caller({ tenantId: who.tenantId, roles: ['viewer'] });
    const { id } = await world.services.dashboards.create(who, { name: 'Sales', visibility: 'tenant' });
    await published(who, id);
    await expect(follow(caller(), id).ended).rejects.toHaveCode('NOT_FOUND');
    const [owners, readers] = [follow(who, id, 0), follow(reader, id, 0)];
    await until(() => readers.seen.length === 1);
    await world.services.dashboards.update(who, { dashboardId: id, visibility: 'private' });
    await readers.ended;
    expect(readers.seen).toHaveLength(1);
    await until(() => owners.seen.length === 2);
    await world.services.dashboards.remove(who, id);
    await owners.ended;
  });
});

describe('templates', () => {
  let world: DashboardWorld;
  beforeAll(async () => {
    world = await dashboardWorld();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  it('make a dashboard of any source from its metrics and dimensions', async () => {
    const who = caller();
    const made = await world.services.templates.create(who, { template: 'executive_overview', sourceId: 'sales', name: 'Mine' });
    expect(made).toMatchObject({ name: 'Mine', visibility: 'private', version: 1 });
    expect(made.widgets.map(({ dataSource }) => dataSource?.metric ?? dataSource?.question)).toEqual([
      'revenue',
      'revenue by month',
      'top 10 region by revenue',
    ]);
    await expect(world.services.widgets.add(who, { dashboardId: made.id, ...byRegion })).resolves.toBeDefined();
  });

  it('are listed, name the nearest for a slip, and are not for viewers', async () => {
    const names = world.services.templates.list(caller()).map(({ name }) => name);
    expect(names).toContain('executive_overview');
    const slip = await world.services.templates.create(caller(), { template: 'executive_overveiw' }).catch((error: unknown) => error);
    expect(slip).toHaveCode('NOT_FOUND');
    expect((slip as Error).message).toContain('executive_overview');
    await expect(world.services.templates.create(caller({ roles: ['viewer'] }), { template: 'executive_overview' })).rejects.toHaveCode(
      'FORBIDDEN',
    );
  });
});
