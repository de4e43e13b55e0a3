import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import express from 'express';
import { sql } from 'kysely';

import type { Caller } from '#platform/auth';

import { caller } from '../kit/caller';

import { allSales, byRegion, dashboardWorld, metric, type DashboardWorld } from './world';

describe('links of dashboards', () => {
  let world: DashboardWorld;
  let base: string;
  let close: () => void;
  beforeAll(async () => {
    world = await dashboardWorld();
    const server = express().use('/embed', world.subgraph.embed).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/embed/`;
    close = () => void server.close();
  });
  afterAll(async () => {
    close?.();
    await world?.[Symbol.asyncDispose]();
  });

  const make = async (who: Caller, widgets: readonly object[], settings: object = {}): Promise<string> => {
    const { id } = await world.services.dashboards.create(who, { name: 'Sales', ...settings });
    for (const widget of widgets) await world.services.widgets.add(who, { dashboardId: id, ...widget });
    return id;
  };
  const link = async (who: Caller, dashboardId: string, input: object = {}): Promise<{ id: string; token: string }> => {
    const { id, token } = await world.services.sharing.createLink(who, { dashboardId, ...input });
    return { id, token: token! };
  };
  const open = (token: string) => world.services.sharing.open(token);

  it('show what their maker sees, to anyone, and nothing of other dashboards', async () => {
    const who = caller({ roles: ['analyst'], attributes: { region: 'Europe' } });
    const id = await make(who, [metric]);
    const { token } = await link(who, id);
    const { dashboard, data } = await open(token);
    expect(dashboard.id).toBe(id);
    expect(data.widgets[0]!.result!.rows).toEqual([[1320]]);
  });

  it('keep the filters of the moment in which they were made', async () => {
    const who = caller();
    const id = await make(who, [allSales], { filters: [{ field: 'region', operator: 'equals', values: ['Asia'] }] });
    const { token } = await link(who, id);
    await world.services.dashboards.update(who, { dashboardId: id, filters: [] });
    expect((await world.services.data.load(who, id)).widgets[0]!.result!.rows).toHaveLength(90);
    expect((await open(token)).data.widgets[0]!.result!.rows).toHaveLength(30);
  });

  it('are one answer when they are tampered with, expired, revoked, never made, or of a deleted dashboard', async () => {
    const who = caller();
    const id = await make(who, [metric]);
    const [expired, revoked, good] = [await link(who, id), await link(who, id), await link(who, id)];
    await world.db.inTenant(who.tenantId, (tx) =>
      sql`update dash_links set expires_at = now() - interval '1 second' where tenant_id = ${who.tenantId} and id = ${expired.id}`.execute(
        tx,
      ),
    );
    await world.services.sharing.revokeLink(who, { dashboardId: id, linkId: revoked.id });
    const [payload, signature] = good.token.split('.') as [string, string];
    const forged = Buffer.from(JSON.stringify([caller().tenantId, good.id])).toString('base64url');
    const messages = new Set<string>();
    for (const token of [
      expired.token,
      revoked.token,
      `${forged}.${signature}`,
      `${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      `${payload}.`,
      payload,
      `${good.token}.x`,
      '',
      'a.b',
      `${'a'.repeat(5_000)}.b`,
    ]) {
      const failure = (await open(token).catch((error: unknown) => error)) as Error;
      expect(failure).toHaveCode('NOT_FOUND');
      messages.add(failure.message);
    }
    expect(messages.size).toBe(1);
    await expect(open(good.token)).resolves.toBeDefined();
    await world.services.dashboards.remove(who, id);
    await expect(open(good.token)).rejects.toHaveCode('NOT_FOUND');
  });

  it('end when their maker loses the dashboard', async () => {
    const [who, admin] = [caller({ roles: ['analyst'] }), caller()];
    const id = await make(who, [metric]);
    const { token } = await link(who, id);
    await world.db.inTenant(who.tenantId, (tx) =>
      sql`update dash_dashboards set owner_id = ${admin.userId} where tenant_id = ${who.tenantId} and id = ${id}`.execute(tx),
    );
    await expect(open(token)).rejects.toHaveCode('NOT_FOUND');
  });

  it('are made, listed and revoked by the owner only, and their secret is shown once', async () => {
    const who = caller({ roles: ['analyst'] });
    const reader = caller({ tenantId: who.tenantId, roles: ['analyst'] });
    const id = await make(who, [metric], { visibility: 'tenant' });
    const { id: linkId } = await link(who, id, { expiresInHours: 1 });
    for (const attempt of [
      () => link(reader, id),
      () => world.services.sharing.links(reader, id),
      () => world.services.sharing.revokeLink(reader, { dashboardId: id, linkId }),
    ]) {
      await expect(attempt()).rejects.toHaveCode('FORBIDDEN');
    }
    expect(await world.services.sharing.links(who, id)).toMatchObject([{ id: linkId, token: null, revokedAt: null }]);
    await expect(link(who, id, { expiresInHours: 10_000 })).rejects.toHaveCode('INVALID_REQUEST');
    await expect(link(who, id, { expiresInHours: -1 })).rejects.toHaveCode('INVALID_REQUEST');
    const other = await make(who, []);
    await expect(world.services.sharing.revokeLink(who, { dashboardId: other, linkId })).rejects.toHaveCode('NOT_FOUND');
  });

  it('open as a page without scripts, on which every text is a text', async () => {
    const who = caller();
    const note = { name: '<img src=x onerror=alert(1)>', widgetType: 'text', config: { text: '<script>alert(2)</script> & more' } };
    const broken = { ...metric, name: 'Broken', dataSource: { sql: 'select nothing' } };
    const id = await make(who, [note, byRegion, allSales, broken], { name: '"><script>alert(3)</script>' });
    const answer = await fetch(base + (await link(who, id)).token);
    const page = await answer.text();
    expect(answer.status).toBe(200);
    const policy = answer.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src|unsafe-eval|\*/);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page).not.toMatch(/<script|<img src=x|<b>/i);
    expect(page).toContain('&#60;script&#62;alert(2)&#60;/script&#62; &#38; more');
    expect(page).toContain('src="data:image/svg+xml;base64,');
    expect(page).toContain('O&#39;Neil');
    expect(page.match(/<section style="grid-column:\d+\/span \d+;grid-row:\d+\/span \d+">/g)).toHaveLength(4);
  });

  it('answer 404 as a page for a link that is not one, and only read', async () => {
    const wrong = await fetch(`${base}nothing.here`);
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(await wrong.text()).not.toMatch(/tenant|stack/i);
    const posted = await fetch(`${base}nothing.here`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});
