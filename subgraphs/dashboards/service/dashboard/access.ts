import { hasRole, type Caller } from '#platform/auth';
import type { Tx } from '#platform/db';
import { errors } from '#platform/errors';

import type { DashboardStore, StoredDashboard, Viewer } from '../../store/dashboard.store';
import type { DashboardTables } from '../../store/rows';
import type { SharingStore, StoredShare } from '../../store/sharing.store';

export type Access = 'none' | 'view' | 'edit' | 'own';

/** Teams of a caller, from the token's `attributes.teams`. */
export const teamsOf = (caller: Caller): readonly string[] => {
  const teams = caller.attributes?.teams;
  return teams === undefined ? [] : typeof teams === 'string' ? [teams] : teams;
};

export const viewerOf = (caller: Caller): Viewer => ({
  tenantId: caller.tenantId,
  userId: caller.userId,
  teams: teamsOf(caller),
  isAdmin: hasRole(caller, 'admin'),
});

/** What a caller may do with one dashboard: its owner and the tenant's admins own it, shares give view or edit, visibility gives view. */
export function accessTo(
  caller: Caller,
  dashboard: Pick<StoredDashboard, 'owner_id' | 'visibility'>,
  shares: readonly StoredShare[],
): Access {
  if (dashboard.owner_id === caller.userId || hasRole(caller, 'admin')) return 'own';
  const teams = teamsOf(caller);
  const mine = shares.filter(({ subject_type: type, subject_id: id }) => (type === 'user' ? id === caller.userId : teams.includes(id)));
  if (mine.some(({ permission }) => permission === 'edit')) return 'edit';
  if (mine.length > 0 || dashboard.visibility === 'tenant' || dashboard.visibility === 'public') return 'view';
  return 'none';
}

const order: readonly Access[] = ['none', 'view', 'edit', 'own'];

export class AccessControl {
  constructor(
    private readonly dashboards: DashboardStore,
    private readonly sharing: SharingStore,
  ) {}

  /** The dashboard, with at least this access. What the caller may not even see is NOT_FOUND, like another tenant's. */
  async require(
    tx: Tx<DashboardTables>,
    caller: Caller,
    { id, needs, lock = false }: { id: string; needs: Exclude<Access, 'none'>; lock?: boolean },
  ): Promise<StoredDashboard> {
    const row = lock ? await this.dashboards.lock(tx, caller.tenantId, id) : await this.dashboards.find(tx, caller.tenantId, id);
    if (!row || row.deleted_at) throw errors.NOT_FOUND({ kind: 'dashboard' });
    // Who owns it needs no share, so none is read.
    const access = accessTo(caller, row, accessTo(caller, row, []) === 'own' ? [] : await this.sharing.shares(tx, caller.tenantId, [id]));
    if (access === 'none') throw errors.NOT_FOUND({ kind: 'dashboard' });
    if (order.indexOf(access) >= order.indexOf(needs)) return row;
    throw errors.FORBIDDEN({
      hint: needs === 'own' ? 'only the owner or an administrator may do this' : 'this dashboard is shared with you for viewing only',
    });
  }
}
