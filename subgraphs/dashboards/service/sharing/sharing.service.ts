import { createHmac, timingSafeEqual } from 'node:crypto';

import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, newId, type Database } from '#platform/db';
import { errors, readInput } from '#platform/errors';

import type { DashboardTables } from '../../store/rows';
import type { SharingStore, StoredLink, StoredShare } from '../../store/sharing.store';
import type { AccessControl } from '../dashboard/access';
import { toDashboard, type DashboardService } from '../dashboard/dashboard.service';
import { visibilities, type Dashboard, type DashboardFilter } from '../dashboard/model';
import type { DashboardData, WidgetDataService } from '../data/widget-data.service';
import { policy } from '../policy';

const share = z
  .object({
    userId: z.string().min(1).max(200).nullish(),
    teamId: z.string().min(1).max(200).nullish(),
    permission: z.enum(['view', 'edit']),
  })
  .refine(({ userId, teamId }) => (userId == null) !== (teamId == null), { message: 'name either a user_id or a team_id' });
const shareRules = z.object({
  dashboardId: z.string(),
  visibility: z.enum(visibilities).nullish(),
  sharedWith: z.array(share).max(200).nullish(),
});
const linkRules = z.object({
  dashboardId: z.string(),
  expiresInHours: z.number().min(1, 'it must be 1 to 8,760').max(8_760, 'it must be 1 to 8,760').nullish(),
});

export interface Share {
  readonly userId: string | null;
  readonly teamId: string | null;
  readonly permission: 'view' | 'edit';
}

export interface LinkView {
  readonly id: string;
  readonly dashboardId: string;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly createdAt: Date;
  /** Only when it is made; afterwards nobody can read it again. */
  readonly token: string | null;
}

export interface SharingParts {
  readonly db: Database<DashboardTables>;
  readonly store: SharingStore;
  readonly access: AccessControl;
  readonly dashboards: DashboardService;
  readonly data: WidgetDataService;
  /** Signs links. */
  readonly secret: string;
  readonly now?: () => Date;
}

/** Who else may see a dashboard: people, teams, everyone in the tenant, or whoever holds a link. */
export class SharingService {
  constructor(private readonly parts: SharingParts) {}

  async share(caller: Caller, input: unknown): Promise<{ dashboard: Dashboard; shares: Share[] }> {
    policy.require(caller, 'dashboard:share');
    const { dashboardId, visibility, sharedWith } = readInput(shareRules, input);
    const { tenantId } = caller;
    let shares: StoredShare[] = [];
    const dashboard = await this.parts.dashboards.change(caller, {
      id: dashboardId,
      what: 'sharing changed',
      needs: 'own',
      apply: (document) => ({ ...document, visibility: visibility ?? document.visibility }),
      also: async (tx) => {
        if (sharedWith) await this.parts.store.replaceShares(tx, { tenantId, dashboardId }, toRows(sharedWith, { tenantId, dashboardId }));
        shares = await this.parts.store.shares(tx, tenantId, [dashboardId]);
      },
    });
    return { dashboard, shares: shares.map(toShare) };
  }

  /** A read-only link: it shows what its maker sees, with the filters as they are now, until it expires or is revoked. */
  async createLink(caller: Caller, input: unknown): Promise<LinkView> {
    policy.require(caller, 'dashboard:share');
    const { dashboardId, expiresInHours } = readInput(linkRules, input);
    const { tenantId, userId, roles, tier, attributes } = caller;
    return this.parts.db.inTenant(tenantId, async (tx) => {
      const row = await this.parts.access.require(tx, caller, { id: dashboardId, needs: 'own' });
      const { filters } = toDashboard(row);
      // Reading is all a link can do, whatever its maker may: row policies hold by the maker's role and attributes.
      const sharer = { tenantId, userId, roles, tier, attributes };
      const link = await this.parts.store.insertLink(tx, {
        tenant_id: tenantId,
        id: newId('lnk'),
        dashboard_id: dashboardId,
        sharer: json(sharer),
        filters: json(filters),
        expires_at: new Date(this.now().getTime() + (expiresInHours ?? 168) * 3_600_000),
        revoked_at: null,
      });
      return toLinkView(link, this.sign(tenantId, link.id));
    });
  }

  async links(caller: Caller, dashboardId: string): Promise<LinkView[]> {
    policy.require(caller, 'dashboard:share');
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      await this.parts.access.require(tx, caller, { id: dashboardId, needs: 'own' });
      return (await this.parts.store.links(tx, caller.tenantId, dashboardId)).map((link) => toLinkView(link, null));
    });
  }

  async revokeLink(caller: Caller, { dashboardId, linkId }: { dashboardId: string; linkId: string }): Promise<LinkView> {
    policy.require(caller, 'dashboard:share');
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      await this.parts.access.require(tx, caller, { id: dashboardId, needs: 'own' });
      const link = await this.parts.store.link(tx, caller.tenantId, linkId);
      if (!link || link.dashboard_id !== dashboardId) throw errors.NOT_FOUND({ kind: 'link' });
      return toLinkView((await this.parts.store.revoke(tx, caller.tenantId, linkId))!, null);
    });
  }

  /** What a link shows, for whoever holds it. Tampered, expired, revoked and never made look alike: NOT_FOUND. */
  async open(token: string, signal?: AbortSignal): Promise<{ dashboard: Dashboard; data: DashboardData }> {
    const gone = errors.NOT_FOUND({ kind: 'link, or it has expired' });
    const { tenantId, linkId } = this.verify(token) ?? {};
    if (!tenantId || !linkId) throw gone;
    const link = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.link(tx, tenantId, linkId));
    if (!link || link.revoked_at || link.expires_at <= this.now()) throw gone;
    const sharer = link.sharer as Caller;
    const dashboard = await this.parts.dashboards.find(sharer, link.dashboard_id);
    const locked = { ...dashboard, filters: link.filters as DashboardFilter[] };
    return { dashboard: locked, data: await this.parts.data.loadFor(sharer, locked, { signal }) };
  }

  private now(): Date {
    return (this.parts.now ?? (() => new Date()))();
  }

  private sign(tenantId: string, linkId: string): string {
    const payload = Buffer.from(JSON.stringify([tenantId, linkId])).toString('base64url');
    return `${payload}.${this.digest(payload)}`;
  }

  private digest(payload: string): string {
    return createHmac('sha256', this.parts.secret).update(`dashboard-link:${payload}`).digest('base64url');
  }

  private verify(token: string): { tenantId: string; linkId: string } | null {
    const [payload, given, rest] = token.split('.');
    if (!payload || !given || rest !== undefined || token.length > 2_000) return null;
    const [a, b] = [Buffer.from(given), Buffer.from(this.digest(payload))];
    if (a.length !== b.length || !timingSafeEqual(a, b)) return null;
    const [tenantId, linkId] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, string];
    return { tenantId, linkId };
  }
}

/** One row a subject: named twice, the wider permission holds. */
function toRows(
  shares: readonly z.infer<typeof share>[],
  { tenantId, dashboardId }: { tenantId: string; dashboardId: string },
): StoredShare[] {
  const rows = new Map<string, StoredShare>();
  for (const { userId, teamId, permission } of shares) {
    const row: StoredShare = {
      tenant_id: tenantId,
      dashboard_id: dashboardId,
      subject_type: userId ? 'user' : 'team',
      subject_id: (userId ?? teamId)!,
      permission,
    };
    const key = JSON.stringify([row.subject_type, row.subject_id]);
    if (rows.get(key)?.permission !== 'edit') rows.set(key, row);
  }
  return [...rows.values()];
}

const toShare = ({ subject_type: type, subject_id: id, permission }: StoredShare): Share => ({
  userId: type === 'user' ? id : null,
  teamId: type === 'team' ? id : null,
  permission: permission as Share['permission'],
});

const toLinkView = (link: StoredLink, token: string | null): LinkView => ({
  id: link.id,
  dashboardId: link.dashboard_id,
  expiresAt: link.expires_at,
  revokedAt: link.revoked_at,
  createdAt: link.created_at,
  token,
});
