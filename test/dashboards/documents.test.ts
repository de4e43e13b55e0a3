import { sql } from 'kysely';

import type { Caller } from '#platform/auth';

import { filterOperators } from '../../subgraphs/dashboards/service/dashboard/model';
import { filterOperators as compiledOperators } from '../../subgraphs/sql/service/filters';
import { caller } from '../kit/caller';

import { byRegion, dashboardWorld, metric, type DashboardWorld } from './world';

describe('dashboards as documents', () => {
  let world: DashboardWorld;
  beforeAll(async () => {
    world = await dashboardWorld();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  const colleague = (of: Caller, overrides: Partial<Caller> = {}): Caller =>
    caller({ tenantId: of.tenantId, roles: ['analyst'], ...overrides });
  const owner = (): Caller => caller({ roles: ['analyst'] });
  const make = (who: Caller, input: object = {}) => world.services.dashboards.create(who, { name: 'Sales', ...input });
  const count = async (table: string, tenantId: string): Promise<number> => {
    const { rows } = await world.db.inTenant(tenantId, (tx) =>
      sql<{ n: string }>`select count(*) as n from ${sql.table(table)} where tenant_id = ${tenantId}`.execute(tx),
    );
    return Number(rows[0]!.n);
  };

  it('are made, read, changed and listed', async () => {
    const who = owner();
    const made = await make(who, {
      description: 'd',
      tags: ['a', 'b'],
      filters: [{ field: 'region', operator: 'equals', values: ['Europe'] }],
    });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^dash-/),
      version: 1,
      visibility: 'private',
      ownerId: who.userId,
      tags: ['a', 'b'],
    });
    const changed = await world.services.dashboards.update(who, { dashboardId: made.id, name: 'Sales 2', tags: ['c'] });
    expect(changed).toMatchObject({ name: 'Sales 2', description: 'd', version: 2, filters: [{ field: 'region' }] });
    expect(await world.services.dashboards.find(who, made.id)).toEqual(changed);
    const { nodes, totalCount } = await world.services.dashboards.list(who, {}, { tag: 'c' });
    expect([nodes.map(({ id }) => id), totalCount]).toEqual([[made.id], 1]);
    expect((await world.services.dashboards.list(who, {}, { tag: 'a' })).nodes).toEqual([]);
  });

  it.each([
    ['no name', { name: '  ' }, 'name'],
    ['an unknown visibility', { visibility: 'everyone' }, 'visibility'],
    ['an unknown operator', { filters: [{ field: 'region', operator: 'resembles', values: [] }] }, 'filters[0].operator'],
    ['a filter without a field', { filters: [{ field: '', operator: 'equals', values: [1] }] }, 'filters[0].field'],
    ['a structure as a value', { filters: [{ field: 'region', operator: 'equals', values: [{ $gt: 1 }] }] }, 'filters[0].values[0]'],
    ['31 tags', { tags: Array.from({ length: 31 }, (_, n) => `t${n}`) }, 'tags'],
  ])('are refused with %s, and the field is named', async (_what, input, field) => {
    const who = owner();
    const refusal = await make(who, input).catch((error: unknown) => error);
    expect(refusal).toHaveCode('INVALID_REQUEST');
    expect(refusal).toMatchObject({ field });
    expect(await count('dash_dashboards', who.tenantId)).toBe(0);
  });

  it('know the operators that the sql domain compiles', () => {
    expect([...filterOperators]).toEqual([...compiledOperators]);
  });

  it('page without losing any, also where many are made in one millisecond', async () => {
    const who = owner();
    const made = await Promise.all(Array.from({ length: 13 }, (_, n) => make(who, { name: `d${n}` })));
    for (const sort of ['created_at', 'updated_at', 'name'] as const) {
      const seen: string[] = [];
      for (let after: string | undefined, more = true; more;) {
        const page = await world.services.dashboards.list(who, { first: 4, ...(after ? { after } : {}) }, { sort });
        seen.push(...page.nodes.map(({ id }) => id));
        [after, more] = [page.pageInfo.endCursor ?? undefined, page.pageInfo.hasNextPage];
      }
      expect(new Set(seen)).toEqual(new Set(made.map(({ id }) => id)));
      expect(seen).toHaveLength(13);
    }
  });

  describe('belong to someone', () => {
    it('a viewer changes nothing', async () => {
      const who = owner();
      const viewer = colleague(who, { roles: ['viewer'] });
      const { id } = await make(who, { visibility: 'tenant' });
      const { dashboards, widgets, history, sharing } = world.services;
      for (const attempt of [
        () => dashboards.create(viewer, { name: 'x' }),
        () => dashboards.update(viewer, { dashboardId: id, name: 'x' }),
        () => dashboards.remove(viewer, id),
        () => widgets.add(viewer, { dashboardId: id, ...metric }),
        () => history.clone(viewer, { dashboardId: id }),
        () => history.importDocument(viewer, { name: 'x' }),
        () => sharing.share(viewer, { dashboardId: id, visibility: 'public' }),
        () => sharing.createLink(viewer, { dashboardId: id }),
      ])
        await expect(attempt()).rejects.toHaveCode('FORBIDDEN');
      expect(await dashboards.find(viewer, id)).toMatchObject({ version: 1 });
      expect([await count('dash_dashboards', who.tenantId), await count('dash_links', who.tenantId)]).toEqual([1, 0]);
    });

    it("another tenant's is NOT_FOUND for reading and writing, and nothing is written", async () => {
      const [who, stranger] = [owner(), caller()];
      const { id } = await make(who, { visibility: 'public' });
      const { widget } = await world.services.widgets.add(who, { dashboardId: id, ...metric });
      const { dashboards, widgets, history, sharing, data, exports, schedules, alerts } = world.services;
      for (const attempt of [
        () => dashboards.find(stranger, id),
        () => dashboards.update(stranger, { dashboardId: id, name: 'x' }),
        () => dashboards.remove(stranger, id),
        () => dashboards.undelete(stranger, id),
        () => widgets.update(stranger, { dashboardId: id, widgetId: widget.id, name: 'x' }),
        () => history.versions(stranger, id),
        () => history.restore(stranger, { dashboardId: id, version: 1 }),
        () => history.clone(stranger, { dashboardId: id }),
        () => sharing.share(stranger, { dashboardId: id, visibility: 'private' }),
        () => sharing.createLink(stranger, { dashboardId: id }),
        () => data.load(stranger, id),
        () => exports.export(stranger, { dashboardId: id, format: 'json' }),
        () =>
          alerts.create(stranger, {
            name: 'a',
            widgetId: widget.id,
            condition: { operator: 'greater_than', threshold: 1 },
            schedule: '0 9 * * *',
            channels: [],
          }),
      ])
        await expect(attempt()).rejects.toHaveCode('NOT_FOUND');
      await expect(schedules.list(stranger)).resolves.toEqual([]);
      expect(await widgets.findMany(stranger, [widget.id])).toEqual([null]);
      expect(await dashboards.find(who, id)).toMatchObject({ version: 2, name: 'Sales' });
      expect(await count('dash_alerts', stranger.tenantId)).toBe(0);
    });

    it('who may see them follows visibility, shares, teams and administration', async () => {
      const who = owner();
      const [friend, teamMate, other, admin] = [
        colleague(who),
        colleague(who, { attributes: { teams: ['north'] } }),
        colleague(who),
        colleague(who, { roles: ['admin'] }),
      ];
      const { id } = await make(who);
      const see = async () =>
        Promise.all(
          [friend, teamMate, other, admin].map(async (each) => {
            const [found] = await world.services.dashboards.findMany(each, [id]);
            const listed = (await world.services.dashboards.list(each, {}, {})).nodes.some((node) => node.id === id);
            expect(listed).toBe(found !== null);
            return listed;
          }),
        );
      expect(await see()).toEqual([false, false, false, true]);
      await world.services.sharing.share(who, {
        dashboardId: id,
        visibility: 'team',
        sharedWith: [
          { userId: friend.userId, permission: 'edit' },
          { teamId: 'north', permission: 'view' },
        ],
      });
      expect(await see()).toEqual([true, true, false, true]);
      await expect(world.services.dashboards.update(friend, { dashboardId: id, name: 'by a friend' })).resolves.toMatchObject({
        name: 'by a friend',
      });
      await expect(world.services.dashboards.update(teamMate, { dashboardId: id, name: 'x' })).rejects.toHaveCode('FORBIDDEN');
      await expect(world.services.dashboards.update(other, { dashboardId: id, name: 'x' })).rejects.toHaveCode('NOT_FOUND');
      await world.services.sharing.share(who, { dashboardId: id, visibility: 'tenant', sharedWith: [] });
      expect(await see()).toEqual([true, true, true, true]);
      await expect(world.services.dashboards.update(friend, { dashboardId: id, name: 'x' })).rejects.toHaveCode('FORBIDDEN');
    });

    it('whoever may edit sends the whole back, and only the owner opens it to others or deletes it', async () => {
      const who = owner();
      const editor = colleague(who);
      const { id } = await make(who);
      await world.services.sharing.share(who, { dashboardId: id, sharedWith: [{ userId: editor.userId, permission: 'edit' }] });
      await expect(world.services.dashboards.update(editor, { dashboardId: id, name: 'n', visibility: 'private' })).resolves.toMatchObject({
        name: 'n',
      });
      await expect(world.services.dashboards.update(editor, { dashboardId: id, visibility: 'public' })).rejects.toHaveCode('FORBIDDEN');
      await expect(world.services.dashboards.remove(editor, id)).rejects.toHaveCode('FORBIDDEN');
      await expect(world.services.sharing.share(editor, { dashboardId: id, visibility: 'public' })).rejects.toHaveCode('FORBIDDEN');
      expect(await world.services.dashboards.find(who, id)).toMatchObject({ visibility: 'private', deletedAt: null });
    });

    it('someone named twice in a share has the wider permission', async () => {
      const who = owner();
      const friend = colleague(who);
      const { id } = await make(who);
      const twice = [
        { userId: friend.userId, permission: 'edit' },
        { userId: friend.userId, permission: 'view' },
      ];
      const { shares } = await world.services.sharing.share(who, { dashboardId: id, sharedWith: twice });
      expect(shares).toEqual([{ userId: friend.userId, teamId: null, permission: 'edit' }]);
    });
  });

  describe('have versions', () => {
    it('refuse a change that is based on another version, saying which is which', async () => {
      const who = owner();
      const { id } = await make(who);
      await world.services.dashboards.update(who, { dashboardId: id, name: 'second', expectedVersion: 1 });
      const late = await world.services.dashboards
        .update(who, { dashboardId: id, name: 'third', expectedVersion: 1 })
        .catch((error: unknown) => error);
      expect(late).toHaveCode('PRECONDITION_FAILED');
      expect(late).toMatchObject({ details: { expected: 1, actual: 2 } });
      await expect(world.services.dashboards.remove(who, id, 1)).rejects.toHaveCode('PRECONDITION_FAILED');
      expect(await world.services.dashboards.find(who, id)).toMatchObject({ name: 'second', version: 2 });
    });

    it('keep what two editors change at once', async () => {
      const who = owner();
      const { id } = await make(who);
      const added = await Promise.all(
        Array.from({ length: 8 }, (_, n) => world.services.widgets.add(who, { dashboardId: id, ...metric, name: `w${n}` })),
      );
      const changes = added.map(({ widget }, n) =>
        world.services.widgets.update(who, { dashboardId: id, widgetId: widget.id, config: { n } }),
      );
      await Promise.all([
        ...changes,
        world.services.dashboards.update(who, { dashboardId: id, name: 'renamed' }),
        world.services.dashboards.update(who, { dashboardId: id, tags: ['t'] }),
      ]);
      const now = await world.services.dashboards.find(who, id);
      expect(now).toMatchObject({ name: 'renamed', tags: ['t'], version: 1 + 8 + 8 + 2 });
      expect(now.widgets.map(({ name, config }) => [name, config]).sort()).toEqual(
        added.map(({ widget }, n) => [widget.name, { n }]).sort(),
      );
      expect(await count('dash_versions', who.tenantId)).toBe(19);
    });

    it('say what each changed, and go back to one as a new version', async () => {
      const who = owner();
      const { id } = await make(who);
      const { widget } = await world.services.widgets.add(who, { dashboardId: id, ...byRegion });
      await world.services.widgets.update(who, { dashboardId: id, widgetId: widget.id, name: 'Regions' });
      await world.services.dashboards.update(who, { dashboardId: id, visibility: 'tenant' });
      const versions = await world.services.history.versions(who, id);
      expect(versions.map(({ version, differences }) => [version, differences.map(({ path }) => path)])).toEqual([
        [4, ['visibility']],
        [3, [`widgets.${widget.id}.name`]],
        [2, [`widgets.${widget.id}`]],
        [1, []],
      ]);
      expect(versions[1]!.differences[0]).toMatchObject({ before: 'By region', after: 'Regions' });
      const restored = await world.services.history.restore(who, { dashboardId: id, version: 1 });
      expect(restored).toMatchObject({ version: 5, widgets: [], visibility: 'tenant' });
      expect(await world.services.history.restore(who, { dashboardId: id, version: 3 })).toMatchObject({
        version: 6,
        widgets: [{ id: widget.id, name: 'Regions' }],
      });
      await expect(world.services.history.restore(who, { dashboardId: id, version: 99 })).rejects.toHaveCode('NOT_FOUND');
    });

    it('write no version for a change that changes nothing', async () => {
      const who = owner();
      const { id } = await make(who);
      expect(await world.services.dashboards.update(who, { dashboardId: id, name: 'Sales' })).toMatchObject({ version: 1 });
    });

    it('are gone when deleted, and come back whole', async () => {
      const who = owner();
      const { id } = await make(who);
      const { widget } = await world.services.widgets.add(who, { dashboardId: id, ...metric });
      await world.services.dashboards.remove(who, id);
      await expect(world.services.dashboards.find(who, id)).rejects.toHaveCode('NOT_FOUND');
      expect(await world.services.widgets.findMany(who, [widget.id])).toEqual([null]);
      expect((await world.services.dashboards.list(who, {}, {})).nodes).toEqual([]);
      expect((await world.services.dashboards.list(who, {}, { deleted: true })).nodes).toMatchObject([{ id }]);
      await expect(world.services.dashboards.undelete(colleague(who), id)).rejects.toHaveCode('NOT_FOUND');
      expect(await world.services.dashboards.undelete(who, id)).toMatchObject({ widgets: [{ id: widget.id }], deletedAt: null });
      await expect(world.services.dashboards.undelete(who, id)).rejects.toHaveCode('NOT_FOUND');
    });

    it('cannot be restored after thirty days, and the next deletion ends them', async () => {
      const who = owner();
      const [old, other] = [await make(who), await make(who)];
      await world.services.dashboards.remove(who, old.id);
      await world.db.inTenant(who.tenantId, (tx) =>
        sql`update dash_dashboards set deleted_at = now() - interval '31 days' where tenant_id = ${who.tenantId} and id = ${old.id}`.execute(
          tx,
        ),
      );
      await expect(world.services.dashboards.undelete(who, old.id)).rejects.toHaveCode('NOT_FOUND');
      await world.services.dashboards.remove(who, other.id);
      expect(await count('dash_dashboards', who.tenantId)).toBe(1);
    });
  });

  describe('are copied', () => {
    it('by a colleague who may see them, with widgets of their own', async () => {
      const who = owner();
      const { id } = await make(who, { visibility: 'tenant', tags: ['a'] });
      const { widget } = await world.services.widgets.add(who, { dashboardId: id, ...metric });
      const reader = colleague(who);
      const copy = await world.services.history.clone(reader, { dashboardId: id });
      expect(copy).toMatchObject({
        name: 'Sales (copy)',
        visibility: 'private',
        ownerId: reader.userId,
        tags: ['a'],
        widgets: [{ name: 'Revenue' }],
      });
      expect(copy.widgets[0]!.id).not.toBe(widget.id);
    });

    it('through an exported document, into another tenant', async () => {
      const who = owner();
      const { id } = await make(who, { tags: ['a'], filters: [{ field: 'region', operator: 'is_null' }] });
      await world.services.widgets.add(who, { dashboardId: id, ...byRegion, config: { color_scheme: 'tableau10' } });
      await world.services.widgets.add(who, { dashboardId: id, name: 'Note', widgetType: 'text', config: { text: 'hello' } });
      await world.services.widgets.add(who, {
        dashboardId: id,
        name: 'By parameter',
        widgetType: 'table',
        dataSource: { sql: 'select region from sales', parameters: { min_amount: 3, Other_Name: null }, cacheTtlSeconds: 5 },
      });
      const exported = async (of: Caller, dashboardId: string) =>
        JSON.parse((await world.services.exports.export(of, { dashboardId, format: 'json' })).content.toString()) as { widgets: object[] };
      const document = await exported(who, id);
      const elsewhere = owner();
      const imported = await world.services.history.importDocument(elsewhere, document);
      const plain = ({ id: _id, ...widget }: { id: string }): object => JSON.parse(JSON.stringify(widget)) as object;
      const original = await world.services.dashboards.find(who, id);
      expect(imported).toMatchObject({ name: 'Sales', tags: ['a'], filters: original.filters, visibility: 'private' });
      expect(imported.widgets.map(plain)).toEqual(original.widgets.map(plain));
      expect(document.widgets).toMatchObject([
        { config: { color_scheme: 'tableau10' } },
        {},
        { data_source: { parameters: { Other_Name: null } } },
      ]);
      const bare = JSON.parse(JSON.stringify(await world.services.history.exportDocument(who, id))) as unknown;
      const again = await world.services.history.importDocument(elsewhere, bare);
      expect(JSON.parse(JSON.stringify(await world.services.history.exportDocument(elsewhere, again.id)))).toEqual(bare);
      for (const each of [document, bare]) expect(JSON.stringify(each)).not.toContain(who.tenantId);
    });

    it.each([
      ['five megabytes', { name: 'x', description: 'a'.repeat(5_000_001) }, 'PAYLOAD_TOO_LARGE'],
      [
        '201 widgets',
        { name: 'x', widgets: Array.from({ length: 201 }, (_, n) => ({ ...metric, position: { x: 0, y: n, width: 1, height: 1 } })) },
        'INVALID_REQUEST',
      ],
      [
        'a widget without data',
        { name: 'x', widgets: [{ name: 'w', widgetType: 'table', position: { x: 0, y: 0, width: 1, height: 1 } }] },
        'INVALID_REQUEST',
      ],
      [
        'overlaps',
        { name: 'x', widgets: [1, 2].map(() => ({ ...metric, position: { x: 0, y: 0, width: 1, height: 1 } })) },
        'INVALID_REQUEST',
      ],
      ['nothing', null, 'INVALID_REQUEST'],
    ] as const)('but a document with %s is refused', async (_what, document, code) => {
      const who = owner();
      await expect(world.services.history.importDocument(who, document)).rejects.toHaveCode(code);
      expect(await count('dash_dashboards', who.tenantId)).toBe(0);
    });
  });

  describe('have a layout of twelve columns', () => {
    it('refuse an overlap with the free place named, which then fits', async () => {
      const who = owner();
      const { id } = await make(who);
      const { widget } = await world.services.widgets.add(who, {
        dashboardId: id,
        ...metric,
        position: { x: 0, y: 0, width: 8, height: 4 },
      });
      const refusal = (await world.services.widgets
        .add(who, { dashboardId: id, ...byRegion, position: { x: 4, y: 0, width: 6, height: 4 } })
        .catch((error: unknown) => error)) as { details: { free: object }; message: string };
      expect(refusal).toHaveCode('INVALID_REQUEST');
      expect(refusal).toMatchObject({ details: { overlaps: widget.id, free: { x: 0, y: 4, width: 6, height: 4 } } });
      expect(refusal.message).toContain('overlaps Revenue; free is x 0, y 4');
      await expect(
        world.services.widgets.add(who, { dashboardId: id, ...byRegion, position: refusal.details.free }),
      ).resolves.toBeDefined();
    });

    it('give a widget without a place the first free one', async () => {
      const who = owner();
      const { id } = await make(who);
      const places = [];
      for (let n = 0; n < 3; n += 1) places.push((await world.services.widgets.add(who, { dashboardId: id, ...metric })).widget.position);
      expect(places.map(({ x, y }) => [x, y])).toEqual([
        [0, 0],
        [6, 0],
        [0, 4],
      ]);
    });

    it.each([
      [{ x: -1, y: 0, width: 1, height: 1 }, 'position.x'],
      [{ x: 0, y: -1, width: 1, height: 1 }, 'position.y'],
      [{ x: 0, y: 0, width: 0, height: 1 }, 'position.width'],
      [{ x: 8, y: 0, width: 5, height: 1 }, 'position.width'],
      [{ x: 0, y: 0, width: 1, height: 1.5 }, 'position.height'],
    ])('refuse %j', async (position, field) => {
      const who = owner();
      const { id } = await make(who);
      await expect(world.services.widgets.add(who, { dashboardId: id, ...metric, position })).rejects.toMatchObject({ field });
    });

    it('move all at once, so that two can change places', async () => {
      const who = owner();
      const { id } = await make(who);
      const [a, b] = [
        await world.services.widgets.add(who, { dashboardId: id, ...metric }),
        await world.services.widgets.add(who, { dashboardId: id, ...byRegion }),
      ];
      const positions = [
        { widgetId: a.widget.id, position: b.widget.position },
        { widgetId: b.widget.id, position: a.widget.position },
      ];
      const moved = await world.services.widgets.layOut(who, { dashboardId: id, positions });
      expect(moved.widgets.map(({ position }) => position.x)).toEqual([6, 0]);
      const foreign = (await make(who)).id;
      await expect(world.services.widgets.layOut(who, { dashboardId: foreign, positions })).rejects.toHaveCode('NOT_FOUND');
    });

    it('hold 200 widgets and no more', async () => {
      const who = owner();
      const widgets = Array.from({ length: 200 }, (_, n) => ({
        ...metric,
        position: { x: n % 12, y: Math.floor(n / 12), width: 1, height: 1 },
      }));
      const { id } = await world.services.history.importDocument(who, { name: 'full', widgets });
      await expect(world.services.widgets.add(who, { dashboardId: id, ...metric })).rejects.toMatchObject({
        field: 'widgets',
        details: { maximum: 200 },
      });
      expect(await world.services.dashboards.find(who, id)).toMatchObject({ version: 1 });
    });
  });
});
